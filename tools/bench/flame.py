"""Where the server spends its time: samples of perf, drawn as a flame graph."""

import collections
import os
import re
import shutil
import subprocess

import dialects
import load
import peers
import svg
import workloads

SECONDS = 6
HERTZ = 497  # not a divisor of what servers do in step with
STACK_BYTES = 16384
BUFFER = '64M'  # or samples get lost
PROFILED = ('post', 'list')
FRAME = re.compile(r'^\s+[0-9a-f]+ (.*?)(?:\+0x[0-9a-f]+)? \((.*)\)$')
BELOW_ALL = ('[unknown]', 'clone3', 'start_thread')  # what every stack begins with
WIDTH, ROW, MARGIN = 1200, 17, 10


def shortened(symbol):
    """A function's name without arguments and template arguments."""
    symbol = re.sub(r'\(anonymous namespace\)::', '', symbol)
    previous = None
    while previous != symbol:
        previous = symbol
        symbol = re.sub(r'<[^<>]*>', '', symbol)
    symbol = symbol.split('(')[0].replace('[clone .', '').strip()
    return symbol.split(' ')[-1] or previous


def stacks_of(lines):
    """Counts the stacks in the output of `perf script`; a stack is a tuple of (function, kind),
    outermost first, below the thread's name."""
    counted, frames, thread = collections.Counter(), [], None
    for line in list(lines) + ['']:
        if not line.strip():
            if thread is not None:
                counted[tuple([(thread, 'thread')] + frames[::-1])] += 1
            frames, thread = [], None
        elif thread is None:
            thread = line.strip().rstrip(':')
        else:
            matched = FRAME.match(line)
            if matched and matched[1] not in BELOW_ALL:
                frames.append((shortened(matched[1]), kind_of(matched[1], matched[2])))
    return counted


def kind_of(symbol, library):
    if 'kernel' in library or library.endswith('.ko'):
        return 'kernel'
    if 'librocksdb' in library or symbol.startswith('rocksdb::'):
        return 'rocksdb'
    if 'marconi-server' in library:
        return 'asio' if 'boost::asio' in symbol and 'marconi' not in symbol else 'marconi'
    return 'library'


COLOURS = {'thread': '#cbd2d9', 'kernel': '#8fb3d9', 'rocksdb': '#e9b872', 'marconi': '#8cc7a1',
           'asio': '#c5e0a5', 'library': '#d9c2e0'}


class Node:
    def __init__(self):
        self.samples = 0
        self.below = {}


def tree_of(stacks):
    root = Node()
    for stack, count in stacks.items():
        node = root
        node.samples += count
        for frame in stack:
            node = node.below.setdefault(frame, Node())
            node.samples += count
    return root


def depth_of(node, least):
    deeper = [depth_of(child, least) for child in node.below.values() if child.samples >= least]
    return 1 + max(deeper, default=0)


def draw(stacks, title):
    root = tree_of(stacks)
    least = root.samples * 0.001
    height = 70 + ROW * depth_of(root, least)
    parts = [svg.text(MARGIN, 24, title, 16)]
    x = MARGIN
    for kind, colour in COLOURS.items():
        parts += [svg.rectangle(x, 34, 12, 12, colour), svg.text(x + 16, 44, kind, 12)]
        x += 90
    scale = (WIDTH - 2 * MARGIN) / max(root.samples, 1)

    def place(node, left, level):
        for (name, kind), child in sorted(node.below.items()):
            if child.samples < least:
                continue
            width = child.samples * scale
            y = height - ROW * (level + 1) - 4
            share = '%s: %.1f %%' % (name, 100 * child.samples / root.samples)
            parts.append(svg.rectangle(left, y, max(width - 0.5, 0.3), ROW - 1, COLOURS[kind], share))
            letters = int(width / 6.4)
            if letters >= 4:
                words = name if len(name) <= letters else name[-letters + 1:]
                parts.append(svg.text(left + 2, y + 12, words, 11))
            place(child, left, level + 1)
            left += width

    place(root, MARGIN, 0)
    return svg.document(WIDTH, height, parts)


def widest(stacks, count=25):
    """The functions with the largest shares of all samples, each counted once a stack."""
    total, shares = sum(stacks.values()), collections.Counter()
    for stack, samples in stacks.items():
        for frame in set(stack):
            shares[frame] += samples
    return [(name, kind, samples / total) for (name, kind), samples in shares.most_common(count)]


def record(peer, path, script, connections):
    command = ['perf', 'record', '-q', '-F', str(HERTZ), '--call-graph',
               'dwarf,%d' % STACK_BYTES, '-m', BUFFER, '-o', path, '-p', str(peer.process.pid)]
    recording = subprocess.Popen(command + ['--', 'sleep', str(SECONDS)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    load.run(peer, script, connections, seconds=SECONDS + 1)
    _, trouble = recording.communicate()
    if recording.returncode:
        raise RuntimeError('perf: ' + trouble.strip())
    shown = subprocess.run(['perf', 'script', '-i', path, '--no-inline', '-F', 'comm,ip,sym,dso'],
                           capture_output=True, text=True)
    return stacks_of(shown.stdout.splitlines())


def profile(args, scratch, out):
    """Draws a flame graph of each profiled workload into the folder `out`."""
    if not shutil.which('perf'):
        raise RuntimeError('there is no perf: install linux-perf')
    for name in PROFILED:
        workload = workloads.BY_NAME[name]
        peer = peers.Marconi(scratch)
        peer.start()
        try:
            peer.thaw()
            script = workload.script(dialects.dialect(peer, args.size), name, SECONDS, [])
            stacks = record(peer, os.path.join(scratch, 'perf.data'), script, workload.connections)
        finally:
            peer.stop()
        path = os.path.join(out, 'flame-%s.svg' % name)
        with open(path, 'w') as drawing:
            drawing.write(draw(stacks, 'marconi-server: %s, %d connections' % (
                workload.words, workload.connections)))
        print('%s: %d samples, %s' % (name, sum(stacks.values()), os.path.relpath(path)))
        for function, kind, share in widest(stacks, 25):
            print('  %5.1f %%  %-8s %s' % (100 * share, kind, function))
