"""marconi-gc as an administrator runs it: at a terminal, from cron, several at once."""

import contextlib
import datetime
import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
import uuid

import bson
import mongodb_server
import pymongo
import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

import marconi_server  # noqa: E402

PROGRAM = os.path.join(os.path.dirname(marconi_server.binary()), 'marconi-gc')
SECONDS = 60  # a bound for what takes much less, not a pause
BANNER = 'Starting marconi-gc. Use CTRL+C to exit...\n'
STOP_SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


@pytest.fixture(scope='module')
def database_server():
    with mongodb_server.MongodbServer() as server:
        yield server


class Database:
    """Databases of one test's own, with what hosts left in them. Times are the server's, which
    is on this machine."""

    def __init__(self, uri, partitions=1):
        self.uri = uri
        self.name = 'gc_' + uuid.uuid4().hex[:8]
        self.partitions = partitions
        self.client = pymongo.MongoClient(uri)
        self.queues = self.client[self.name + '_queues'].queues
        self.removed_queues = self.client[self.name + '_queues'].removed_queues
        self.messages = self.client[self.name + '_messages_p0'].messages

    def options(self, **changes):
        """Arguments of a collector that works on it. changes: options of the message store."""
        settings = {'drivers.message_store': 'mongodb', 'DEFAULT.unreliable': 'true'}
        for store in ('message_store', 'management_store'):
            settings['drivers:%s:mongodb.uri' % store] = self.uri
            settings['drivers:%s:mongodb.database' % store] = self.name
        changes = {'partitions': self.partitions, 'gc_threshold': 3, **changes}
        for name, value in changes.items():
            settings['drivers:message_store:mongodb.' + name] = value
        return [part for name, value in settings.items()
                for part in ('--option', '%s=%s' % (name, value))]

    def add_queues(self, names, next_marker=100, pending=()):
        self.queues.insert_many([
            {'p_q': 'project/' + name, 'm': {},
             'c': {'v': next_marker, 't': 0, **({'p': list(pending)} if pending else {})}}
            for name in names])

    def note_removal(self, queue):
        """As a server does that removes it."""
        self.removed_queues.insert_one(
            {'_id': 'project/' + queue, 'v': 100,
             'e': datetime.datetime.fromtimestamp(time.time() + 3600, tz=datetime.timezone.utc)})

    def add_messages(self, queue, markers, expired=False, age=600, tag=None):
        """Messages that were posted so many seconds ago."""
        now = int(time.time())
        end = datetime.datetime.fromtimestamp(now + (-1 if expired else 3600),
                                              tz=datetime.timezone.utc)
        self.messages.insert_many([
            {'_id': id_made(now - age), 'p_q': 'project/' + queue, 't': 60, 'e': end, 'u': None,
             'c': {'id': None, 'e': 0, 'c': 0}, 'd': 0, 'b': {}, 'k': k, 'tx': tag}
            for k in markers])

    def markers(self, queue):
        return sorted(message['k'] for message in self.messages.find({'p_q': 'project/' + queue}))


def id_made(second):
    return bson.ObjectId(int(second).to_bytes(4, 'big') + os.urandom(8))


@pytest.fixture
def database(database_server):
    return Database(database_server.uri)


def run(*arguments):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, env=marconi_server.clean_environment(), timeout=SECONDS)


def wait_until(condition, what):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, 'never: ' + what
        time.sleep(0.01)


