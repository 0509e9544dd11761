"""Runs marconi-load, the load generator, on the core that is its own."""

import json
import os
import subprocess
import tempfile

import peers

LOAD_CORE = 1


def binary():
    return os.environ.get('MARCONI_LOAD',
                          os.path.join(peers.ROOT, 'build', 'release', 'bin', 'marconi-load'))


def run(peer, script, connections, **options):
    """What the generator measured, as a dictionary. script: (requests, follow-up or None), bytes.
    options: its other options; warm_up=0.5 is --warm-up 0.5."""
    command = ['taskset', '-c', str(LOAD_CORE), binary(), '--protocol', peer.protocol,
               '--port', str(peer.port), '--connections', str(connections)]
    for name, value in options.items():
        command += ['--' + name.replace('_', '-'), str(value)]
    with tempfile.TemporaryDirectory() as folder:
        requests, follow_up = script
        texts = [('request', text) for text in requests]
        texts += [('follow-up', follow_up)] if follow_up else []
        for number, (name, text) in enumerate(texts):
            path = os.path.join(folder, str(number))
            with open(path, 'wb') as out:
                out.write(text)
            command += ['--' + name, path]
        ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError('%s: %s' % (peer.name, ran.stderr.strip()))
    return json.loads(ran.stdout)
