"""What is said of the machine beside the figures, and how fast its disk is."""

import os
import platform
import statistics
import time

SYNCS = 200
BLOCK = b'x' * 4096


def field(path, name):
    """The value of `name: value` in a file of /proc."""
    with open(path) as source:
        for line in source:
            key, _, value = line.partition(':')
            if key.strip() == name:
                return value.strip()
    return 'unknown'


def mount_of(directory):
    """The file system's type and device."""
    best = ('', '', '')
    with open('/proc/mounts') as source:
        for line in source:
            device, point, kind = line.split()[:3]
            inside = os.path.realpath(directory).startswith(point.rstrip('/') + '/')
            if inside and len(point) >= len(best[0]):
                best = (point, kind, device)
    return '%s on %s' % best[1:]


def debian():
    with open('/etc/debian_version') as source:
        return source.read().strip()


def description(directory):
    memory = int(field('/proc/meminfo', 'MemTotal').split()[0])
    return {'processor': '%s, %d cores' % (field('/proc/cpuinfo', 'model name'), os.cpu_count()),
            'memory_gib': round(memory / 2**20, 1), 'file_system': mount_of(directory),
            'kernel': platform.release(), 'debian': debian()}


def fdatasync_us(directory):
    """Microseconds that appending 4 KiB to a file and syncing it takes, each of many times."""
    path = os.path.join(directory, 'fdatasync')
    taken = []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(SYNCS):
            begin = time.perf_counter()
            os.write(descriptor, BLOCK)
            os.fdatasync(descriptor)
            taken.append((time.perf_counter() - begin) * 1e6)
    finally:
        os.close(descriptor)
        os.unlink(path)
    return taken


def median_fdatasync_us(runs):
    return statistics.median(value for run in runs for value in run)
