"""TLS in front of a server that has none: asks callers for a certificate and hands bytes on."""

import contextlib
import os
import socket
import ssl
import subprocess
import threading


def make_certificates(directory):
    """ca.pem, and server.pem, client.pem and their .key files, signed by it; all in `directory`."""
    def openssl(*words):
        subprocess.run(['openssl', *words], cwd=directory, check=True, capture_output=True)

    key = ['-newkey', 'rsa:2048', '-nodes']
    openssl('req', '-x509', *key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority')
    for name in ('server', 'client'):
        openssl('req', *key, '-keyout', name + '.key', '-out', name + '.csr', '-subj', '/CN=' + name)
        with open(os.path.join(directory, name + '.ext'), 'w') as out:
            out.write('subjectAltName = IP:127.0.0.1\n')
        openssl('x509', '-req', '-in', name + '.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
                '-CAcreateserial', '-out', name + '.pem', '-extfile', name + '.ext')


class TlsProxy:
    """In front of the server at `uri`, with the certificates of `directory`."""

    def __init__(self, uri, directory):
        self._behind = '127.0.0.1', int(uri.rpartition(':')[2])
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH,
                                                   cafile=os.path.join(directory, 'ca.pem'))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_cert_chain(os.path.join(directory, 'server.pem'),
                                      os.path.join(directory, 'server.key'))

    def __enter__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.uri = 'mongodb://127.0.0.1:%d/?ssl=true' % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller):
        with contextlib.suppress(OSError), caller:
            with self._context.wrap_socket(caller, server_side=True) as outside, \
                    socket.create_connection(self._behind) as inside:
                answers = threading.Thread(target=hand_on, args=(inside, outside), daemon=True)
                answers.start()
                hand_on(outside, inside)
                answers.join()


def hand_on(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
