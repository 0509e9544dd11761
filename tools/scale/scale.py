#!/usr/bin/python3
"""Measures what requests cost at growing sizes: messages in one queue, and queues.

Fills stores through the API of release servers, times single requests over one connection, and
checks the counts against the truth after every stage; a wrong count ends the run with status 1.
Results go to build/scale/results.json; with --write-docs the tables of docs/scale.md are written.
"""

import argparse
import json
import os
import shutil
import sys
import time

sys.dont_write_bytecode = True

import report  # noqa: E402
import stages  # noqa: E402
from fixtures import DeepStore, WideStore  # noqa: E402
from store import ROOT, Mismatch, can_drop_page_cache  # noqa: E402

STAGES = ('deep', 'wide', 'churn')


def arguments():
    parser = argparse.ArgumentParser(prog='./dev scale', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true',
                        help='small sizes and few samples, without cold caches and expiry; about a '
                             'minute, to check the counts')
    parser.add_argument('--only', choices=STAGES, action='append',
                        help='one stage; repeatable. The results of the others stay as they were')
    parser.add_argument('--messages', type=int, nargs='+', metavar='N', help='sizes of the one queue')
    parser.add_argument('--queues', type=int, nargs='+', metavar='N',
                        help='numbers of queues, powers of ten')
    parser.add_argument('--churned', type=int, metavar='N', help='messages posted and deleted')
    parser.add_argument('--body', type=int, help='of a message in the one queue, in bytes, the same '
                        'at all sizes (1024, or 200 where the disk has no room for that)')
    parser.add_argument('--samples', type=int, help='requests a cell')
    parser.add_argument('--no-expiry', action='store_true', help='leave out expiry')
    parser.add_argument('--directory', help='where the stores go while they are measured (build/scale/stores)')
    parser.add_argument('--client', help='another marconi-scale-client')
    parser.add_argument('--results', help='another file than build/scale/results.json')
    parser.add_argument('--write-docs', action='store_true',
                        help='write the tables of docs/scale.md from the results')
    args = parser.parse_args()
    quick = args.quick
    if quick and args.write_docs:
        parser.error('--quick measures nothing worth writing down')
    args.messages = args.messages or ([1000, 100_000] if quick else [1000, 1_000_000, 20_000_000])
    args.queues = args.queues or ([1000, 10_000] if quick else [1000, 1_000_000])
    args.churned = args.churned or (1_000_000 if quick else 100_000_000)
    args.samples = args.samples or (100 if quick else 2000)
    args.directory = args.directory or os.path.join(ROOT, 'build', 'scale', 'stores')
    args.client = args.client or os.path.join(ROOT, 'build', 'release', 'bin', 'marconi-scale-client')
    args.results = args.results or os.path.join(ROOT, 'build', 'scale',
                                                'quick.json' if quick else 'results.json')
    return args


def choose_body(args):
    """Sets args.body, if it is open, by the disk's free space; stops if there is too little."""
    free = shutil.disk_usage(args.directory).free

    def wanted(body):  # RocksDB needs room to compact
        return 2 * sum(args.messages) * (body + 60) + (4 << 30)
    if not args.body:
        args.body = 1024 if wanted(1024) <= free else 200
    if wants(args, 'deep') and free < wanted(args.body):
        raise RuntimeError('%.0f GB are free and %.0f GB are wanted: use a smaller --body or fewer '
                           '--messages' % (free / 1e9, wanted(args.body) / 1e9))


def wants(args, stage):
    return not args.only or stage in args.only


def in_directories(args, make, sizes):
    """Stores in fresh directories."""
    stores = []
    for size in sizes:
        path = os.path.join(args.directory, '%s-%d' % ('store', size))
        shutil.rmtree(path, ignore_errors=True)
        stores.append(make(path, size))
    return stores


def run_stage(stores, work):
    """The stage's result; stops the servers and removes the stores, whatever happens."""
    try:
        return work()
    finally:
        for store in stores:
            store.stop()
            shutil.rmtree(store.directory, ignore_errors=True)


def run(args, results):
    cold_rounds = 0 if args.quick or not can_drop_page_cache() else 10
    if wants(args, 'deep'):
        stores = in_directories(
            args, lambda path, size: DeepStore(args.client, path, size, args.body), args.messages)
        expiring = [] if args.quick or args.no_expiry else [min(size, 1_000_000) for size in args.messages]
        results['deep'] = run_stage(
            stores, lambda: stages.deep(stores, args.samples, cold_rounds, expiring))
        results['deep']['body'] = args.body
        save(args, results)
    if wants(args, 'wide'):
        stores = in_directories(args, lambda path, size: WideStore(args.client, path, size), args.queues)
        results['wide'] = run_stage(stores, lambda: stages.wide(stores, args.samples, cold_rounds))
        save(args, results)
    if wants(args, 'churn'):
        stages.say('posting and deleting')
        path = os.path.join(args.directory, 'churn')
        shutil.rmtree(path, ignore_errors=True)
        try:
            results['churn'] = stages.churn(args.client, path, args.churned, args.samples)
        finally:
            shutil.rmtree(path, ignore_errors=True)
        save(args, results)


def save(args, results):
    results['date'] = time.strftime('%Y-%m-%d')
    with open(args.results, 'w') as out:
        json.dump(results, out, indent=1)
        out.write('\n')


def main():
    args = arguments()
    os.makedirs(args.directory, exist_ok=True)
    begin = time.monotonic()
    results = {}
    if args.only and os.path.exists(args.results):
        with open(args.results) as source:
            results = json.load(source)
    try:
        choose_body(args)
        run(args, results)
    except (Mismatch, RuntimeError, OSError) as error:
        sys.exit('scale: %s' % error)
    print()
    print(report.tables(results))
    print('All counts were right. %.0f s; results in %s' % (
        time.monotonic() - begin, os.path.relpath(args.results, ROOT)))
    if args.write_docs:
        report.write_docs(results)


if __name__ == '__main__':
    main()
