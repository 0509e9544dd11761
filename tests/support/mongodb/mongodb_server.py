"""Starts a MongoDB-compatible server for tests: a free port, always stopped.

Standard library only. What there is to start: see `serve` and `install` beside this file.
"""

import os
import shutil
import signal
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class MongodbServer:
    """One server. durable: what was acknowledged is there again when it is started after kill().
    options: further ones of `serve`.

    uri is set while it runs; a server started again has the same.
    """

    def __init__(self, durable=False, options=()):
        self.uri = None
        self.process = None
        self._work = tempfile.mkdtemp(prefix='marconi-mongodb-')
        self._options = list(options)
        if durable:
            self._options += ['--directory', os.path.join(self._work, 'data')]

    def start(self):
        """Returns once the server answers."""
        command = [os.path.join(HERE, 'serve')] + self._options
        if self.uri:
            command += ['--port', self.uri.rpartition(':')[2].partition('/')[0]]
        # It ends when its standard input does, that is with this process at the latest.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=dict(os.environ, TMPDIR=self._work))
        uri = self.process.stdout.readline().strip()
        if not uri:
            self.kill()
            raise RuntimeError('the database did not start; it ended with status %s' %
                               self.process.returncode)
        self.uri = uri
        return self

    def pause(self):
        """Stops it from answering, connections staying open, until resume()."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)  # some of its threads still answer

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """Ends the process as a crash would."""
        self.process.kill()
        self._wait()

    def stop(self):
        """Ends the process whatever its state and removes its files. May be called again."""
        try:
            if self.process is not None and self.process.poll() is None:
                self.process.stdin.close()
                self._wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        finally:
            shutil.rmtree(self._work, ignore_errors=True)

    def _wait(self, seconds=None):
        self.process.wait(seconds)
        self.process.stdout.close()
        if not self.process.stdin.closed:
            self.process.stdin.close()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()
