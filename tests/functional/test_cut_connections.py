"""Connections that break at every byte of a request and of its answer."""

import contextlib
import os
import select
import socket
import struct
import time

import http11
import marconi_server
import pytest
from conftest import Caller

# A queue's state: messages in total, and claimed ones; None: there is no such queue.
NOTHING, THREE, CLAIMED = None, (3, 0), (3, 3)


@pytest.fixture(scope='module')
def counting_server():
    """A server that shows its counters, that nobody else talks to, and whose open files are those
    of its callers: a single worker needs no more connections to a database as time goes by."""
    settings = '[DEFAULT]\nadmin_mode = True\n'
    if marconi_server.store() != 'embedded':
        settings += '[server]\nworker_threads = 1\n'
    with marconi_server.Server(settings) as running:
        yield running


class Client(Caller):
    """A caller that stays connected."""

    def __init__(self, server, version, connection):
        super().__init__(server, version)
        self.connection = connection

    def exchange(self, data):
        self.connection.send(data)
        return self.connection.answer()

    def bytes_of(self, method, rest, body=None, version=None):
        target = '/%s/queues%s' % (version or self.version, rest)
        return http11.request(method, target, self.identity, body)

    def state(self, queue):
        # Only the first version says of a queue that it is missing.
        if self.exchange(self.bytes_of('HEAD', '/' + queue, version='v1')).status == 404:
            return NOTHING
        answer = self.exchange(self.bytes_of('GET', '/%s/stats' % queue, version='v2'))
        assert answer.status == 200, answer
        return answer.json['messages']['total'], answer.json['messages']['claimed']

    def counters(self):
        headers = self.identity + [('X-Roles', 'admin')]
        answer = self.exchange(http11.request('GET', '/v2/health', headers))
        assert answer.status == 200, answer
        return answer.json['counters']


# ---- Requests: each prepares its queue and returns the bytes --------------------------------

def post_three(client, queue):
    return client.bytes_of('POST', '/%s/messages' % queue,
                           '{"messages": [{"body": 1}, {"body": 2, "ttl": 300}, {"body": 3}]}')


def put_queue(client, queue):
    return client.bytes_of('PUT', '/' + queue, '{"a": 1}')


def claim_three(client, queue):
    client.post(queue, '1', '2', '3')
    return client.bytes_of('POST', '/%s/claims?limit=3' % queue, '{"ttl": 300, "grace": 60}')


def pop_three(client, queue):
    client.post(queue, '1', '2', '3')
    return client.bytes_of('DELETE', '/%s/messages?pop=3' % queue)


def claimed_ids(client, queue):
    """The id of a claim of three new messages, and theirs."""
    answer = client.exchange(claim_three(client, queue))
    assert answer.status == 201, answer
    ids = [message['href'].split('?')[0].rsplit('/', 1)[1] for message in answer.json['messages']]
    return answer.headers['location'].rsplit('/', 1)[1], ids


def delete_three(client, queue):
    _, ids = claimed_ids(client, queue)
    return client.bytes_of('DELETE', '/%s/messages?ids=%s' % (queue, ','.join(ids)))


def delete_with_claim(client, queue):
    claim, ids = claimed_ids(client, queue)
    return client.bytes_of('DELETE', '/%s/messages/%s?claim_id=%s' % (queue, ids[1], claim))


EVERY_REQUEST = pytest.mark.parametrize('version, prepare, before, after', [
    ('v2', post_three, NOTHING, THREE),
    ('v2', put_queue, NOTHING, (0, 0)),
    ('v2', claim_three, THREE, CLAIMED),
    ('v2', delete_three, CLAIMED, (0, 0)),
    ('v2', delete_with_claim, CLAIMED, (2, 2)),
    ('v1.1', pop_three, THREE, (0, 0)),
], ids=lambda value: getattr(value, '__name__', ''))


# ---- Cuts -----------------------------------------------------------------------------------

def connect(server):
    return socket.create_connection(('127.0.0.1', server.port), http11.PROMPT_SECONDS)


