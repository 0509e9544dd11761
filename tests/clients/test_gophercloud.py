"""Runs the tests in gophercloud/, written in Go, against the same server."""

import os
import shutil
import subprocess


def test_life_of_a_queue(url):
    go = shutil.which('go')
    assert go, 'no go in PATH'
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gophercloud')
    environment = dict(os.environ, MARCONI_URL=url, GOTOOLCHAIN='local', GOFLAGS='-mod=readonly',
                       CGO_ENABLED='0')
    ran = subprocess.run([go, 'test', '-count=1', '-v', './...'], cwd=folder, env=environment,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert ran.returncode == 0, ran.stdout
    assert '--- PASS: TestLifeOfAQueue' in ran.stdout, ran.stdout
