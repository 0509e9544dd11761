#!/usr/bin/python3
"""Measures Marconi beside other servers, in turn, round by round, and compares the medians.

Every server runs on core 0 and the load generator on core 1. All stores are on the disk that holds
build/. Servers that wait for their turn are frozen. The figures go to build/bench/results.json.
"""

import argparse
import contextlib
import datetime
import json
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import dialects  # noqa: E402
import flame  # noqa: E402
import load  # noqa: E402
import machine  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import workloads  # noqa: E402
import zaqar_bench  # noqa: E402

OUT = os.path.join(peers.ROOT, 'build', 'bench')
ZAQAR_BENCH = 'zaqar-bench'
ZAQAR_SERVERS = ('marconi', 'reference')
ALL = [*workloads.BY_NAME, ZAQAR_BENCH]


def listed(known):
    """Reads a list with commas of known names."""
    def read(text):
        names = text.split(',')
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError('no %r; there are %s' % (name, ', '.join(known)))
        return names
    return read


def arguments():
    names = '\n'.join('  %-11s %s, %d connections: %s' % (
        workload.name, workload.words, workload.connections, ', '.join(workload.servers))
        for workload in workloads.WORKLOADS)
    names += "\n  %-11s the reference's own benchmark: %s" % (ZAQAR_BENCH, ', '.join(ZAQAR_SERVERS))
    parser = argparse.ArgumentParser(
        prog='./dev bench', description=__doc__, epilog='workloads:\n' + names,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='two rounds of one second: a trial')
    parser.add_argument('--rounds', type=int, help='rounds of each workload (5)')
    parser.add_argument('--seconds', type=float, help='length of a round (4)')
    parser.add_argument('--size', type=int, default=1024, help='of a message body, in bytes (%(default)s)')
    parser.add_argument('--only', metavar='WORKLOADS', type=listed(ALL), default=ALL,
                        help='these, with commas between')
    parser.add_argument('--peers', metavar='SERVERS', type=listed(peers.KINDS),
                        default=list(peers.KINDS),
                        help='measure only these: ' + ', '.join(peers.KINDS))
    parser.add_argument('--option', action='append', default=[], metavar='GROUP.NAME=VALUE',
                        help='an option of Marconi; repeatable')
    parser.add_argument('--out', default=os.path.join(OUT, 'results.json'), help='where the figures go')
    parser.add_argument('--profile', action='store_true',
                        help='measure nothing; draw flame graphs of Marconi into build/bench/')
    parser.add_argument('--write-docs', metavar='FILE', nargs='?', const=os.path.join(OUT, 'results.json'),
                        help='measure nothing; write the figures in FILE (build/bench/results.json) '
                        'and the flame graphs beside it into docs/benchmarks.md')
    parser.add_argument('--strict', action='store_true', help='exit with 1 if a target is missed')
    args = parser.parse_args()
    args.rounds = args.rounds or (2 if args.quick else 5)
    args.seconds = args.seconds or (1 if args.quick else 4)
    return args


class Progress:
    """One line on the terminal that says what is going on; nothing if it is not one."""

    def __init__(self, total):
        self.total, self.done = total, 0

    def say(self, words):
        self.done += 1
        if sys.stderr.isatty():
            sys.stderr.write('\r\033[K[%d/%d] %s' % (self.done, self.total, words))
            sys.stderr.flush()

    def clear(self):
        if sys.stderr.isatty():
            sys.stderr.write('\r\033[K')


