"""Writes the results as Markdown tables."""

import os

from store import ROOT

DOCUMENT = os.path.join(ROOT, 'docs', 'scale.md')
BEGIN = '<!-- Written by ./dev scale --write-docs from here … -->'
END = '<!-- … to here -->'

# The targets.
FACTOR = 1.5  # what the largest size may cost, compared with the smallest
MEMORY = 1.5 * (1 << 30)  # of the server, at most at any time
ANSWER_DEEP = 2  # seconds from kill -9 and a start to the first answer, with many messages
ANSWER_WIDE = 5  # the same with many queues
DISK_LIVE_FACTOR = 2  # of the live data, that a store may occupy after posting and deleting
DISK_CONSTANT = 1 << 30  # and this for logs and what is not compacted yet, in bytes


def microseconds(value):
    if value < 1000:
        return '%.0f µs' % value
    return '%.1f ms' % (value / 1000) if value < 100_000 else '%.0f ms' % (value / 1000)


def size(value):
    return '%.0f MiB' % (value / (1 << 20)) if value < 1 << 30 else '%.2f GiB' % (value / (1 << 30))


def seconds(value):
    return '–' if value is None else '%.2f s' % value


def table(head, rows):
    lines = ['| %s |' % ' | '.join(row) for row in [head, ['---'] * len(head)] + rows]
    return '\n'.join(lines) + '\n'


def cost_rows(rows):
    out = []
    for name, cells in rows.items():
        figures = list(cells.values())
        ratios = [figures[-1][part] / figures[0][part] for part in ('median', 'p99')]
        marks = ['%.2f' % ratio if ratio <= FACTOR else '**%.2f**' % ratio for ratio in ratios]
        out.append([name] + ['%s / %s' % (microseconds(cell['median']), microseconds(cell['p99']))
                             for cell in figures] + [' / '.join(marks)])
    return out


def costs(part):
    labels = list(part['stores'])
    return table(['median / p99'] + labels + ['largest to smallest'], cost_rows(part['rows']))


def stores(part):
    rows = [[label, size(store['disk']), size(store['memory_peak']), size(store['memory']),
             seconds(store['first_answer']['killed']), seconds(store['first_answer']['killed_and_cold'])]
            for label, store in part['stores'].items()]
    return table(['', 'disk', 'memory, peak', 'memory, at the end', 'first answer after `kill -9`',
                  'the same, page cache dropped'], rows)


def expiry(part):
    rows = []
    for label, found in part.items():
        for name in found['before']:
            rows.append([label, '%d' % found['expired'], name] + [
                '%s / %s / %s' % tuple(microseconds(found[when][name][what])
                                       for what in ('median', 'p99', 'max'))
                for when in ('before', 'after')] + [seconds(found['counts_right_after_seconds'])])
    return table(['', 'expire at once', 'median / p99 / longest', 'before', 'while they are swept',
                  'counts right after'], rows)


def churn(found):
    rows = [['disk before', size(found['disk_before'])],
            ['disk, most at any time', size(max(entry[1] for entry in found['disk_log']))],
            ['disk after', size(found['disk_after'])],
            ['disk after a restart', size(found['disk_restarted'])],
            ['memory, peak', size(found['memory_peak'])],
            ['first answer after `kill -9`', seconds(found['first_answer'])]]
    for name, key in (('claim before', 'claim_before'), ('the first claim after', 'claim_first'),
                      ('claims after', 'claim_after'),
                      ('the first claim after a restart', 'claim_restarted_first'),
                      ('claims after a restart', 'claim_restarted')):
        rows.append([name, '%s / %s' % (microseconds(found[key]['median']),
                                        microseconds(found[key]['p99']))])
    return table(['%d messages posted and deleted' % found['count'], ''], rows)


def missed_rows(part):
    """The rows of a part whose largest size costs too much, and how many rows there are."""
    ratios = {name: max(list(cells.values())[-1][what] / list(cells.values())[0][what]
                        for what in ('median', 'p99')) for name, cells in part['rows'].items()}
    return [name for name, ratio in ratios.items() if ratio > FACTOR], len(ratios)


def sized_targets(part, title, answer_limit):
    missed, rows = missed_rows(part)
    stores = part['stores'].values()
    peak = max(store['memory_peak'] for store in stores)
    answer = max(value for store in stores for value in store['first_answer'].values()
                 if value is not None)
    return [['%s: costs within %.1f times those at the smallest' % (title, FACTOR),
             '%d of %d rows' % (rows - len(missed), rows), not missed],
            ['%s: memory at most %s' % (title, size(MEMORY)), size(peak), peak <= MEMORY],
            ['%s: first answer after `kill -9` within %d s' % (title, answer_limit),
             seconds(answer), answer <= answer_limit]]


def churn_targets(found):
    limit = DISK_LIVE_FACTOR * 200 + DISK_CONSTANT
    ratio = found['claim_after']['median'] / found['claim_before']['median']
    return [['disk after posting and deleting within %d times the live data and %s' % (
                DISK_LIVE_FACTOR, size(DISK_CONSTANT)),
             size(found['disk_after']), found['disk_after'] <= limit],
            ['claims after posting and deleting as fast as before, by the median',
             '%.2f times' % ratio, ratio <= FACTOR]]


def targets(results):
    rows = []
    if 'deep' in results:
        rows += sized_targets(results['deep'], 'one queue', ANSWER_DEEP)
    if 'wide' in results:
        rows += sized_targets(results['wide'], 'many queues', ANSWER_WIDE)
    if 'churn' in results:
        rows += churn_targets(results['churn'])
    return table(['target', 'measured', ''],
                 [[name, value, 'met' if met else '**missed**'] for name, value, met in rows])


def tables(results):
    parts = ['### Targets\n', targets(results)]
    if 'deep' in results:
        deep = results['deep']
        parts += ['### One queue, bodies of %d bytes\n' % deep['body'], costs(deep), stores(deep)]
        if 'expiry' in deep:
            parts += ['### Expiry\n', expiry(deep['expiry'])]
    if 'wide' in results:
        parts += ['### Many queues\n', costs(results['wide']), stores(results['wide'])]
    if 'churn' in results:
        parts += ['### Posting and deleting\n', churn(results['churn'])]
    return '\n'.join(parts)


def write_docs(results):
    with open(DOCUMENT) as source:
        before, rest = source.read().split(BEGIN)
        after = rest.split(END)[1]
    with open(DOCUMENT, 'w') as out:
        out.write('%s%s\n\nMeasured on %s.\n\n%s\n%s%s' % (
            before, BEGIN, results['date'], tables(results), END, after))
