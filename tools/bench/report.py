"""Shows the figures on the terminal."""

import workloads

COLUMNS = '%-34s %10s %10s %9s %9s %8s'


def print_heading():
    print(COLUMNS % ('', 'requests/s', 'messages/s', 'p50 ms', 'p99 ms', 'CPU us'))


def print_workload(workload, servers):
    print('%s: %s, %d connections' % (workload.name, workload.words, workload.connections))
    for name, figures in servers.items():
        notes = (', %d failed' % figures['failed'] if figures['failed'] else '') + (
            ', ran dry in %d rounds' % figures['dry'] if figures['dry'] else '')
        print(COLUMNS % ('  ' + name, '%.0f' % figures['rate'], '%.0f' % figures['messages_rate'],
                         '%.2f' % (figures['p50_us'] / 1e3), '%.2f' % (figures['p99_us'] / 1e3),
                         '%.1f' % figures['cpu_us']) + notes, flush=True)


def ratio_words(value):
    return '%.2f' % value if value < 10 else '%.0f' % value


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
