"""Runs the reference service on a MongoDB-compatible server, for tests with both services at work.

Standard library only; the service itself is Debian's python3-zaqar under gunicorn.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import marconi_server

START_SECONDS = 120

CONFIGURATION = '''
[DEFAULT]
unreliable = True
admin_mode = True
enable_deprecated_api_versions = 1,1.1
[drivers]
transport = wsgi
message_store = %(driver)s
management_store = mongodb
[drivers:message_store:mongodb]
uri = %(uri)s
database = %(database)s
[drivers:management_store:mongodb]
uri = %(uri)s
database = %(database)s
[cache]
backend = dogpile.cache.memory
'''

# Without it eventlet bends the locks of logging, under which its threads now and then hang.
PROGRAM = '''
import sys
sys.modules['eventlet'] = None
sys.argv = ['zaqar', '--config-file', 'zaqar.conf']
from zaqar.transport.wsgi.app import application
'''


class ReferenceServer:
    """One process of the reference service. driver: mongodb or mongodb.fifo."""

    def __init__(self, uri, database, driver='mongodb', threads=8):
        self._values = {'uri': uri, 'database': database, 'driver': driver}
        self._threads = threads
        self._work = tempfile.mkdtemp(prefix='marconi-reference-')
        self.log_path = os.path.join(self._work, 'log')
        self.port = None
        self.process = None

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    def start(self):
        """Returns once it takes connections."""
        for name, text in (('zaqar.conf', CONFIGURATION % self._values), ('served.py', PROGRAM)):
            with open(os.path.join(self._work, name), 'w') as out:
                out.write(text)
        self.port = self.port or marconi_server.free_port()
        command = ['/usr/bin/python3', '-m', 'gunicorn', '--workers', '1',
                   '--threads', str(self._threads), '--worker-class', 'gthread',
                   '--keep-alive', '75', '--log-level', 'error',
                   '--bind', '127.0.0.1:%d' % self.port, 'served:application']
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._work,
                env=marconi_server.clean_environment(),
                preexec_fn=lambda: marconi_server.end_with_parent(signal.SIGTERM))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError('the reference does not answer:\n' + self.log())
            time.sleep(0.05)
        return self

    def _answers(self):
        try:
            with socket.create_connection(('127.0.0.1', self.port), 1) as connection:
                connection.settimeout(START_SECONDS)
                # The master listens before its worker can answer.
                connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
                return connection.recv(1) != b''
        except OSError:
            return False

    def log(self):
        with open(self.log_path, errors='replace') as source:
            return source.read()

    def stop(self):
        """Ends it and removes its files. May be called again."""
        try:
            if self.process is not None and self.process.poll() is None:
                self.process.terminate()
                try:
                    self.process.wait(10)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
        finally:
            shutil.rmtree(self._work, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()
