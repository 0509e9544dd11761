"""Shows the figures: on the terminal, and as the generated parts of docs/benchmarks.md."""

import json
import os
import re
import shutil

import peers
import svg
import workloads

DOCS = os.path.join(peers.ROOT, 'docs')
PAGE = os.path.join(DOCS, 'benchmarks.md')
PLOTS = os.path.join(DOCS, 'benchmarks')
COLUMNS = '%-34s %10s %10s %9s %9s %8s'


# ---- The terminal --------------------------------------------------------------------------


def print_heading():
    print(COLUMNS % ('', 'requests/s', 'messages/s', 'p50 ms', 'p99 ms', 'CPU us'))


def notes(figures):
    words = []
    if figures['database_us']:
        words.append('and %s us in the database' % number(figures['database_us']))
    if figures['failed']:
        words.append('%d failed' % figures['failed'])
    if figures['dry']:
        words.append('ran dry in %d rounds' % figures['dry'])
    return ', '.join(words)


def print_workload(workload, servers):
    print('%s: %s, %d connections' % (workload.name, workload.words, workload.connections))
    for name, figures in servers.items():
        print((COLUMNS + ' %s') % (
            '  ' + name, '%.0f' % figures['rate'], '%.0f' % figures['messages_rate'],
            '%.2f' % (figures['p50_us'] / 1e3), '%.2f' % (figures['p99_us'] / 1e3),
            '%.1f' % figures['cpu_us'], notes(figures)), flush=True)


def print_zaqar_bench(measured):
    print('zaqar-bench, requests/s')
    for name, parts in measured.items():
        print('  %-12s' % name + ''.join('  %s %.0f' % (part, figures['reqs_per_sec'])
                                         for part, figures in sorted(parts.items())
                                         if 'reqs_per_sec' in figures))


def ratio_words(value):
    return '%.2f' % value if value < 10 else '{:,.0f}'.format(value)


def print_targets(results):
    """Returns how many were missed."""
    print('\nfdatasync of 4 KiB: %.0f us' % results['disk']['fdatasync_us'])
    missed = 0
    for target in workloads.TARGETS:
        ratio = target.ratio(results)
        if ratio is None:
            continue
        met = target.met(ratio)
        missed += not met
        print('%-7s %-10s %8s x %s (%s %s)' % (
            'ok' if met else 'MISSED', target.workload, ratio_words(ratio), target.words,
            'at most' if target.at_most else 'at least', target.factor))
    return missed


# ---- The page ------------------------------------------------------------------------------


def table(heads, rows):
    lines = ['| ' + ' | '.join(heads) + ' |', '|' + ' --- |' * len(heads)]
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows])


def number(value):
    return '{:,.0f}'.format(value) if value >= 100 else '%.1f' % value


def targets_table(results):
    rows = []
    for target in workloads.TARGETS:
        ratio = target.ratio(results)
        if ratio is not None:
            bound = '%s %s' % ('≤' if target.at_most else '≥', target.factor)
            rows.append(['`%s`' % target.workload, target.words, bound, ratio_words(ratio),
                         'met' if target.met(ratio) else '**missed**'])
    return table(['Workload', 'Marconi beside', 'Target', 'Measured', ''], rows)


def figures_table(results):
    rows = []
    for name, servers in results['workloads'].items():
        workload = workloads.BY_NAME[name]
        for server, figures in servers.items():
            first = '`%s`: %s, %d connections' % (name, workload.words, workload.connections)
            rates = [entry['messages_rate'] for entry in figures['rounds']]
            rows.append([first if server == next(iter(servers)) else '', server,
                         number(figures['rate']), number(figures['messages_rate']),
                         '%s to %s' % (number(min(rates)), number(max(rates))),
                         '%.2f' % (figures['p50_us'] / 1e3), '%.2f' % (figures['p99_us'] / 1e3),
                         number(figures['cpu_us']), notes(figures)])
    return table(['Workload', 'Server', 'requests/s', 'messages/s', 'of all rounds', 'p50 ms',
                  'p99 ms', 'CPU µs', ''], rows)


