"""A network to a server that a test cuts at a word: what comes after it finds nobody."""

import contextlib
import socket
import threading
import urllib.parse


class CutProxy:
    """In front of the server at `uri`, the only member that callers see."""

    def __init__(self, uri):
        server = urllib.parse.urlsplit(uri)
        self._behind = server.hostname, server.port
        self._word = None
        self._lock = threading.Lock()
        self._open = []

    def __enter__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.uri = ('mongodb://127.0.0.1:%d/?directConnection=true&retryWrites=false'
                    % self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._cut()

    def cut_at(self, word):
        """When a caller sends this, it does not arrive, and nobody can be reached from then on."""
        self._word = word

    def _cut(self):
        with self._lock:
            for one in [self._listener, *self._open]:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                server = socket.create_connection(self._behind)
                with self._lock:
                    self._open += [caller, server]
                for source, target in ((caller, server), (server, caller)):
                    threading.Thread(target=self._hand_on, args=(source, target, source is caller),
                                     daemon=True).start()

    def _hand_on(self, source, target, from_caller):
        with contextlib.suppress(OSError):
            while octets := source.recv(1 << 16):
                if from_caller and self._word and self._word in octets:
                    self._cut()
                    return
                target.sendall(octets)
            target.shutdown(socket.SHUT_WR)
