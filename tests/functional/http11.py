"""HTTP/1.1 by hand: sends exactly the bytes a test gives and reads exactly one answer at a time."""

import json
import socket

# An answer that takes longer than this is not prompt.
PROMPT_SECONDS = 10


class Closed(Exception):
    """The peer closed the connection before an answer was complete."""


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # lower-case name -> value
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def announces_close(self):
        return self.headers.get('connection', '').lower() == 'close'

    def __repr__(self):
        return '<%d %s>' % (self.status, self.body[:300])


class Connection:
    def __init__(self, port):
        self._socket = socket.create_connection(('127.0.0.1', port), PROMPT_SECONDS)
        self._socket.settimeout(PROMPT_SECONDS)
        self._unread = b''

    def send(self, data):
        self._socket.sendall(data)

    def send_what_is_taken(self, data):
        """Sends until the peer has had enough; a refusal may come before the end of the data."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self):
        head = self._until(b'\r\n\r\n').decode('latin-1').split('\r\n')
        version, status = head[0].split(' ')[:2]
        assert version == 'HTTP/1.1', head[0]
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(':')
            assert name.lower() not in headers, 'repeated header: ' + line
            headers[name.lower()] = value.strip()
        return Answer(int(status), headers, self._exactly(int(headers.get('content-length', 0))))

    def is_closed_by_peer(self):
        """Waits for the end of the connection; False if more bytes come instead."""
        try:
            return not self._unread and self._socket.recv(1) == b''
        except ConnectionResetError:
            return True

    def _more(self):
        try:
            data = self._socket.recv(65536)
        except ConnectionResetError:
            data = b''
        if not data:
            raise Closed(self._unread)
        self._unread += data

    def _until(self, mark):
        while mark not in self._unread:
            self._more()
        found, self._unread = self._unread.split(mark, 1)
        return found

    def _exactly(self, size):
        while len(self._unread) < size:
            self._more()
        found, self._unread = self._unread[:size], self._unread[size:]
        return found

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(method, target, headers=(), body=None):
    """The bytes of a request. Everything is sent as given; a body adds its Content-Length."""
    lines = [b'%s %s HTTP/1.1' % (_bytes(method), _bytes(target)), b'Host: marconi.test']
    lines += [b'%s: %s' % (_bytes(name), _bytes(value)) for name, value in headers]
    if body is not None:
        body = _bytes(body)
        lines.append(b'Content-Length: %d' % len(body))
    return b'\r\n'.join(lines) + b'\r\n\r\n' + (body or b'')


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()
