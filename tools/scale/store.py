"""One store with a server over it: starting, filling, timing requests, and what must be in it."""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))

import marconi_server  # noqa: E402

# Who posts nearly everything, who posts the rest, and who only reads and claims.
POSTER = '3381af92-2b9e-11e3-b191-71861300734c'
OTHER = '5c8f6d1e-0a51-4b3c-9f0e-2f6f0c9d7a11'
READER = '7d0b7a34-53a4-4a05-8f35-0b1d3c5e9f22'

# Filling and holding takes requests that are larger than those of the usual limits.
LIMITS = {'transport.max_messages_per_page': '1000',
          'transport.max_messages_per_claim_or_pop': '1000',
          'transport.max_messages_post_size': str(8 << 20),
          'server.max_target_bytes': str(64 << 10),
          'server.max_header_bytes': str(128 << 10)}

UNSYNCED = 'interval:1000'
SYNCED = 'always'


class Mismatch(Exception):
    """The server's answer is not the truth."""


class AnsweringServer(marconi_server.Server):
    """Counts as started once it answers a request."""

    first_path = '/v1/health'

    def _answers(self):
        request = urllib.request.Request(self.url + self.first_path, headers={
            'Client-ID': READER, 'X-Project-Id': 'scale'})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status == 200
        except OSError:
            return False


def drop_page_cache():
    """Has the system forget what it read from disk. Needs root."""
    os.sync()
    with open('/proc/sys/vm/drop_caches', 'w') as out:
        out.write('3')


def can_drop_page_cache():
    return os.access('/proc/sys/vm/drop_caches', os.W_OK)


class Store:
    """A directory and the server over it.

    size: what its cells are compared by. first_path: the list that is asked for at the start.
    """

    def __init__(self, client, directory, label, size, first_path):
        self._client = client
        self.directory = directory
        self.label = label
        self.size = size
        self.first_path = first_path
        self.server = None
        self.first_answers = []  # (seconds, was the page cache dropped)
        self.memory_peak = 0
        self.memory = 0
        self.random = random.Random(size)

    def start(self, sync, cold=False, timed=True):
        if cold:
            drop_page_cache()
        options = {'drivers:message_store:embedded.sync': sync, **LIMITS}
        self.server = AnsweringServer(options=options, directory=self.directory)
        self.server.first_path = self.first_path
        begin = time.monotonic()
        self.server.start()
        if timed:
            self.first_answers.append((time.monotonic() - begin, cold))

    def kill(self):
        self.note_memory()
        self.server.kill()
        self.server.stop()

    def stop(self):
        if self.server and self.server.process and self.server.process.poll() is None:
            self.note_memory()
            self.server.stop()

    def restart(self, sync, cold=False):
        """Ends the server as a crash would and starts it again."""
        self.kill()
        self.start(sync, cold)

    def settle(self, longest=300):
        """Waits until the server has nothing to do any more: no compaction, no sweep."""
        deadline = time.monotonic() + longest
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:
            before = self._processor_seconds()
            time.sleep(1)
            quiet = quiet + 1 if self._processor_seconds() - before < 0.05 else 0

    def _processor_seconds(self):
        with open('/proc/%d/stat' % self.server.process.pid) as line:
            fields = line.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def note_memory(self):
        with open('/proc/%d/status' % self.server.process.pid) as lines:
            sizes = dict(line.split(':', 1) for line in lines)
        self.memory = int(sizes['VmRSS'].split()[0]) << 10
        self.memory_peak = max(self.memory_peak, int(sizes['VmHWM'].split()[0]) << 10)

    def disk(self):
        """Bytes that the store occupies."""
        total = 0
        for name in os.listdir(self.directory):
            try:
                total += os.stat(os.path.join(self.directory, name)).st_blocks * 512
            except FileNotFoundError:
                pass  # compacted away just now
        return total

    # ---- Requests --------------------------------------------------------------------------

    def call(self, method, path, body=None, client=READER):
        """One request; returns the status, the headers and the document or None."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server.url + path, data=data, method=method, headers={
            'Client-ID': client, 'X-Project-Id': 'scale', 'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None

    def bulk(self, command, **options):
        """Runs a long command of marconi-scale-client, with its progress shown."""
        line = [self._client, '--port', str(self.server.port), command]
        for name, value in options.items():
            line += ['--' + name.replace('_', '-'), str(value)]
        subprocess.run(line, check=True)

    def probe(self, script, seconds=0):
        """Times the requests of the script; a list of the fields of each answer."""
        line = [self._client, '--port', str(self.server.port), 'probe', '--seconds', str(seconds)]
        ran = subprocess.run(line, input='\n'.join(script) + '\n', capture_output=True, text=True)
        if ran.returncode:
            raise RuntimeError(ran.stderr.strip())
        return [answer.split(' ', 4 if seconds else 3) for answer in ran.stdout.splitlines()]

    # ---- The truth -------------------------------------------------------------------------

    def stats(self, queue):
        return self.call('GET', '/v2/queues/%s/stats' % queue)[2]['messages']

    def check_stats(self, queue, total, claimed):
        found = self.stats(queue)
        wanted = {'total': total, 'claimed': claimed, 'free': total - claimed}
        if any(found[name] != count for name, count in wanted.items()):
            raise Mismatch('stats of %s, %s: %s instead of %s' % (
                queue, self.label, {name: found[name] for name in wanted}, wanted))
