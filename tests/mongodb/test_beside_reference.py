"""Marconi and the reference service on one database, while both read and write.

Whatever one of them acknowledged, the other one serves; neither minds the indexes of the other;
and of the promise that holds which docs/operating.md says for hosts of both kinds.
"""

import threading
import uuid

import marconi_server
import mongodb_server
import pytest
import reference_server
from conversation import Conversation

DRIVERS = ('mongodb', 'mongodb.fifo')
FIRST = ('marconi', 'reference')


class Deployment:
    """One database, one host of each kind."""

    def __init__(self, driver, first):
        self._database = mongodb_server.MongodbServer()
        self._driver = driver
        self._first = first
        self._servers = {}
        self.project = 'p' + uuid.uuid4().hex

    def __enter__(self):
        try:
            uri = self._database.start().uri
            order = FIRST if self._first == FIRST[0] else FIRST[::-1]
            for kind in order:
                self._servers[kind] = self._make(kind, uri).start()
            return self
        except BaseException:
            self.__exit__()
            raise

    def _make(self, kind, uri):
        if kind == 'reference':
            return reference_server.ReferenceServer(uri, 'zaqar', self._driver)
        options = marconi_server.mongodb_options(uri, 'zaqar', self._driver)
        return marconi_server.Server(options=options, with_store=False)

    def __exit__(self, *_):
        for server in self._servers.values():
            server.stop()
        self._database.stop()

    def talk(self, kind, version='v2'):
        """A client of its own with the host of that kind."""
        return Conversation(self._servers[kind].port, self.project, version)


@pytest.fixture(scope='module', params=[(d, f) for d in DRIVERS for f in FIRST],
                ids=lambda p: '%s-%s-first' % p)
def deployment(request):
    with Deployment(*request.param) as running:
        yield running


@pytest.fixture(params=[FIRST, FIRST[::-1]], ids=['marconi-to-reference', 'reference-to-marconi'])
def pair(request, deployment):
    """Who writes and who reads."""
    writer, reader = request.param
    return deployment.talk(writer), deployment.talk(reader)


@pytest.fixture
def queue():
    return 'q' + uuid.uuid4().hex[:12]


BODIES = [1, -1.5, 2 ** 40, True, None, 'text', 'sn\u00f6\u2603\U0001F600', '', [], [1, 'a', {}],
          {}, {'a': {'b': [None, 0.1]}}, {'dotted.name': 1}]


def test_bodies_are_read_as_they_were_written(pair, queue):
    writer, reader = pair
    # The reference refuses a dot in a name.
    bodies = [body for body in BODIES if body != {'dotted.name': 1}]
    writer.post(queue, *bodies)
    assert [message['body'] for message in reader.all(queue)] == bodies


def test_ids_and_markers_are_the_same(pair, queue):
    writer, reader = pair
    ids = writer.post(queue, *range(25))
    seen = reader.all(queue, limit=10)
    assert [message['id'] for message in seen] == ids
    assert [message['body'] for message in seen] == list(range(25))
    first = writer.page(queue, limit=10)
    assert [m['id'] for m in reader.page(queue, limit=10, marker=first.marker).messages] == ids[10:20]
    assert reader.get(queue, ids[3])['body'] == 3


def test_metadata_is_shared(pair, queue):
    writer, reader = pair
    writer.create(queue, {'_default_message_ttl': 1234, 'owner': {'name': 'x'}})
    assert queue in reader.queue_names()
    metadata = reader.metadata(queue)
    assert metadata['owner'] == {'name': 'x'}
    assert metadata['_default_message_ttl'] == 1234
    writer.remove(queue)
    assert queue not in reader.queue_names()


