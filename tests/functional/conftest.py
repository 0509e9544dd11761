"""Black-box tests: a real server, real sockets, and nothing known of what is inside."""

import os
import sys
import uuid

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support')]

import http11  # noqa: E402
import marconi_server  # noqa: E402


class Caller:
    """One project and client of a server, speaking through a connection per request."""

    def __init__(self, server, version='v2'):
        self.server = server
        self.version = version
        self.project = 'p' + uuid.uuid4().hex
        self.client_id = str(uuid.uuid4())

    @property
    def identity(self):
        return [('X-Project-Id', self.project), ('Client-ID', self.client_id)]

    def path(self, rest):
        return '/%s/queues%s' % (self.version, rest)

    def call(self, method, rest, body=None, headers=None):
        """Sends a request to a path below …/queues; see exchange()."""
        headers = self.identity if headers is None else headers
        return self.exchange(http11.request(method, self.path(rest), headers, body))

    def exchange(self, data):
        """Sends bytes on a new connection and returns the answer.

        Checks what must hold for every answer: it has a request id, it is never a 500, and the
        connection is left in the state it announces.
        """
        with http11.Connection(self.server.port) as connection:
            connection.send_what_is_taken(data)
            answer = connection.answer()
            assert answer.status != 500, answer
            assert answer.headers.get('x-request-id'), 'no request id: %r' % answer
            if answer.announces_close:
                assert connection.is_closed_by_peer(), 'announced, but not closed: %r' % answer
            else:
                connection.send(http11.request('GET', '/'))
                assert connection.answer().status == 300, 'unusable after %r' % answer
            return answer

    def create(self, queue):
        answer = self.call('PUT', '/' + queue)
        assert answer.status == 201, answer

    def post(self, queue, *texts, ttl=300):
        """Posts bodies, given as JSON text."""
        messages = ', '.join('{"ttl": %d, "body": %s}' % (ttl, text) for text in texts)
        document = '[%s]' if self.version == 'v1' else '{"messages": [%s]}'
        return self.call('POST', '/%s/messages' % queue, document % messages)

    def total(self, queue):
        """How many messages the queue holds; none if it does not exist."""
        answer = self.call('GET', '/%s/stats' % queue)
        if answer.status == 404:
            return 0
        assert answer.status == 200, answer
        return answer.json['messages']['total']

    def queue_names(self):
        answer = self.call('GET', '?limit=20')
        return [queue['name'] for queue in answer.json['queues']] if answer.body else []


def assert_refused(answer, status=400):
    """A clear refusal: the status, and words for the person who reads it."""
    assert answer.status == status, answer
    assert answer.json['title'], answer
    assert answer.json['description'], answer


@pytest.fixture(scope='session')
def server():
    with marconi_server.Server() as running:
        yield running


@pytest.fixture
def caller(server):
    return Caller(server)


@pytest.fixture(params=['v1', 'v1.1', 'v2'])
def any_version(server, request):
    """A caller of each version of the API in turn."""
    return Caller(server, request.param)