class AtTerminal:
    """A run of the program in a session of its own, with a terminal that it has for itself."""

    def __init__(self, *arguments):
        self.master, self._slave = os.openpty()
        self.text = ''

        def take_terminal():
            marconi_server.end_with_parent()
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [PROGRAM, *arguments], stdin=self._slave, stdout=self._slave, stderr=self._slave,
            env=marconi_server.clean_environment(), preexec_fn=take_terminal)

    def echoes(self):
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def type(self, keys):
        os.write(self.master, keys)

    def read_until(self, text):
        deadline = time.monotonic() + SECONDS
        while text not in self.text:
            assert time.monotonic() < deadline, self.text
            self._read(0.1)

    def wait(self):
        """Waits for the end; the status."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.text
            self._read(0.01)
        while self._read(0):
            pass
        return self.process.returncode

    def _read(self, seconds):
        """Takes what it writes within this time; false if nothing."""
        ready = bool(select.select([self.master], [], [], seconds)[0])
        if ready:
            self.text += os.read(self.master, 65536).decode().replace('\r\n', '\n')
        return ready

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._slave)
        os.close(self.master)


@contextlib.contextmanager
def in_background(*arguments, log):
    """A run of the program without a terminal. log: the file to log to."""
    process = subprocess.Popen(
        [PROGRAM, '--log-file', str(log), *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=marconi_server.clean_environment(), preexec_fn=marconi_server.end_with_parent)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


# ---- at a terminal ---------------------------------------------------------------------------

@pytest.mark.parametrize('stop', STOP_SIGNALS)
def test_a_stop_between_passes_restores_the_echo(database, stop):
    with AtTerminal(*database.options(gc_interval=3600)) as gc:
        gc.read_until(BANNER)
        assert not gc.echoes()
        gc.process.send_signal(stop)
        assert gc.wait() == 0
        assert gc.echoes()


def test_control_c_is_enough(database):
    with AtTerminal(*database.options(gc_interval=3600)) as gc:
        gc.read_until(BANNER)
        gc.type(b'\x03')
        assert gc.wait() == 0
        assert gc.echoes()


@pytest.mark.parametrize('stop', STOP_SIGNALS)
def test_a_stop_during_a_pass_restores_the_echo(database, stop):
    queues = ['q%04d' % i for i in range(3000)]
    database.add_queues(queues)
    database.add_messages('elsewhere', range(2000), expired=True, age=10)
    with AtTerminal('--once', *database.options()) as gc:
        gc.read_until('queues; removed:')
        assert not gc.echoes()
        gc.process.send_signal(stop)
        assert gc.wait() == 0
        assert gc.echoes()
        looked_at = int(re.search(r'a pass has ended queues=(\d+)', gc.text).group(1))
        assert looked_at < len(queues), 'the pass was over already'


def test_a_pass_that_waits_for_the_database_is_cut_off():
    with mongodb_server.MongodbServer() as server:
        database = Database(server.uri)
        server.pause()
        with AtTerminal('--once', *database.options()) as gc:
            gc.read_until(BANNER)
            gc.process.send_signal(signal.SIGTERM)
            wait_until(gc.echoes, 'the echo is on again')
            gc.process.send_signal(signal.SIGTERM)  # does not wait any longer
            assert gc.wait() == 0
        with AtTerminal('--once', *database.options()) as gc:
            gc.read_until(BANNER)
            gc.process.send_signal(signal.SIGINT)
            assert gc.wait() == 0
            assert gc.echoes()
        server.resume()


def test_an_error_restores_the_echo():
    with AtTerminal('--once', *Database('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100')
                    .options()) as gc:
        assert gc.wait() == 1
        assert gc.echoes()
        assert 'ERROR: ' in gc.text


def test_progress_is_shown_and_wiped(database):
    database.add_queues(['q'])
    database.add_messages('q', [1])
    with AtTerminal('--once', *database.options()) as gc:
        assert gc.wait() == 0, gc.text
        assert '\r\x1b[K0 queues; removed: 0 expired' in gc.text
        assert '\r\x1b[K' in gc.text.rpartition('queues; removed')[2]


# ---- without a terminal ------------------------------------------------------------------------

@pytest.mark.parametrize('stop', STOP_SIGNALS)
def test_runs_without_a_terminal(database, tmp_path, stop):
    log = tmp_path / 'log'
    with in_background(*database.options(gc_interval=1), log=log) as gc:
        wait_until(lambda: log.exists() and log.read_text().count('a pass has ended') >= 2,
                   'a second pass')
        gc.send_signal(stop)
        out, err = gc.communicate(timeout=SECONDS)
    assert (gc.returncode, out, err) == (0, BANNER, '')
    assert 'info gc: starting' in log.read_text()
    assert 'info gc: stopped' in log.read_text()


def test_once_collects_and_ends(database, tmp_path):
    post = id_made(time.time() - 60)
    database.add_queues(['full', 'few'])
    database.add_queues(['half'], next_marker=3, pending=[post])
    database.add_messages('full', [1, 2, 3, 4], expired=True)
    database.add_messages('full', [5])
    database.add_messages('few', [1, 2], expired=True)
    database.add_messages('half', [1])
    database.add_messages('half', [2], tag=post)
    database.note_removal('gone')
    database.add_messages('gone', [7, 8])
    metrics = tmp_path / 'gc.prom'
    done = run('--once', '--metrics-file', str(metrics), *database.options())
    assert done.returncode == 0, done.stderr
    assert done.stdout == BANNER
    assert database.markers('full') == [5]
    assert database.markers('few') == [1, 2]
    assert database.markers('gone') == []
    assert database.messages.count_documents({'p_q': 'project/half', 'tx': None}) == 2
    assert database.queues.find_one({'p_q': 'project/half'})['c']['p'] == []
    counts = dict(line.split() for line in metrics.read_text().splitlines() if line[0] != '#')
    assert counts['marconi_gc_passes_total'] == '1'
    assert counts['marconi_gc_last_pass_queues'] == '3'
    assert counts['marconi_gc_expired_messages_removed_total'] == '4'
    assert counts['marconi_gc_orphaned_messages_removed_total'] == '2'
    assert counts['marconi_gc_posts_completed_total'] == '1'


def test_three_at_once_do_what_one_does(database):
    queues = ['q%02d' % i for i in range(60)]
    database.add_queues(queues)
    for queue in queues:
        database.add_messages(queue, range(1, 10), expired=True)
        database.note_removal(queue + '-gone')
        database.add_messages(queue + '-gone', [1])
    processes = [subprocess.Popen([PROGRAM, '--once', *database.options()],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True,
                                  env=marconi_server.clean_environment()) for _ in range(3)]
    removed = 0
    for process in processes:
        _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, err
        removed += int(re.search(r'expired_messages=(\d+)', err).group(1))
    assert removed == 8 * len(queues)
    for queue in queues:
        assert database.markers(queue) == [9]
        assert database.markers(queue + '-gone') == []


def test_a_collector_killed_at_any_moment_does_no_harm(database):
    queues = ['q%02d' % i for i in range(60)]
    database.add_queues(queues)
    for queue in queues:
        database.add_messages(queue, range(1, 10), expired=True)
    for queue in queues[::20]:
        process = subprocess.Popen([PROGRAM, '--once', *database.options()],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   env=marconi_server.clean_environment())
        wait_until(lambda queue=queue: len(database.markers(queue)) == 1, 'a pass under way')
        process.kill()
        process.wait()
    assert run('--once', *database.options()).returncode == 0
    for queue in queues:
        assert database.markers(queue) == [9]


def test_the_loop_outlives_the_database(tmp_path):
    log = tmp_path / 'log'
    with mongodb_server.MongodbServer(durable=True) as server:
        database = Database(server.uri)
        database.uri = server.uri.rstrip('/') + '/?serverSelectionTimeoutMS=2000'
        options = database.options(gc_interval=1)
        with in_background(*options, log=log) as gc:
            wait_until(lambda: log.exists() and 'a pass has ended' in log.read_text(), 'a pass')
            server.kill()
            wait_until(lambda: 'a pass could not do everything' in log.read_text(), 'a failure')
            server.start()
            database.add_queues(['q'])
            wait_until(lambda: 'a pass has ended queues=1 ' in log.read_text(), 'a pass again')
            gc.send_signal(signal.SIGINT)
            assert gc.wait(timeout=SECONDS) == 0


def test_a_database_that_is_away_at_the_start_is_an_error():
    done = run('--once', *Database('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100').options())
    assert done.returncode == 1
    assert done.stdout == BANNER
    assert any(line.startswith('ERROR: mongodb') for line in done.stderr.splitlines())


@pytest.mark.parametrize('driver', ['embedded', 'memory'])
def test_a_driver_without_collector_is_no_error(tmp_path, driver):
    done = run('--option', 'drivers.message_store=' + driver,
               '--option', 'drivers:message_store:embedded.path=%s/data' % tmp_path)
    assert done.returncode == 0
    assert done.stdout == BANNER + 'The configured storage driver does not support GC.\n'
    assert not (tmp_path / 'data').exists()


@pytest.mark.parametrize('option', [
    'drivers.message_store=carrier_pigeon', 'drivers:message_store:mongodb.gc_interval=0',
    'drivers:message_store:mongodb.gc_threshold=many', 'drivers.message_store=redis'])
def test_a_bad_configuration_is_one_line(option):
    done = run('--option', option)
    assert done.returncode == 1
    assert done.stdout == ''
    assert done.stderr.startswith('ERROR: ') and done.stderr.count('\n') == 1, done.stderr


def test_help_is_complete():
    text = run('--help').stdout
    for word in ('--once', '--metrics-file', '--config-file', '--config-dir', '--option', '--debug',
                 '--log-file', '--version', 'gc_interval', 'gc_threshold', 'SIGINT', 'SIGTERM',
                 'SIGHUP', 'SIGQUIT', 'Exit status', 'cron'):
        assert word in text
