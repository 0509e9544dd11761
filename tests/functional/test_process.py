"""The program itself: starting, refusing to start, draining, crashing and coming back."""

import json
import os
import signal
import subprocess
import threading

import http11
import marconi_server
import pytest
from conftest import Caller

BATCH = 5


def run(*arguments, settings=None, tmp_path=None):
    """Runs the program to its end, which must come at once."""
    command = [marconi_server.binary()]
    if settings is not None:
        path = tmp_path / 'marconi.conf'
        path.write_text(settings)
        command += ['--config-file', str(path)]
    return subprocess.run(command + list(arguments), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30, cwd=tmp_path,
                          env=marconi_server.clean_environment())


def test_a_stalled_reader_of_the_log_delays_nobody(tmp_path):
    pipe = str(tmp_path / 'log')
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # nobody reads from it
    server = marconi_server.Server(options={'DEFAULT.log_file': pipe, 'server.access_log': 'true'})
    try:
        server.start()
        with http11.Connection(server.port) as connection:
            for _ in range(2000):  # the pipe has room for the lines of some hundreds
                connection.send(http11.request('GET', '/'))
                assert connection.answer().status == 300
        assert server.terminate() == 0
    finally:
        server.stop()
        os.close(reader)


def listed_numbers(caller, queue):
    """The bodies of all messages, by following the links page by page."""
    numbers = []
    target = caller.path('/%s/messages?echo=true&include_claimed=true&limit=20' % queue)
    while True:
        answer = caller.exchange(http11.request('GET', target, caller.identity))
        assert answer.status == 200, answer
        page = answer.json
        if not page['messages']:
            return numbers
        numbers += [message['body'] for message in page['messages']]
        target = page['links'][0]['href']


class Producer(threading.Thread):
    """Posts batches of numbered messages, one after the other, until the server is gone."""

    def __init__(self, caller, queue, enough):
        super().__init__()
        self._caller = caller
        self._queue = queue
        self._enough = enough  # semaphore: released once for each acknowledged batch
        self.acknowledged = []
        self.refused = []

    def run(self):
        number = 0
        try:
            with http11.Connection(self._caller.server.port) as connection:
                while True:
                    batch = list(range(number, number + BATCH))
                    number += BATCH
                    body = json.dumps({'messages': [{'ttl': 3600, 'body': n} for n in batch]})
                    connection.send(http11.request(
                        'POST', self._caller.path('/%s/messages' % self._queue),
                        self._caller.identity, body))
                    answer = connection.answer()
                    if answer.status != 201:
                        self.refused.append(answer)
                        return
                    self.acknowledged += batch
                    self._enough.release()
                    if answer.announces_close:
                        return
        except (OSError, http11.Closed):
            pass


def produce_until(caller, batches, end):
    """Lets four producers work until `batches` are acknowledged; then calls end()."""
    enough = threading.Semaphore(0)
    producers = {queue: Producer(caller, queue, enough) for queue in ('q0', 'q1', 'q2', 'q3')}
    for producer in producers.values():
        producer.start()
    try:
        for _ in range(batches):
            assert enough.acquire(timeout=60), 'the producers are stuck'
    finally:
        result = end()
        for producer in producers.values():
            producer.join()
    return producers, result


