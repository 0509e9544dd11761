"""What a client says to a server of the API, v2: for tests that speak to several servers.

Standard library only. Each method insists on success unless it returns the answer itself.
"""

import collections
import http.client
import json
import urllib.parse
import uuid

Answer = collections.namedtuple('Answer', 'status headers document')
Claim = collections.namedtuple('Claim', 'id messages')
Page = collections.namedtuple('Page', 'messages marker')


class Conversation:
    """One client with one server. Not thread-safe."""

    def __init__(self, port, project, version='v2'):
        self._connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        self._headers = {'X-Project-Id': project, 'Client-ID': str(uuid.uuid4()),
                         'Content-Type': 'application/json'}
        self._root = '/%s/queues' % version
        self._markers = {}

    def call(self, method, rest, document=None, **parameters):
        """parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        target = self._root + rest + ('?' + urllib.parse.urlencode(given) if given else '')
        body = None if document is None else json.dumps(document)
        self._connection.request(method, target, body, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return Answer(answer.status, answer.headers, json.loads(text) if text else None)

    def expect(self, statuses, *arguments, **parameters):
        answer = self.call(*arguments, **parameters)
        assert answer.status in statuses, (arguments, answer.status, answer.document)
        return answer

    # ---- queues ------------------------------------------------------------------------------

    def create(self, queue, metadata=None):
        self.expect((201, 204), 'PUT', '/' + queue, metadata or {})

    def remove(self, queue):
        self.expect((204,), 'DELETE', '/' + queue)

    def metadata(self, queue):
        return self.expect((200,), 'GET', '/' + queue).document

    def queue_names(self):
        return [queue['name'] for queue in
                self.expect((200,), 'GET', '', limit=20).document['queues']]

    def statistics(self, queue):
        counts = self.expect((200,), 'GET', '/%s/stats' % queue).document['messages']
        return {name: counts[name] for name in ('free', 'claimed', 'total')}

    # ---- messages ----------------------------------------------------------------------------

    def post(self, queue, *bodies, ttl=300):
        """Returns the ids."""
        answer = self.expect((201,), 'POST', '/%s/messages' % queue,
                             {'messages': [{'ttl': ttl, 'body': body} for body in bodies]})
        return [path.rpartition('/')[2] for path in answer.document['resources']]

    def page(self, queue, limit=10, marker=None):
        """The messages after the marker, claimed and delayed ones too, and the marker after them."""
        document = self.expect((200,), 'GET', '/%s/messages' % queue, limit=limit, marker=marker,
                               echo='true', include_claimed='true',
                               include_delayed='true').document
        if document['messages']:
            link = next(link['href'] for link in document['links'] if link['rel'] == 'next')
            marker = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)['marker'][0]
            self._markers[queue] = marker
        return Page(document['messages'], marker)

    def marker(self, queue):
        """The marker after the last page of the queue that was not empty."""
        return self._markers.get(queue)

    def all(self, queue, limit=20):
        messages, marker = [], None
        while (page := self.page(queue, limit, marker)).messages:
            messages += page.messages
            marker = page.marker
        return messages

    def get(self, queue, message):
        return self.expect((200,), 'GET', '/%s/messages/%s' % (queue, message)).document

    def delete(self, queue, message, claim=None):
        return self.call('DELETE', '/%s/messages/%s' % (queue, message), claim_id=claim)

    def delete_many(self, queue, messages):
        return self.call('DELETE', '/%s/messages' % queue, ids=','.join(messages))

    def pop(self, queue, count):
        return self.expect((200,), 'DELETE', '/%s/messages' % queue,
                           pop=count).document['messages']

    # ---- claims ------------------------------------------------------------------------------

    def claim(self, queue, limit=10, ttl=300, grace=60):
        answer = self.expect((201, 204), 'POST', '/%s/claims' % queue,
                             {'ttl': ttl, 'grace': grace}, limit=limit)
        if answer.status == 204:
            return Claim(None, [])
        return Claim(answer.headers['Location'].rpartition('/')[2], answer.document['messages'])

    def read_claim(self, queue, claim):
        return self.expect((200,), 'GET', '/%s/claims/%s' % (queue, claim)).document['messages']

    def release(self, queue, claim):
        return self.call('DELETE', '/%s/claims/%s' % (queue, claim))