def steady_words(results):
    steady = results['workloads'].get('steady')
    if not steady:
        return ''
    parts = ['%s %s of %s a second' % (name, number(figures['rate']), number(figures['top_rate']))
             for name, figures in steady.items()]
    return ('In `steady` the arrivals were ' + '; '.join(parts) + '. A latency there counts from the '
            'moment a request was due. Appending 4 KiB and `fdatasync` took %.0f µs (median, in the '
            'same run, same disk).' % results['disk']['fdatasync_us'])


def refused(part):
    failed = part['total_reqs'] - part['successful_reqs']
    return ' (%s of %s failed)' % (number(failed), number(part['total_reqs'])) if failed else ''


def zaqar_bench_table(results):
    measured = results.get('zaqar_bench')
    if not measured:
        return ''
    rows = [[name] + ['%s%s' % (number(parts[part]['reqs_per_sec']), refused(parts[part]))
                      for part in ('producer', 'observer', 'consumer')]
            for name, parts in measured.items()]
    return table(['zaqar-bench against', 'posts/s', 'lists/s', 'claims and deletions/s'], rows)


def circumstances(results):
    machine = results['machine']
    options = ', '.join('`%s = %s`' % option for option in results['marconi_options'].items())
    lines = ['- %s, %s GiB, %s, Linux %s, Debian %s.' % (
        machine['processor'], machine['memory_gib'], machine['file_system'], machine['kernel'],
        machine['debian']),
        '- ' + ', '.join('%s %s' % pair for pair in results['versions'].items()) + '.',
        '- %d rounds of %g s for each, in turn; bodies of %d bytes; taken %s in %d minutes.' % (
            results['rounds'], results['seconds'], results['size'], results['started'],
            round(results['duration'] / 60)),
        '- Every server, with all its processes, on core %d; the load generator on core %d '
        '(`taskset`).' % (results['server_core'], results['load_core']),
        '- Marconi: release build, embedded store, `sync = always`, %s.' % options]
    return '\n'.join(lines)


def plot(name, drawing):
    with open(os.path.join(PLOTS, name), 'w') as out:
        out.write(drawing)


def draw_plots(results):
    def groups(figure, scale=1.0):
        return [('%s: %s, %d connections' % (name, workloads.BY_NAME[name].words,
                                             workloads.BY_NAME[name].connections),
                 [(server, figures[figure] * scale) for server, figures in servers.items()])
                for name, servers in results['workloads'].items()]
    plot('rates.svg', svg.bars('Messages a second', groups('messages_rate'),
                               'medians; more is better; each group has its own scale'))
    plot('cpu.svg', svg.bars('CPU time of the server for a request', groups('cpu_us'),
                             'microseconds; less is better; each group has its own scale'))
    plot('p99.svg', svg.bars('99th percentile of the latency', groups('p99_us', 1e-3),
                             'milliseconds; less is better; each group has its own scale'))


def replaced(page, name, text):
    """The page with what stands between the marks of this part replaced."""
    begin, end = '<!-- %s: generated -->' % name, '<!-- end of %s -->' % name
    pattern = re.compile(re.escape(begin) + '.*?' + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise RuntimeError('docs/benchmarks.md has no part %s' % name)
    return pattern.sub(lambda _: '%s\n\n%s\n\n%s' % (begin, text, end), page)


def write_docs(path):
    with open(path) as source:
        results = json.load(source)
    os.makedirs(PLOTS, exist_ok=True)
    draw_plots(results)
    for entry in os.listdir(os.path.dirname(path)):
        if entry.startswith('flame-'):
            shutil.copy(os.path.join(os.path.dirname(path), entry), PLOTS)
    with open(PAGE) as source:
        page = source.read()
    page = replaced(page, 'circumstances', circumstances(results))
    page = replaced(page, 'targets', targets_table(results))
    page = replaced(page, 'figures', '\n\n'.join(
        part for part in (figures_table(results), steady_words(results)) if part))
    page = replaced(page, 'zaqar-bench', zaqar_bench_table(results) or 'Not measured.')
    with open(PAGE, 'w') as out:
        out.write(page)
    print('wrote %s and the plots in %s' % (os.path.relpath(PAGE), os.path.relpath(PLOTS)))