def reset(connection):
    """Closes a connection with RST, whatever is under way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()


def end(connection):
    """Closes one direction with FIN and returns all that still comes."""
    connection.shutdown(socket.SHUT_WR)
    received = b''
    while data := connection.recv(65536):
        received += data
    connection.close()
    return received


def read_exactly(connection, size):
    data = b''
    while len(data) < size:
        more = connection.recv(size - len(data))
        assert more, 'ended after %r' % data
        data += more
    return data


def close_unread(connection, size):
    """Closes with `size` bytes of the answer read and others waiting, which makes it an RST."""
    read_exactly(connection, size)
    assert select.select([connection], [], [], http11.PROMPT_SECONDS)[0], 'no answer'
    connection.close()


# ---- What must hold after all of them ---------------------------------------------------------

def open_files(server):
    return len(os.listdir('/proc/%d/fd' % server.process.pid))


@contextlib.contextmanager
def watched(server, version):
    """A client to work with. At the end: no connection leaks, each one was counted, the server is
    well, and new clients are served. The list it gives takes one entry for each connection made,
    with whether the server must have refused its request as incomplete."""
    with http11.Connection(server.port) as connection:
        client = Client(server, version, connection)
        before, files, cuts = client.counters(), open_files(server), []
        yield client, cuts
        deadline = time.monotonic() + http11.PROMPT_SECONDS
        expected = before['connections_accepted'] + len(cuts), 1
        while (now := client.counters()) and expected != (
                now['connections_accepted'], now['connections_active']):
            assert time.monotonic() < deadline, (expected, now)
        assert now['refused_incomplete'] - before['refused_incomplete'] == sum(cuts)
        assert now['responses_5xx'] == before['responses_5xx']
        assert now['buffered_bytes'] == 0, now
        assert open_files(server) <= files
    newcomer = Caller(server)
    newcomer.create('fresh')
    assert newcomer.post('fresh', '1').status == 201
    assert newcomer.total('fresh') == 1


@EVERY_REQUEST
def test_a_request_that_ends_early_has_no_effect(counting_server, version, prepare, before, after):
    with watched(counting_server, version) as (client, cuts):
        request = prepare(client, 'orders')
        for size in range(len(request)):
            connection = connect(counting_server)
            connection.sendall(request[:size])
            answer = end(connection)
            cuts.append(size > 0)
            assert answer.startswith(b'HTTP/1.1 400 ') if size else answer == b'', (size, answer)
            assert answer.count(b'HTTP/1.1') <= 1, (size, answer)
        assert client.state('orders') == before
        connection = connect(counting_server)
        connection.sendall(request)
        assert end(connection).startswith(b'HTTP/1.1 20')
        cuts.append(False)
        assert client.state('orders') == after


@EVERY_REQUEST
def test_a_request_that_is_reset_has_no_effect(counting_server, version, prepare, before, after):
    with watched(counting_server, version) as (client, cuts):
        request = prepare(client, 'orders')
        for size in range(len(request)):
            connection = connect(counting_server)
            connection.sendall(request[:size])
            reset(connection)
            cuts.append(False)
    with http11.Connection(counting_server.port) as connection:
        client.connection = connection
        assert client.state('orders') == before


@EVERY_REQUEST
def test_a_whole_request_that_is_reset_has_all_its_effect_or_none(
        counting_server, version, prepare, before, after):
    queues = ['orders-%d' % number for number in range(50)]
    with watched(counting_server, version) as (client, cuts):
        for queue in queues:
            connection = connect(counting_server)
            connection.sendall(prepare(client, queue))
            reset(connection)  # may come before the server has read anything
            cuts.append(False)
    with http11.Connection(counting_server.port) as connection:
        client.connection = connection
        assert {client.state(queue) for queue in queues} <= {before, after}


@EVERY_REQUEST
def test_an_answer_that_is_not_read_had_its_effect(counting_server, version, prepare, before, after):
    with watched(counting_server, version) as (client, cuts):
        connection = connect(counting_server)
        connection.sendall(prepare(client, 'whole'))
        whole = end(connection)
        cuts.append(False)
        for size in range(len(whole)):
            connection = connect(counting_server)
            connection.sendall(prepare(client, 'cut-%d' % size))
            close_unread(connection, size)
            cuts.append(False)
        states = {client.state('cut-%d' % size) for size in range(len(whole))}
        assert states == {after}
