#!/usr/bin/python3
"""Runs the fuzz targets, keeps account of it, and measures what their inputs reach.

    tools/fuzz.py run [--seconds N] [--jobs N] [--ledger FILE] [TARGET...]
    tools/fuzz.py sum [FILE]
    tools/fuzz.py coverage [--seeds-only]

`./dev fuzz` builds the targets first. The ledger has a line of JSON for each run of a target.
"""

import argparse
import collections
import concurrent.futures
import datetime
import glob
import json
import os
import re
import signal
import subprocess
import sys

LEDGER = 'fuzz/ledger.jsonl'
FINDINGS = 'build/findings'
HOUR = 3600
# libFuzzer's exit statuses
INTERRUPTED = 72
TIMED_OUT = 70
PROGRESS = re.compile(r'^#\d+\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)')
EXECUTIONS = re.compile(r'^stat::number_of_executed_units:\s+(\d+)')
FINDING = re.compile(r'Test unit written to (\S+)')
NOISE = re.compile(r'^#\d+\s+(NEW|REDUCE|RELOAD)\s|NEW_FUNC|^INFO: |^"|^######|^stat::|^$')


def say(text):
    print(text, flush=True)


def fail(text):
    sys.exit('fuzz: ' + text)


def targets_in(folder, wanted):
    """The programs in `folder`, or those of them that are `wanted`, by name."""
    found = {os.path.basename(path): path for path in sorted(glob.glob(folder + '/*_fuzz'))}
    if not found:
        fail('there are no fuzz targets in %s; ./dev fuzz builds them' % folder)
    for name in wanted:
        if name not in found:
            fail('no target %s; there are: %s' % (name, ', '.join(found)))
    return {name: found[name] for name in wanted or found}


def corpora_of(name):
    """New inputs go to the first of them."""
    return ['build/corpus/' + name, 'fuzz/corpus/' + name]


# ---- Running ---------------------------------------------------------------------------------


def options_for(name, seconds):
    options = ['-max_total_time=%d' % seconds, '-timeout=10', '-report_slow_units=10000',
               '-rss_limit_mb=1024', '-print_final_stats=1',
               '-artifact_prefix=%s/%s-' % (FINDINGS, name)]
    dictionary = 'fuzz/%s.dict' % name.removesuffix('_fuzz')
    return options + (['-dict=' + dictionary] if os.path.exists(dictionary) else [])


def environment():
    return {**os.environ,
            'ASAN_OPTIONS': 'quarantine_size_mb=64:' + os.environ.get('ASAN_OPTIONS', '')}


def repeats(program, path):
    """Whether the input fails again, else removes it: a stopped machine looks like a time-out."""
    again = subprocess.run([program, '-timeout=10', path], env=environment(),
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0
    if not again:
        os.remove(path)
    return again


def run_target(name, program, seconds):
    """One run, as a line of the ledger. Its `seconds` are of processor time."""
    for folder in corpora_of(name) + [FINDINGS]:
        os.makedirs(folder, exist_ok=True)
    entry = {'target': name, 'seconds': 0, 'executions': 0, 'edges': 0, 'features': 0, 'inputs': 0,
             'findings': []}
    process = subprocess.Popen([program, *options_for(name, seconds), *corpora_of(name)],
                               env=environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors='replace')
    for line in process.stdout:
        if match := PROGRESS.match(line):
            entry.update(zip(('edges', 'features', 'inputs'), map(int, match.groups())))
        elif match := EXECUTIONS.match(line):
            entry['executions'] = int(match[1])
        elif match := FINDING.search(line):
            entry['findings'].append(match[1])
        if not NOISE.search(line):
            say('%s: %s' % (name, line.rstrip()))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    entry['seconds'] = round(usage.ru_utime + usage.ru_stime, 1)
    entry['findings'] = [path for path in entry['findings']
                         if '-timeout-' not in path or repeats(program, path)]
    did_nothing = process.returncode == 0 and not entry['executions']
    failed = (entry['findings'] or did_nothing or
              process.returncode not in (0, INTERRUPTED, TIMED_OUT))
    entry['verdict'] = 'failed' if failed else 'passed'
    return entry


def commit():
    words = ['git', 'describe', '--always', '--abbrev=12', '--dirty=+', '--exclude=*']
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


def append(path, entry):
    now = datetime.datetime.now(datetime.timezone.utc)
    stamped = {'finished': now.strftime('%Y-%m-%dT%H:%M:%SZ'), 'commit': commit(), **entry}
    with open(path, 'a') as ledger:
        ledger.write(json.dumps(stamped) + '\n')


def run(arguments):
    programs = targets_in(arguments.build + '/fuzz', arguments.targets)
    stopped = False

    def stop(*_):  # libFuzzer gets the signal as well and ends its run in order
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop)
    failed = []

    def one(name):
        if stopped:
            return
        say('== %s for %d s' % (name, arguments.seconds))
        entry = run_target(name, programs[name], arguments.seconds)
        append(arguments.ledger, entry)
        say('%s: %s; %d executions in %.0f s of processor time, %d edges' % (
            name, entry['verdict'], entry['executions'], entry['seconds'], entry['edges']))
        if entry['verdict'] == 'failed':
            failed.append(name)

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(one, programs))
    if failed:
        fail('%s failed; inputs that were found are in %s/' % (', '.join(sorted(failed)), FINDINGS))


