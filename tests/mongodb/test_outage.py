"""marconi-server while its database is away, and once it is back."""

import concurrent.futures
import http.client
import json
import time
import uuid

import cut_proxy
import marconi_server
import mongodb_server
import pymongo
import pytest

# What the URIs below allow a server to wait, and how much later its answer may be. The first is
# the database's time, the second the machine's.
TIMEOUTS = 'serverSelectionTimeoutMS=1000&socketTimeoutMS=1000&connectTimeoutMS=1000' \
    '&heartbeatFrequencyMS=500'
IN_TIME = 10
PATIENCE = 60

RETRY_AFTER = '7'


class Api:
    """One project and client of a server, a connection per request."""

    def __init__(self, server):
        self.server = server
        self.headers = {'X-Project-Id': uuid.uuid4().hex, 'Client-ID': str(uuid.uuid4()),
                        'X-Roles': 'admin', 'Content-Type': 'application/json'}

    def call(self, method, path, document=None):
        """The answer, its body read, and how long it took."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection('127.0.0.1', self.server.port, timeout=PATIENCE)
        connection.request(method, path, headers=self.headers,
                           body=None if document is None else json.dumps(document))
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        answer.seconds = time.monotonic() - begun
        return answer

    def post(self, number):
        return self.call('POST', '/v2/queues/orders/messages',
                         {'messages': [{'ttl': 3600, 'body': number}]})

    def bodies(self):
        answer = self.call('GET', '/v2/queues/orders/messages?echo=true')
        assert answer.status == 200, answer.text
        return [message['body'] for message in json.loads(answer.text)['messages']]


def until(what):
    """Asks again and again, for a time that no machine should need."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, 'it has not come to pass'
        time.sleep(0.05)


def assert_refused_in_time(answer):
    assert answer.status == 503, answer.text
    assert answer.headers['Retry-After'] == RETRY_AFTER
    assert answer.seconds < IN_TIME


@pytest.fixture
def database():
    with mongodb_server.MongodbServer(durable=True) as server:
        yield server


@pytest.fixture
def server(database):
    with started(database) as running:
        yield running


def started(database, timeouts='/?' + TIMEOUTS, **server_options):
    options = marconi_server.mongodb_options(database.uri + timeouts, 'test')
    options.update({'server.retry_after': RETRY_AFTER, 'DEFAULT.admin_mode': 'true'})
    options.update({'server.' + name: value for name, value in server_options.items()})
    return marconi_server.Server(options=options, with_store=False)


@pytest.mark.parametrize('away, back', [('kill', 'start'), ('pause', 'resume')])
def test_requests_are_refused_until_the_database_is_back(away, back, database, server):
    api = Api(server)
    assert api.post(1).status == 201

    getattr(database, away)()
    for answer in [api.post(2), api.call('GET', '/v2/queues'), api.call('DELETE', '/v2/queues/q'),
                   api.call('GET', '/v2/ping')]:
        assert_refused_in_time(answer)

    getattr(database, back)()
    until(lambda: api.post(3).status == 201)
    assert api.bodies() in ([1, 3], [1, 2, 3])  # a post without an answer may have come to pass
    assert api.call('GET', '/v2/ping').status == 204


@pytest.mark.parametrize('word', [b'insert\0', b'commitTransaction'], ids=['insert', 'commit'])
def test_a_transaction_that_loses_its_server_is_given_up_in_time(word):
    timeouts = '&' + TIMEOUTS.replace('1000', '4000')
    with mongodb_server.MongodbServer(options=['--transactions']) as database, \
            cut_proxy.CutProxy(database.uri) as network:
        with pymongo.MongoClient(network.uri) as client:
            client.admin.command('ping')  # the first answer takes its time
        with started(network, timeouts) as server:
            api = Api(server)
            assert api.post(1).status == 201
            network.cut_at(word)
            assert_refused_in_time(api.post(2))
            assert_refused_in_time(api.call('GET', '/v2/queues'))
            log = server.whole_log()
        assert log.count('the database is away') == 1, log
        assert 'answers again' not in log, log


def test_health_says_so(database, server):
    api = Api(server)
    report = json.loads(api.call('GET', '/v2/health').text)
    assert report['storage_reachable'] is True
    assert all(step['succeeded'] for step in report['operation_status'].values())

    database.kill()
    answer = api.call('GET', '/v2/health')
    assert answer.seconds < IN_TIME
    if answer.status == 200:
        report = json.loads(answer.text)
        assert report['storage_reachable'] is False
        assert not any(step['succeeded'] for step in report['operation_status'].values())
    else:
        assert_refused_in_time(answer)

    database.start()
    until(lambda: json.loads(api.call('GET', '/v2/health').text or '{}').get('storage_reachable'))


def test_the_log_says_it_once(database, server):
    api = Api(server)
    assert api.post(1).status == 201
    database.kill()
    for _ in range(10):  # of which the one needs the store of messages first, the other that of queues
        assert_refused_in_time(api.call('DELETE', '/v2/queues/orders/messages/' + 24 * '0'))
        assert_refused_in_time(api.call('GET', '/v2/queues'))

    database.start()
    until(lambda: api.call('GET', '/v2/queues').status == 200 and api.post(2).status == 201)
    log = server.whole_log()
    away, again = [line for line in log.splitlines() if ' storage/mongodb: the database ' in line]
    stores = ' store=management_store,message_store'
    assert ' error storage/mongodb: the database is away' + stores + ' reason=' in away, log
    assert again.endswith(' info storage/mongodb: the database answers again' + stores), log


def test_callers_do_not_queue_up_for_a_database_that_is_away(database):
    with started(database, worker_threads='2') as server:
        api = Api(server)
        assert api.post(1).status == 201
        database.kill()
        assert_refused_in_time(api.call('GET', '/v2/queues'))
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: api.call('GET', '/v2/queues'), range(50)))
        for answer in answers:
            assert_refused_in_time(answer)  # two at a time waiting would take 25 seconds


def test_more_callers_than_may_wait_are_refused_at_once(database):
    with started(database, worker_threads='1', worker_queue_length='1') as server:
        api = Api(server)
        assert api.post(1).status == 201
        database.pause()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(api.call, 'GET', '/v2/queues') for _ in range(8)]
            answers = [call.result() for call in concurrent.futures.as_completed(calls)]
        database.resume()
        for answer in answers:
            assert_refused_in_time(answer)
        assert api.call('GET', '/').status == 300
        until(lambda: api.post(2).status == 201)


@pytest.mark.parametrize('away', ['kill', 'pause'])
def test_a_stop_does_not_wait_for_a_database_that_is_away(away, database):
    with started(database, drain_timeout='1') as server:
        api = Api(server)
        assert api.post(1).status == 201
        getattr(database, away)()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(api.post, number) for number in range(4)]
            assert server.terminate(IN_TIME) == 0
            for call in calls:
                call.exception()  # cut off or answered
        if away == 'pause':
            database.resume()


def test_a_start_while_the_database_is_away_is_refused_and_one_later_finds_everything(database):
    with started(database) as server:
        api = Api(server)
        assert api.post(1).status == 201
        database.kill()
        server.terminate()
        with pytest.raises(RuntimeError, match='No suitable servers'):
            server.start()
        database.start()
        server.start()
        assert api.bodies() == [1]
