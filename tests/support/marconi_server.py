"""Starts marconi-server for tests: a free port, a directory of its own, always stopped.

Standard library only. The program is build/release/bin/marconi-server unless the environment
variable MARCONI_SERVER names another. Its store is the embedded one unless MARCONI_STORE says
mongodb or mongodb.fifo; the database is then the one at MARCONI_MONGODB_URI, which
tests/support/mongodb/with-server sets.
"""

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Sanitizers and busy machines make a start slow; this is a bound, not a pause.
START_SECONDS = 60


def binary():
    path = os.environ.get('MARCONI_SERVER',
                          os.path.join(ROOT, 'build', 'release', 'bin', 'marconi-server'))
    if not os.access(path, os.X_OK):
        raise RuntimeError('no server at %s: run ./dev build first' % path)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def clean_environment():
    """The environment without anything that would configure a server from outside."""
    return {name: value for name, value in os.environ.items() if not name.startswith('OS_')}


def store():
    return os.environ.get('MARCONI_STORE', 'embedded')


def mongodb_options(uri, database, driver='mongodb'):
    """The options, {"group.name": value}, of a server on these databases of a single node."""
    options = {'drivers.message_store': driver, 'DEFAULT.unreliable': 'true'}
    for group in ('drivers:message_store:mongodb', 'drivers:management_store:mongodb'):
        options[group + '.uri'] = uri
        options[group + '.database'] = database
    return options


def store_options(directory):
    """The options of the store to be tested, one for each directory."""
    driver = store()
    if driver == 'embedded':
        return {'drivers:message_store:embedded.path': directory}
    database = 'test_' + hashlib.sha256(directory.encode()).hexdigest()[:12]
    options = mongodb_options(os.environ['MARCONI_MONGODB_URI'], database, driver)
    if driver == 'mongodb.fifo':
        options['drivers:message_store:mongodb.mixed_operation'] = 'false'
    return options


def end_with_parent(how=signal.SIGKILL):
    """Run in a new process: sends it that signal when the tests end, however they end."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, how)


class Server:
    """One marconi-server over a store of its own.

    settings: INI text of the configuration file. options: {"group.name": value}, given on the
    command line. directory: the store's; a temporary one, removed by stop(), if absent.
    with_store: whether the server is told of a store; else settings or options do.
    """

    def __init__(self, settings='', options=None, directory=None, with_store=True):
        self._work = tempfile.mkdtemp(prefix='marconi-test-')
        self.directory = directory or os.path.join(self._work, 'data')
        self.log_path = os.path.join(self._work, 'log')
        self._settings = settings
        self._options = dict(options or {})
        self._with_store = with_store
        self.port = None
        self.process = None

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    def command(self):
        config = os.path.join(self._work, 'marconi.conf')
        with open(config, 'w') as out:
            out.write(self._settings)
        options = {'drivers:transport:wsgi.bind': '127.0.0.1',
                   'drivers:transport:wsgi.port': str(self.port)}
        if self._with_store:
            options.update(store_options(self.directory))
        options.update(self._options)
        command = [binary(), '--config-file', config]
        for name, value in options.items():
            command += ['--option', '%s=%s' % (name, value)]
        return command

    def start(self):
        """Starts the server; again, after kill() or terminate(), on the same port and directory."""
        self.port = self.port or free_port()
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self._work, env=clean_environment(), preexec_fn=end_with_parent)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None:
                raise RuntimeError('the server ended with status %s:\n%s' %
                                   (self.process.returncode, self.log()))
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError('the server does not answer:\n' + self.log())
            time.sleep(0.02)
        return self

    def _answers(self):
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
            return True
        except OSError:
            return False

    def log(self):
        """What it has written so far. It writes a line some time after what the line is about."""
        with open(self.log_path, errors='replace') as source:
            return source.read()

    def whole_log(self):
        """Ends the server in an orderly way; all that it had to say."""
        assert self.terminate() == 0, self.log()
        return self.log()

    def terminate(self, seconds=30):
        """Asks for an orderly end and returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self):
        """Ends the process as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends the process whatever its state and removes its files. May be called again."""
        try:
            if self.process is not None and self.process.poll() is None:
                try:
                    self.terminate()
                except subprocess.TimeoutExpired:
                    self.kill()
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
