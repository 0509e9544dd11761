"""The servers that are measured beside each other: how each is started, frozen and stopped.

All run on the same core. One that waits for its turn is frozen, so that its background work is
done, and paid for, in its own turns.
"""

import abc
import contextlib
import glob
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid

SUPPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tests', 'support')
sys.path[:0] = [SUPPORT, os.path.join(SUPPORT, 'mongodb')]

import marconi_server  # noqa: E402
import mongodb_server  # noqa: E402

ROOT = marconi_server.ROOT
SERVER_CORE = 0
DATABASE_CORE = 1  # that of the load generator, which needs little of it beside a database
START_SECONDS = 60
SETTLE_SECONDS, SETTLE_STEP = 10, 0.2
TICK = os.sysconf('SC_CLK_TCK')


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(('127.0.0.1', port))
            return True
        except OSError:
            return False


def free_ports():
    """One after which the next is free too: the reference takes two."""
    while True:
        port = marconi_server.free_port()
        if is_free(port) and is_free(port + 1):
            return port


def told_to_end_with_parent():
    """As a whole tree of processes needs it, which a kill would leave without its root."""
    marconi_server.end_with_parent(signal.SIGTERM)


def first_line(*command):
    """What a program says of its version; some say it on standard error."""
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.stdout.strip().splitlines()[0]


def package_version(package):
    ran = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', package],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return ran.stdout or 'not installed'


def cpu_seconds_of(process):
    """The processor time it has taken so far; 0 once it is gone."""
    try:
        with open('/proc/%d/stat' % process) as source:
            fields = source.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK
    except OSError:
        return 0


class Database:
    """A MongoDB-compatible server for several of the servers that are measured, all in memory."""

    def __init__(self):
        self._server = mongodb_server.MongodbServer(options=['--for-speed'])

    def start(self):
        self._server.start()
        subprocess.run(['taskset', '-a', '-p', '-c', str(DATABASE_CORE),
                        str(self._server.process.pid)], stdout=subprocess.DEVNULL, check=True)

    @property
    def uri(self):
        return self._server.uri

    def cpu_seconds(self):
        return cpu_seconds_of(self._server.process.pid)

    def stop(self):
        self._server.stop()


