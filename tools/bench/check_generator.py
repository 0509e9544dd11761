#!/usr/bin/python3
"""Measures nginx with wrk and with marconi-load, in turn, and compares: the load generator of the
benchmarks must not be what limits.

    tools/bench/check_generator.py [ROUNDS]
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import dialects  # noqa: E402
import load  # noqa: E402
import peers  # noqa: E402

SECONDS, CONNECTIONS = 3, 64
POST = '''wrk.method = "POST"
wrk.path = "/post/queues/orders/messages"
wrk.body = %s
'''


def wrk_rate(peer, request):
    head, _, body = request.partition(b'\r\n\r\n')
    fields = [line.decode() for line in head.split(b'\r\n')[1:]]
    with tempfile.NamedTemporaryFile('w', suffix='.lua') as script:
        script.write(POST % ('[==[' + body.decode() + ']==]'))
        script.flush()
        command = ['taskset', '-c', str(load.LOAD_CORE), 'wrk', '-t1', '-c%d' % CONNECTIONS,
                   '-d%ds' % SECONDS, '-s', script.name]
        for field in fields:
            if not field.startswith('Content-Length'):
                command += ['-H', field]
        ran = subprocess.run(command + ['http://127.0.0.1:%d' % peer.port], capture_output=True,
                             text=True)
    return float(re.search(r'Requests/sec:\s+([\d.]+)', ran.stdout)[1])


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rates = {'wrk': [], 'marconi-load': []}
    with tempfile.TemporaryDirectory(prefix='check-') as scratch:
        peer = peers.Nginx(scratch)
        peer.start()
        try:
            peer.thaw()
            script = dialects.dialect(peer, 1024).post('orders')
            for _ in range(rounds):
                rates['wrk'].append(wrk_rate(peer, script[0][0]))
                rates['marconi-load'].append(
                    load.run(peer, script, CONNECTIONS, seconds=SECONDS)['rate'])
        finally:
            peer.stop()
    for name, values in rates.items():
        print('%-13s %7.0f requests/s, median of %d rounds (%.0f to %.0f)' % (
            name, statistics.median(values), rounds, min(values), max(values)))


if __name__ == '__main__':
    try:
        main()
    except (RuntimeError, OSError) as trouble:
        sys.exit('check_generator: %s' % trouble)
