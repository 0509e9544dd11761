#!/usr/bin/python3
"""Measures a server with wrk: requests a second and latencies, as medians of several rounds.

By default a freshly started release server over a temporary store, synced before each answer.
`--url` measures another one, in the same way; `--beside` measures another one too, in turn with
the first, round by round, and compares them.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import urllib.parse

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'tests', 'support'))

import marconi_server  # noqa: E402

HEADERS = {'Client-ID': '3381af92-2b9e-11e3-b191-71861300734c', 'X-Project-Id': 'bench',
           'Content-Type': 'application/json'}

# Name, what one request is.
WORKLOADS = (
    ('post', 'post one message'),
    ('list', 'list 10 messages'),
    ('claim', 'post 10, claim 10, delete 10 in turn'),
)


def arguments():
    parser = argparse.ArgumentParser(prog='./dev bench', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--url', help='measure the server there instead of a new one')
    parser.add_argument('--beside', metavar='URL', help='a second server to compare with')
    parser.add_argument('--rounds', type=int, default=3, help='rounds of each workload (%(default)s)')
    parser.add_argument('--seconds', type=int, default=5, help='length of a round (%(default)s)')
    parser.add_argument('--connections', type=int, default=64, help='(%(default)s)')
    parser.add_argument('--size', type=int, default=1024, help='of a message body, in bytes (%(default)s)')
    parser.add_argument('--only', choices=[name for name, _ in WORKLOADS], help='one workload')
    parser.add_argument('--option', action='append', default=[], metavar='GROUP.NAME=VALUE',
                        help='an option of the new server; repeatable')
    return parser.parse_args()


def fill(url, queue, size):
    """Gives the list workload a short queue to read."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    body = json.dumps({'messages': [{'ttl': 3600, 'body': 'x' * (size - 2)}] * 20})
    for _ in range(5):
        connection.request('POST', '/v2/queues/%s/messages' % queue, body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            raise RuntimeError('cannot post to %s: %d' % (url, answer.status))
    connection.close()


def one_round(args, url, workload, queue):
    """Requests a second, p50 and p99 in milliseconds, errors."""
    command = ['wrk', '-t1', '-c%d' % args.connections, '-d%ds' % args.seconds, '--timeout', '10s',
               '-s', os.path.join(HERE, 'workload.lua'), url, '--', workload, queue, str(args.size)]
    ran = subprocess.run(command, capture_output=True, text=True)
    figures = [line.split()[1:] for line in ran.stdout.splitlines() if line.startswith('figures ')]
    if ran.returncode or not figures:
        raise RuntimeError('wrk failed: %s' % (ran.stderr or ran.stdout).strip())
    requests, microseconds, p50, p99, errors = map(int, figures[0])
    return requests / (microseconds / 1e6), p50 / 1e3, p99 / 1e3, errors


def rounds_in_turn(args, urls, workload):
    """The rounds of each server; the servers take turns, for the machine is never the same twice."""
    rounds = {url: [] for url in urls}
    for number in range(args.rounds):
        for url in urls:
            queue = '%s-%d-%d' % (workload, os.getpid(), number)
            if workload == 'list':
                fill(url, queue, args.size)
            rounds[url].append(one_round(args, url, workload, queue))
    return rounds


def measure(args, url):
    urls = [url] + ([args.beside.rstrip('/')] if args.beside else [])
    print('%d connections, bodies of %d bytes, medians of %d rounds of %d s\n' % (
        args.connections, args.size, args.rounds, args.seconds))
    print('%-38s %12s %9s %9s %7s' % ('workload', 'requests/s', 'p50 ms', 'p99 ms', 'errors'))
    failed = 0
    for workload, words in WORKLOADS:
        if args.only not in (None, workload):
            continue
        rates = []
        for server, rounds in rounds_in_turn(args, urls, workload).items():
            rate, p50, p99 = (statistics.median(column) for column in list(zip(*rounds))[:3])
            errors = sum(entry[3] for entry in rounds)
            failed += errors if server == url else 0
            rates.append(rate)
            print('%-38s %12.0f %9.2f %9.2f %7d' % (
                words if server == url else '  beside it', rate, p50, p99, errors), flush=True)
        if len(rates) == 2:
            print('%-38s %11.1fx' % ('  ratio', rates[0] / rates[1]))
    return 1 if failed else 0


def main():
    args = arguments()
    if args.url:
        return measure(args, args.url.rstrip('/'))
    options = dict(option.split('=', 1) for option in args.option)
    with marconi_server.Server(options=options) as server:
        return measure(args, server.url)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except RuntimeError as trouble:
        sys.exit('bench: %s' % trouble)