class Peer(abc.ABC):
    """A server in a session of its own, so that all of its processes are found by it."""

    name = protocol = None
    freezes = True
    shares_database = False
    database = None  # the one it shares, set before the start

    def __init__(self, directory):
        self.directory = os.path.join(directory, self.name)
        self.port = None
        self.process = None

    @abc.abstractmethod
    def command(self):
        """The command that starts it. May write files into the directory first."""

    @abc.abstractmethod
    def version(self):
        """In words, for the reader of the figures."""

    def start(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        self.port = free_ports()
        self.log_path = os.path.join(self.directory, 'log')
        with open(self.log_path, 'wb') as log:
            self.process = subprocess.Popen(
                ['taskset', '-c', str(SERVER_CORE)] + self.command(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.directory, start_new_session=True,
                preexec_fn=told_to_end_with_parent)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(self.log_path, errors='replace') as log:
                    raise RuntimeError('%s does not start: %s' % (self.name, log.read()[-500:]))
            time.sleep(0.02)
        self.freeze()

    def answers(self):
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
            return True
        except OSError:
            return False

    def freeze(self):
        if self.freezes:
            os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        if self.freezes:
            os.killpg(self.process.pid, signal.SIGCONT)

    def settle(self):
        """Waits until it has done what filling it has left to do in the background."""
        deadline = time.monotonic() + SETTLE_SECONDS
        before = self.cpu_seconds()
        while time.monotonic() < deadline:
            time.sleep(SETTLE_STEP)
            now = self.cpu_seconds()
            if now - before < 0.1 * SETTLE_STEP:
                return
            before = now

    def stop(self):
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.thaw()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
        shutil.rmtree(self.directory, ignore_errors=True)

    def processes(self):
        """The numbers of all its processes."""
        found = []
        for path in glob.glob('/proc/[0-9]*/stat'):
            try:
                with open(path) as source:
                    fields = source.read().rsplit(')', 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:
                found.append(int(path.split('/')[2]))
        return found

    def cpu_seconds(self):
        """The processor time all its processes have taken so far; not that of its database."""
        return sum(cpu_seconds_of(number) for number in self.processes())

    def database_seconds(self):
        """The same of the database it shares with another."""
        return self.database.cpu_seconds() if self.database else 0


class Marconi(Peer):
    name, protocol = 'marconi', 'http'
    options = {'server.event_loops': '1'}

    def store_options(self):
        return {'drivers:message_store:embedded.path': os.path.join(self.directory, 'store'),
                'drivers:message_store:embedded.sync': 'always'}

    def command(self):
        options = {'drivers:transport:wsgi.bind': '127.0.0.1',
                   'drivers:transport:wsgi.port': self.port,
                   **self.store_options(), **self.options}
        command = [marconi_server.binary()]
        for option, value in options.items():
            command += ['--option', '%s=%s' % (option, value)]
        return command

    def version(self):
        return first_line(marconi_server.binary(), '--version')


class MarconiOnMongodb(Marconi):
    name = 'marconi-mongodb'
    shares_database = True

    def store_options(self):
        return marconi_server.mongodb_options(self.database.uri, 'marconi')


class Nginx(Peer):
    """Answers every request with a constant: what HTTP alone costs on this machine."""

    name, protocol = 'nginx', 'http'
    # A post is answered with a body and the fields that Marconi answers with; a list with a page
    # from a file, which is kept open and sent by the kernel.
    settings = '''
user root; daemon off; worker_processes 1; pid nginx.pid; error_log stderr error;
events { worker_connections 4096; multi_accept on; }
http {
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  keepalive_requests 1000000000; keepalive_timeout 3600; client_header_buffer_size 4k;
  sendfile on; tcp_nopush on; tcp_nodelay on; open_file_cache max=10 inactive=3600; open_file_cache_valid 3600;
  server {
    listen 127.0.0.1:PORT backlog=4096; root .; default_type application/json;
    location /post {
      add_header Location "/v2/queues/orders/messages?ids=34dbe34d-5751-69a6-a92e-47f060f5e76b";
      add_header X-Request-Id "req-e9b0ff66-b1a2-83c7-8d57-000000000001";
      return 201 '{"resources": ["/v2/queues/orders/messages/34dbe34d-5751-69a6-a92e-47f060f5e76b"]}';
    }
    location /page { add_header X-Request-Id "req-e9b0ff66-b1a2-83c7-8d57-000000000001"; }
  }
}
'''

    def command(self):
        with open(os.path.join(self.directory, 'nginx.conf'), 'w') as out:
            out.write(self.settings.replace('PORT', str(self.port)))
        return ['/usr/sbin/nginx', '-e', 'stderr', '-p', self.directory, '-c', 'nginx.conf']

    def version(self):
        return first_line('/usr/sbin/nginx', '-v').split('/')[-1]


class Reference(Peer):
    """Only kept in memory, so it has nothing to do while it waits; its supervisor would take a
    frozen worker for a hanging one."""

    name, protocol = 'reference', 'http'
    freezes = False

    def command(self):
        return [os.path.join(ROOT, 'tests', 'conformance', 'bench-reference'), str(self.port)]

    def answers(self):
        """It takes connections long before it can answer."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=START_SECONDS)
        try:
            connection.request('GET', '/v2/ping', headers={'Client-ID': str(uuid.uuid4())})
            connection.getresponse()
            return True
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def version(self):
        return package_version('python3-zaqar')


class ReferenceOnMongodb(Reference):
    name = 'reference-mongodb'
    shares_database = True

    def command(self):
        return super().command() + [self.database.uri]


class Redis(Peer):
    name, protocol = 'redis', 'redis'

    def command(self):
        return ['redis-server', '--bind', '127.0.0.1', '--port', str(self.port), '--save', '',
                '--appendonly', 'yes', '--appendfsync', 'always',
                '--auto-aof-rewrite-percentage', '0', '--dir', self.directory]

    def version(self):
        return package_version('redis-server')


class Beanstalkd(Peer):
    name, protocol = 'beanstalkd', 'beanstalk'

    def command(self):
        return ['beanstalkd', '-l', '127.0.0.1', '-p', str(self.port), '-b', self.directory,
                '-f', '0', '-z', '65535']

    def version(self):
        return package_version('beanstalkd')


KINDS = {kind.name: kind for kind in (
    Marconi, Nginx, Reference, Redis, Beanstalkd, MarconiOnMongodb, ReferenceOnMongodb)}