def test_a_claim_of_one_host_binds_the_other(pair, queue):
    claimer, other = pair
    ids = claimer.post(queue, 'a', 'b', 'c')
    claim = claimer.claim(queue, limit=2)
    assert [message['body'] for message in claim.messages] == ['a', 'b']

    assert [message['body'] for message in other.claim(queue).messages] == ['c']
    assert [message['body'] for message in other.read_claim(queue, claim.id)] == ['a', 'b']
    assert other.delete(queue, ids[0]).status == 403
    assert other.delete(queue, ids[0], claim.id).status == 204
    assert other.release(queue, claim.id).status == 204
    assert [message['body'] for message in claimer.claim(queue).messages] == ['b']
    assert other.statistics(queue) == {'free': 0, 'claimed': 2, 'total': 2}


def test_what_one_deletes_the_other_does_not_serve(pair, queue):
    writer, reader = pair
    ids = writer.post(queue, *range(4))
    assert reader.delete(queue, ids[1]).status == 204
    assert writer.delete_many(queue, [ids[2]]).status == 204
    assert [message['body'] for message in reader.all(queue)] == [0, 3]
    assert [message['body'] for message in writer.all(queue)] == [0, 3]


def test_pops_and_observers_meet(pair, queue):
    writer, reader = pair
    writer.post(queue, *range(4))
    assert sorted(message['body'] for message in reader.pop(queue, 4)) == [0, 1, 2, 3]
    assert writer.all(queue) == []


def test_posts_in_turn_come_in_order_exactly_once(deployment, queue):
    """A post that is sent after another one was acknowledged comes later, whoever took either."""
    hosts = [deployment.talk(kind) for kind in FIRST]
    observers = [(host, []) for host in hosts]
    for number in range(40):
        hosts[number % 2].post(queue, number)
        for host, seen in observers:
            if number % 3 == 0:
                seen += [m['body'] for m in host.page(queue, marker=host.marker(queue)).messages]
    for host, seen in observers:
        while page := host.page(queue, marker=host.marker(queue)).messages:
            seen += [message['body'] for message in page]
        assert seen == list(range(40))


def test_posts_at_the_same_time_are_stored_once(deployment, queue):
    """Acknowledged is stored, once, in the order of its producer; on either host."""
    each, of = 30, 4
    deployment.talk('marconi').create(queue)

    def produce(name, host, done):
        for number in range(each):
            host.post(queue, *[[name, number, part] for part in range(2)])
        done.append(name)

    done, threads = [], []
    for kind in FIRST:
        for producer in range(of):
            threads.append(threading.Thread(target=produce, args=(
                kind + str(producer), deployment.talk(kind), done)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2 * of, 'a producer was refused'

    for kind in FIRST:
        seen = [message['body'] for message in deployment.talk(kind).all(queue)]
        assert len(seen) == len(FIRST) * of * each * 2
        for name in done:
            assert [body[1:] for body in seen if body[0] == name] == [
                [number, part] for number in range(each) for part in range(2)]


def test_observers_miss_nothing_of_marconi_posters(deployment, queue):
    """While only Marconi posts, observers through both services see everything exactly once."""
    each, of = 60, 4
    deployment.talk('marconi').create(queue)
    finished = threading.Event()

    def produce(name, host):
        for number in range(each):
            host.post(queue, [name, number])

    def observe(host, seen):
        marker = None
        while True:
            last_round = finished.is_set()
            page = host.page(queue, marker=marker)
            seen += [message['body'] for message in page.messages]
            marker = page.marker
            if last_round and not page.messages:
                return

    seen = {kind: [] for kind in FIRST}
    observers = [threading.Thread(target=observe, args=(deployment.talk(kind), seen[kind]))
                 for kind in FIRST]
    producers = [threading.Thread(target=produce, args=(str(n), deployment.talk('marconi')))
                 for n in range(of)]
    for thread in observers + producers:
        thread.start()
    for thread in producers:
        thread.join()
    finished.set()
    for thread in observers:
        thread.join()
    for kind in FIRST:
        assert len(seen[kind]) == each * of
        for name in range(of):
            assert [n for who, n in seen[kind] if who == str(name)] == list(range(each))
