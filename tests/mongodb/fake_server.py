"""A MongoDB server as far as a client gets with it that is turned away: greeting and login."""

import socket
import struct
import threading

import bson

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013

LONG_AGO = 2  # the protocol of 2.6
TODAY = 13  # that of 5.0

REFUSED = {'ok': 0, 'code': 18, 'codeName': 'AuthenticationFailed',
           'errmsg': 'Authentication failed.'}


class FakeServer:
    """Speaks this version of the protocol and lets nobody in. uri is set while it runs."""

    def __init__(self, wire_version):
        self._greeting = {'ismaster': True, 'minWireVersion': 0, 'maxWireVersion': wire_version,
                          'maxBsonObjectSize': 1 << 24, 'maxMessageSizeBytes': 48_000_000,
                          'maxWriteBatchSize': 100_000, 'ok': 1}

    def __enter__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.uri = 'mongodb://127.0.0.1:%d' % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile('rb') as source:
            while True:
                head = source.read(16)
                if len(head) < 16:
                    return
                length, request_id, _, kind = struct.unpack('<iiii', head)
                text = source.read(length - 16)
                answer, reply = (OP_REPLY, struct.pack('<iqii', 8, 0, 0, 1)), self._greeting
                if kind == OP_MSG:
                    answer = OP_MSG, struct.pack('<iB', 0, 0)
                    command = next(iter(bson.decode(text[5:])))
                    reply = self._greeting if command.lower() in ('hello', 'ismaster') else REFUSED
                body = answer[1] + bson.encode(reply)
                connection.sendall(
                    struct.pack('<iiii', 16 + len(body), 1, request_id, answer[0]) + body)