# ---- The ledger ------------------------------------------------------------------------------


def add_up(arguments):
    if not os.path.exists(arguments.ledger):
        fail('there is no %s' % arguments.ledger)
    by_target = collections.defaultdict(list)
    with open(arguments.ledger) as lines:
        for line in lines:
            entry = json.loads(line)
            by_target[entry['target']].append(entry)
    say('%-20s %6s %8s %14s %7s %9s' % ('target', 'runs', 'hours', 'executions', 'edges', 'findings'))
    for name, entries in sorted(by_target.items()):
        say('%-20s %6d %8.2f %14d %7d %9d' % (
            name, len(entries), sum(entry['seconds'] for entry in entries) / HOUR,
            sum(entry['executions'] for entry in entries),
            max(entry['edges'] for entry in entries),
            sum(len(entry['findings']) for entry in entries)))


# ---- Coverage --------------------------------------------------------------------------------

KINDS = ('lines', 'branches', 'functions')


def room_of(path):
    """src/api/v2/home.cc is in the room api, src/storage/memory/queue.cc in storage/memory."""
    parts = path.split('/')[1:-1]
    return '/'.join(parts[:2] if parts[0] == 'storage' else parts[:1])


def profile(name, program, folder, seeds_only):
    """Runs all inputs that were kept, and counts what they reach."""
    inputs = [path for path in corpora_of(name)[1 if seeds_only else 0:] if os.path.isdir(path)]
    raw = '%s/%s.profraw' % (folder, name)
    say('running %d inputs of %s' % (sum(len(os.listdir(path)) for path in inputs), name))
    done = subprocess.run([program, '-runs=0', *inputs], env={**os.environ, 'LLVM_PROFILE_FILE': raw},
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        fail('%s fails on an input that was kept:\n%s' % (name, done.stderr[-2000:]))
    return raw


def reached(programs, profiles, folder):
    """For each source file, the counts (reached, all) of each kind."""
    merged = folder + '/all.profdata'
    subprocess.run(['llvm-profdata-19', 'merge', '-sparse', '-o', merged, *profiles], check=True)
    first, *others = programs
    words = ['llvm-cov-19', 'export', '-summary-only', '-instr-profile=' + merged, first]
    report = subprocess.run(words + ['-object=' + path for path in others], capture_output=True)
    if report.returncode:
        fail('llvm-cov: ' + report.stderr.decode(errors='replace'))
    # It also warns of functions that differ between targets: each has an entry of its own.
    counts = {}
    for file in json.loads(report.stdout)['data'][0]['files']:
        path = os.path.relpath(file['filename'])
        if path.startswith('src/') and not path.endswith(('_fuzz.cc', 'api_harness.h')):
            counts[path] = [(file['summary'][kind]['covered'], file['summary'][kind]['count'])
                            for kind in KINDS]
    return counts


def row(name, counts):
    cells = ['%5.1f %% of %d' % (100 * some / all, all) if all else '–' for some, all in counts]
    return '| %s | %s |' % (name, ' | '.join(cells))


def coverage(arguments):
    folder = arguments.build + '/profiles'
    os.makedirs(folder, exist_ok=True)
    programs = targets_in(arguments.build + '/fuzz', [])
    profiles = [profile(name, program, folder, arguments.seeds_only)
                for name, program in programs.items()]
    counts = reached(programs.values(), profiles, folder)
    rooms = collections.defaultdict(lambda: [(0, 0)] * len(KINDS))
    for path, of_file in counts.items():
        room = room_of(path)
        rooms[room] = [(a + c, b + d) for (a, b), (c, d) in zip(rooms[room], of_file)]
    for title, table in (('File', counts), ('Room', rooms)):
        say('\n| %s | %s |\n| --- | --- | --- | --- |' % (title, ' | '.join(KINDS)))
        for name in sorted(table):
            say(row(name, table[name]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    command = commands.add_parser('run', help='run targets one after the other')
    command.add_argument('targets', nargs='*', metavar='TARGET', help='default: all')
    command.add_argument('--seconds', type=int, default=60, help='for each (default 60)')
    command.add_argument('--jobs', type=int, default=1, help='targets at a time (default 1)')
    command.add_argument('--build', default='build/asan', help='default build/asan')
    command.add_argument('--ledger', default=LEDGER, help='default ' + LEDGER)
    command.set_defaults(call=run)

    command = commands.add_parser('sum', help='add up the ledger by target')
    command.add_argument('ledger', nargs='?', default=LEDGER, help='default ' + LEDGER)
    command.set_defaults(call=add_up)

    command = commands.add_parser('coverage', help='what the inputs that were kept reach')
    command.add_argument('--build', default='build/fuzz-coverage', help='default build/fuzz-coverage')
    command.add_argument('--seeds-only', action='store_true', help='only the inputs in fuzz/corpus/')
    command.set_defaults(call=coverage)

    arguments = parser.parse_args()
    arguments.call(arguments)


if __name__ == '__main__':
    main()
