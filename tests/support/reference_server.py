"""Runs the reference service on a MongoDB-compatible server, for tests with both services at work.

Standard library only; the service itself is Debian's python3-zaqar under gunicorn.
"""

import os
import socket

import marconi_server

CONFIGURATION = '''
[DEFAULT]
unreliable = True
admin_mode = True
enable_deprecated_api_versions = 1,1.1
[drivers]
transport = wsgi
message_store = %(driver)s
management_store = mongodb
[drivers:message_store:mongodb]
uri = %(uri)s
database = %(database)s
[drivers:management_store:mongodb]
uri = %(uri)s
database = %(database)s
[cache]
backend = dogpile.cache.memory
'''

# Without eventlet, which bends the locks of logging, so that threads now and then hang. At home, as
# the package that Debian 12 began with looks for its configuration there alone.
PROGRAM = '''
import os
import sys
sys.modules['eventlet'] = None
sys.argv = ['zaqar', '--config-file', 'zaqar.conf']
os.environ['HOME'] = os.getcwd()
from zaqar.transport.wsgi.app import application
'''


class ReferenceServer(marconi_server.Server):
    """One process of the reference service. driver: mongodb or mongodb.fifo."""

    def __init__(self, uri, database, driver='mongodb', threads=8):
        super().__init__(with_store=False)
        self._values = {'uri': uri, 'database': database, 'driver': driver}
        self._threads = threads

    def command(self):
        for name, text in (('zaqar.conf', CONFIGURATION % self._values), ('served.py', PROGRAM)):
            with open(os.path.join(self._work, name), 'w') as out:
                out.write(text)
        return ['/usr/bin/python3', '-m', 'gunicorn', '--workers', '1',
                '--threads', str(self._threads), '--worker-class', 'gthread',
                '--keep-alive', '75', '--log-level', 'error',
                '--bind', '127.0.0.1:%d' % self.port, 'served:application']

    def _answers(self):
        try:
            with socket.create_connection(('127.0.0.1', self.port), 1) as connection:
                connection.settimeout(marconi_server.START_SECONDS)
                # The master listens before its worker can answer.
                connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
                return connection.recv(1) != b''
        except OSError:
            return False
