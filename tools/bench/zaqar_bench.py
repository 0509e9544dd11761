"""Runs the reference's own benchmark, unmodified, against a server."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import load
import peers

SECONDS = 5
# Its workers post one message, list 5, and claim 5 and delete each, all at the same time.
WORKERS = ['--producer_workers', '10', '--observer_workers', '5', '--consumer_workers', '10']
LIBRARIES = os.path.join(peers.ROOT, 'build', 'bench', 'python')
START = 'from zaqar.bench.conductor import main; main()'


def install():
    """Debian packages zaqar-bench without one small module that it needs."""
    if os.path.exists(os.path.join(LIBRARIES, 'marktime.py')) or os.path.exists(
            os.path.join(LIBRARIES, 'marktime')):
        return
    ran = subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '--no-deps', '--target',
                          LIBRARIES, 'marktime==0.2.0'], capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError('pip cannot install marktime: ' + ran.stderr.strip()[-300:])


def run(peer):
    """{'producer': {...}, 'observer': {...}, 'consumer': {...}}, as it prints them."""
    command = ['taskset', '-c', str(load.LOAD_CORE), sys.executable, '-W', 'ignore', '-c', START,
               '--nodebug', '--time', str(SECONDS), '--server_url',
               'http://127.0.0.1:%d' % peer.port] + WORKERS
    # Without EVENTLET_NO_GREENDNS its HTTP library is bound to eventlet, which it is not run with.
    environment = dict(os.environ, PYTHONPATH=LIBRARIES, EVENTLET_NO_GREENDNS='yes')
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment, start_new_session=True)
    try:
        said, trouble = running.communicate(timeout=60 + 4 * SECONDS)
    except subprocess.TimeoutExpired:
        raise RuntimeError('zaqar-bench against %s does not end' % peer.name) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    lines = [line for line in said.splitlines() if line.startswith('{')]
    if running.returncode or not lines:
        raise RuntimeError('zaqar-bench against %s: %s' % (peer.name, (trouble or said)[-500:]))
    return json.loads(lines[-1])