def assert_all_there(caller, producers):
    for queue, producer in producers.items():
        numbers = listed_numbers(caller, queue)
        assert numbers == sorted(set(numbers)), 'out of order or repeated in %s' % queue
        assert set(producer.acknowledged) <= set(numbers), 'acknowledged messages are missing'
        batches = {number // BATCH for number in numbers}
        assert len(numbers) == BATCH * len(batches), 'a post was stored in part'


def test_what_was_acknowledged_survives_kill_9():
    with marconi_server.Server() as server:
        caller = Caller(server)
        kept = caller.post('kept', '"deleted"', '"kept"').json['resources']
        assert caller.call('DELETE', '/kept/messages/' + kept[0].rsplit('/', 1)[-1]).status == 204
        claim = caller.call('POST', '/kept/claims', '{"ttl": 600, "grace": 60}').headers['location']
        producers, _ = produce_until(caller, 200, server.kill)
        server.start()
        assert_all_there(caller, producers)
        assert listed_numbers(caller, 'kept') == ['kept']
        held = caller.exchange(http11.request('GET', claim, caller.identity)).json
        assert [message['body'] for message in held['messages']] == ['kept']


def test_sigterm_drains_and_ends_with_0():
    with marconi_server.Server() as server:
        caller = Caller(server)
        producers, status = produce_until(caller, 50, server.terminate)
        assert status == 0, server.log()
        assert [answer.status for producer in producers.values()
                for answer in producer.refused if answer.status != 503] == []
        server.start()
        assert_all_there(caller, producers)


def test_a_request_that_has_begun_is_answered_before_the_end():
    with marconi_server.Server() as server:
        caller = Caller(server)
        data = http11.request('POST', caller.path('/orders/messages'), caller.identity,
                              '{"messages": [{"ttl": 300, "body": 1}]}')
        with http11.Connection(server.port) as connection, http11.Connection(server.port) as other:
            connection.send(data)
            assert connection.answer().status == 201
            connection.send(data[:-10])
            for _ in range(100):  # by then the first connection's bytes have been read
                other.send(http11.request('GET', '/'))
                assert other.answer().status == 300
            server.process.send_signal(signal.SIGTERM)
            assert other.is_closed_by_peer()
            connection.send(data[-10:])
            answer = connection.answer()
            assert answer.status == 201
            assert answer.announces_close and connection.is_closed_by_peer()
        assert server.process.wait(30) == 0, server.log()


embedded_only = pytest.mark.skipif(marconi_server.store() != 'embedded',
                                   reason='is about the directory of the embedded store')


@embedded_only
def test_a_second_server_on_the_same_directory_is_refused(server, tmp_path):
    result = run('--option', 'drivers:message_store:embedded.path=' + server.directory,
                 '--option', 'drivers:transport:wsgi.port=%d' % marconi_server.free_port(),
                 tmp_path=tmp_path)
    assert result.returncode not in (0, -signal.SIGABRT, -signal.SIGSEGV)
    said = [line for line in (result.stdout + result.stderr).splitlines() if server.directory in line]
    assert len(said) == 1, result
    assert Caller(server).post('orders', '1').status == 201


@embedded_only
def test_the_directory_of_the_store_is_private(server):
    assert os.stat(server.directory).st_mode & 0o777 == 0o700


def test_one_warning_that_callers_are_not_authenticated():
    with marconi_server.Server() as server:
        log = server.whole_log()
        assert len([line for line in log.splitlines() if 'authenticat' in line]) == 1, log


@pytest.mark.parametrize('option, value', [
    ('DEFAULT.auth_strategy', 'keystone'),
    ('DEFAULT.pooling', 'True'),
    ('drivers.transport', 'websocket'),
    ('drivers.message_store', 'mongodb'),
    ('drivers.message_store', 'redis'),
    ('drivers.message_store', 'swift'),
    ('drivers.management_store', 'sqlalchemy'),
    ('drivers.management_store', 'mongodb'),
    ('drivers:message_store:mongodb.uri', 'mongodb://127.0.0.1:1'),
    ('drivers:message_store:redis.uri', 'redis://127.0.0.1:1'),
    ('drivers:management_store:sqlalchemy.uri', 'sqlite:////tmp/none.db'),
    ('storage.message_pipeline', 'zaqar.notification.notifier'),
    ('storage.queue_pipeline', 'some.stage'),
    ('storage.claim_pipeline', 'some.stage'),
    ('storage.subscription_pipeline', 'some.stage'),
])
def test_what_is_not_supported_stops_the_start(tmp_path, option, value):
    result = run('--option', '%s=%s' % (option, value),
                 '--option', 'drivers:message_store:embedded.path=%s' % (tmp_path / 'data'),
                 '--option', 'drivers:transport:wsgi.port=%d' % marconi_server.free_port(),
                 tmp_path=tmp_path)
    assert result.returncode not in (0, -signal.SIGABRT, -signal.SIGSEGV), result
    name = option.rpartition('.')[2]
    assert len([line for line in result.stderr.splitlines() if name in line]) == 1, result


@pytest.mark.parametrize('settings, words', [
    ('[drivers:transport:wsgi]\nport = many\n', ('marconi.conf:2', 'port')),
    ('[drivers:transport:wsgi]\nport = 65536\n', ('marconi.conf:2', 'port')),
    ('[DEFAULT]\nadmin_mode = perhaps\n', ('marconi.conf:2', 'admin_mode')),
    ('[transport]\nclient_id_uuid_safe = sometimes\n', ('marconi.conf:2', 'client_id_uuid_safe')),
])
def test_a_value_out_of_range_stops_the_start(tmp_path, settings, words):
    for arguments in ([], ['--check-config']):
        result = run(*arguments, settings=settings, tmp_path=tmp_path)
        assert result.returncode == 1, result
        for word in words:
            assert word in result.stderr, result


def test_check_config_prints_what_differs(tmp_path):
    result = run('--check-config', tmp_path=tmp_path, settings=(
        '[DEFAULT]\nadmin_mode = True\n[transport]\nmax_message_ttl = 7200\n'
        '[signed_url]\nsecret_key = do-not-show-this\n'))
    assert result.returncode == 0, result
    assert 'max_message_ttl' in result.stdout and '7200' in result.stdout
    assert 'admin_mode' in result.stdout
    assert 'secret_key' in result.stdout and '***' in result.stdout
    assert 'do-not-show-this' not in result.stdout + result.stderr
    assert 'max_queues_per_page' not in result.stdout
    assert os.listdir(tmp_path) == ['marconi.conf'], 'checking leaves nothing behind'


def test_unknown_options_are_named_once(tmp_path):
    result = run('--check-config', tmp_path=tmp_path,
                 settings='[transport]\nno_such_option = 1\n[no_such_group]\nx = 1\n')
    assert result.returncode == 0, result
    lines = (result.stdout + result.stderr).splitlines()
    assert len([line for line in lines if 'no_such_option' in line and 'marconi.conf:2' in line]) == 1
    assert len([line for line in lines if 'no_such_group' in line]) == 1


def test_version_and_help(tmp_path):
    version = run('--version', tmp_path=tmp_path)
    assert version.returncode == 0 and any(digit.isdigit() for digit in version.stdout)
    help_text = run('--help', tmp_path=tmp_path)
    assert help_text.returncode == 0
    for option in ('--config-file', '--config-dir', '--option', '--check-config', '--version'):
        assert option in help_text.stdout


def test_an_unknown_argument_is_refused(tmp_path):
    result = run('--no-such-argument', tmp_path=tmp_path)
    assert result.returncode not in (0, -signal.SIGABRT)
    assert 'no-such-argument' in result.stderr