class Bench:
    def __init__(self, args, scratch):
        self.args = args
        self.scratch = scratch
        self.syncs = []
        self.chosen = [workloads.BY_NAME[name] for name in args.only if name != ZAQAR_BENCH]
        self.progress = Progress(args.rounds * sum(len(self.servers(w)) for w in self.chosen))

    def servers(self, workload):
        return [name for name in workload.servers if name in self.args.peers]

    def started(self, names, stack):
        """Running servers, stopped with the stack."""
        running = [peers.KINDS[name](self.scratch) for name in names]
        if any(peer.shares_database for peer in running):
            database = peers.Database()
            stack.callback(database.stop)
            database.start()
        for peer in running:
            peer.database = database if peer.shares_database else None
            stack.callback(peer.stop)
            peer.start()
        return running

    def turn(self, workload, api, number, known):
        """One round of one server."""
        self.progress.say('%s, %s, round %d' % (workload.name, api.peer.name, number + 1))
        api.peer.thaw()
        try:
            return workload.run(api, '%s-%d' % (workload.name, number), self.args.seconds, known)
        finally:
            api.peer.freeze()
            os.sync()  # so that what one has left unwritten is not written in another's turn

    def measure(self, workload):
        rounds = {name: [] for name in self.servers(workload)}
        with contextlib.ExitStack() as stack:
            apis = [dialects.dialect(peer, self.args.size) for peer in self.started(rounds, stack)]
            for number in range(self.args.rounds):
                self.syncs.append(machine.fdatasync_us(self.scratch))
                shift = number % max(len(apis), 1)
                for api in apis[shift:] + apis[:shift]:
                    known = rounds[api.peer.name]
                    known.append(self.turn(workload, api, number, known))
        return {name: workloads.summary(entries) for name, entries in rounds.items()}

    def zaqar_bench(self):
        measured = {}
        zaqar_bench.install()
        for name in ZAQAR_SERVERS:
            if name not in self.args.peers:
                continue
            with contextlib.ExitStack() as stack:
                peer, = self.started([name], stack)
                peer.thaw()
                measured[name] = zaqar_bench.run(peer)
        return measured

    def all(self):
        results = {'started': datetime.datetime.now().astimezone().isoformat(timespec='seconds'),
                   'rounds': self.args.rounds, 'seconds': self.args.seconds,
                   'size': self.args.size, 'server_core': peers.SERVER_CORE,
                   'load_core': load.LOAD_CORE, 'machine': machine.description(self.scratch),
                   'marconi_options': peers.Marconi.options,
                   'versions': {name: peers.KINDS[name](self.scratch).version()
                                for name in self.args.peers},
                   'workloads': {}}
        begin = time.monotonic()
        report.print_heading()
        for workload in self.chosen:
            results['workloads'][workload.name] = self.measure(workload)
            self.progress.clear()
            report.print_workload(workload, results['workloads'][workload.name])
        if ZAQAR_BENCH in self.args.only:
            results['zaqar_bench'] = self.zaqar_bench()
            report.print_zaqar_bench(results['zaqar_bench'])
        self.syncs.append(machine.fdatasync_us(self.scratch))
        results['disk'] = {'fdatasync_us': machine.median_fdatasync_us(self.syncs)}
        results['duration'] = time.monotonic() - begin
        return results


def main():
    args = arguments()
    if args.write_docs:
        report.write_docs(args.write_docs)
        return 0
    peers.Marconi.options = dict(peers.Marconi.options,
                                 **dict(option.split('=', 1) for option in args.option))
    os.makedirs(OUT, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='stores-', dir=OUT) as scratch:
        if args.profile:
            flame.profile(args, scratch, OUT)
            return 0
        results = Bench(args, scratch).all()
    with open(args.out, 'w') as out:
        json.dump(results, out, indent=1)
    missed = report.print_targets(results)
    failed = sum(entry['failed'] for servers in results['workloads'].values()
                 for name, entry in servers.items() if name.startswith('marconi'))
    print('\nfigures in %s, taken in %d s' % (os.path.relpath(args.out), results['duration']))
    return 1 if failed or (missed and args.strict) else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (RuntimeError, OSError) as trouble:
        sys.exit('bench: %s' % trouble)
    except KeyboardInterrupt:
        sys.exit('bench: interrupted')
