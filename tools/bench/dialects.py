"""The same work in each server's language: requests as bytes, and filling before a run.

A script is (requests, follow-up or None), as the load generator takes it. Message bodies are random
letters and digits, different from one message to the next: stores that compress shall not gain by
what no real messages allow.
"""

import http.client
import json
import random
import string

import load

CLIENT = {'Client-ID': '3381af92-2b9e-11e3-b191-71861300734c', 'X-Project-Id': 'bench',
          'Content-Type': 'application/json', 'Accept': 'application/json'}
BATCH = 20  # messages in a post, a page or a claim: the most the API allows by default
FILL_CONNECTIONS = 16
LIFE = 3600
VARIANTS = 16  # requests that differ in their messages


def texts(size):
    """Endlessly, texts of that many characters."""
    source = random.Random(size)
    while True:
        yield ''.join(source.choices(string.ascii_letters + string.digits, k=size))


def http_request(method, target, body=b''):
    fields = dict(CLIENT, Host='127.0.0.1')
    if body:
        fields['Content-Length'] = str(len(body))
    lines = ['%s %s HTTP/1.1' % (method, target)] + ['%s: %s' % field for field in fields.items()]
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body


class HttpApi:
    """Marconi and the reference, API version 2."""

    def __init__(self, peer, size):
        self.peer = peer
        self.texts = texts(size - 2)  # the quotes belong to the body
        self.markers = {}

    def path(self, queue, rest):
        return '/v2/queues/%s/%s' % (queue, rest)

    def ask(self, method, target, body=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.peer.port, timeout=60)
        try:
            connection.request(method, target, body, CLIENT)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201, 204):
                raise RuntimeError('%s: %s %s answered %d' % (self.peer.name, method, target,
                                                              answer.status))
            return json.loads(text) if text else {}
        finally:
            connection.close()

    def post(self, queue, count=1):
        def document():
            return {'messages': [{'ttl': LIFE, 'body': next(self.texts)} for _ in range(count)]}
        target = self.path(queue, 'messages')
        return [http_request('POST', target, json.dumps(document()).encode())
                for _ in range(VARIANTS)], None

    def fill(self, queue, count):
        posts = max(count // BATCH, 1)
        load.run(self.peer, self.post(queue, BATCH), min(FILL_CONNECTIONS, posts), requests=posts)

    def marker_after(self, queue, count):
        """The marker of the page that starts after that many messages."""
        target = self.path(queue, 'messages?echo=true&limit=%d' % BATCH)
        for _ in range(count // BATCH):
            target = next(link['href'] for link in self.ask('GET', target)['links']
                          if link['rel'] == 'next')
        return target.split('marker=')[1].split('&')[0]

    def list(self, queue, marker=None):
        query = 'messages?echo=true&limit=%d' % BATCH + ('&marker=' + marker if marker else '')
        return [http_request('GET', self.path(queue, query))], None

    def claim(self, queue, count):
        terms = json.dumps({'ttl': 300, 'grace': 60}).encode()
        return http_request('POST', self.path(queue, 'claims?limit=%d' % count), terms)

    def claim_for_good(self, queue, count):
        for _ in range(count // BATCH):
            self.ask('POST', self.path(queue, 'claims?limit=%d' % BATCH), '{"ttl": 43200, "grace": 60}')

    def take(self, queue, count):
        """Claims, then deletes: one by its link, more by one request with their ids."""
        if count == 1:
            return [self.claim(queue, 1)], http_request('DELETE', '{href}')
        return [self.claim(queue, count)], http_request('DELETE', self.path(queue, 'messages?ids={ids}'))


class Constant:
    """nginx: the same requests, answered without doing anything."""

    def __init__(self, peer, size):
        self.peer = peer
        self.api = HttpApi(peer, size)

    def post(self, _queue, count=1):
        requests, _ = self.api.post('orders', count)
        return [request.replace(b'/v2/queues/', b'/post/queues/', 1) for request in requests], None

    def list(self, _queue, _marker=None):
        message = {'id': '34dbe34d-5751-69a6-a92e-47f060f5e76b', 'ttl': LIFE, 'age': 0,
                   'href': '/v2/queues/orders/messages/34dbe34d-5751-69a6-a92e-47f060f5e76b',
                   'body': next(self.api.texts)}
        link = '/v2/queues/orders/messages?limit=20&echo=true&include_delayed=true&marker=1048576'
        with open(self.peer.directory + '/page', 'w') as out:
            json.dump({'messages': [message] * BATCH, 'links': [{'rel': 'next', 'href': link}]}, out)
        return [http_request('GET', '/page')], None


class Stream:
    """Redis: a stream's entry with one field."""

    def __init__(self, peer, size):
        self.peer = peer
        self.texts = texts(size)

    def post(self, queue, count=1):
        if count != 1:
            raise ValueError('one entry a command')

        def command():
            words = ['XADD', queue, '*', 'body', next(self.texts)]
            return '*%d\r\n' % len(words) + ''.join('$%d\r\n%s\r\n' % (len(w), w) for w in words)
        return [command().encode() for _ in range(VARIANTS)], None


class Tube:
    """beanstalkd: jobs in its default tube."""

    def __init__(self, peer, size):
        self.peer = peer
        self.texts = texts(size)

    def post(self, _queue, count=1):
        if count != 1:
            raise ValueError('one job a command')

        def command():
            text = next(self.texts)
            return 'put 0 0 300 %d\r\n%s\r\n' % (len(text), text)
        return [command().encode() for _ in range(VARIANTS)], None

    def fill(self, queue, count):
        load.run(self.peer, self.post(queue), min(64, count), requests=count)

    def take(self, _queue, _count):
        return [b'reserve-with-timeout 0\r\n'], b'delete {id}\r\n'


def dialect(peer, size):
    kind = {'nginx': Constant, 'redis': Stream, 'beanstalkd': Tube}.get(peer.name, HttpApi)
    return kind(peer, size)
