#!/usr/bin/python3
"""Checks that the rooms under src/ use each other only in the directions laid down here.

    tools/check_layering.py [ROOT]      check the tree
    tools/check_layering.py --self-test prove that forbidden includes are caught

A room is a folder under src/; each folder under src/storage/ but `contract` is a driver and a
room of its own. Includes of our own files are written in quotes and from src/.
"""

import os
import re
import sys
import tempfile

# ---- The rules -----------------------------------------------------------------------------

# Every room may include itself and these.
COMMON = {'base', 'observability'}

# Room: what else it may include. A room that is not listed does not exist.
MAY_USE = {
    'base': set(),
    'observability': set(),
    'config': set(),
    'encoding': set(),
    'domain': {'encoding'},
    'storage': {'domain'},
    'storage/*': {'storage', 'domain', 'encoding'},
    'auth': {'domain', 'client'},
    'service': {'storage', 'domain', 'auth'},
    'api': {'service', 'auth', 'domain', 'encoding'},
    'net': set(),
    'transport': {'api/handler.h', 'net'},  # the entry point and nothing behind it
    'client': {'net', 'domain', 'encoding'},
    'cli': {'client', 'net', 'domain', 'encoding'},
    'notify': {'storage', 'domain', 'client'},
    'program': {'config', 'storage/mongodb'},
    'gc': {'program', 'config', 'storage', 'storage/mongodb'},
    'dashboard': set(),
    'server': {'*'},
}

# `base` stands alone: it may not even use the rooms that all others may.
ALONE = {'base'}

# Tests and their helpers (by the end of the file's name: TEST_FILE below) may besides use the
# test doubles and what these speak of.
TEST_MAY_USE = {'storage', 'storage/contract', 'storage/memory', 'storage/faulty', 'domain'}

# A library (the beginning of an include in angle brackets) and the rooms that may know it.
LIBRARIES = {
    'rocksdb/': {'storage/embedded'},
    'mongoc/': {'storage/mongodb'},
    'bson/': {'storage/mongodb'},
    'boost/asio': {'net', 'transport', 'client', 'server'},
    'boost/beast': {'net', 'transport', 'client'},
    'simdjson': {'encoding'},
    'boost/json': {'encoding'},
    'spdlog/': {'observability'},
}

# --------------------------------------------------------------------------------------------

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TEST_FILE = re.compile(r'_(test|fuzz|bench|harness|assertions)\.(cc|h)$|^storage/contract/')
SOURCE = re.compile(r'\.(cc|h)$')


def room_of(path):
    """The room of a path relative to src/."""
    parts = path.split('/')
    if parts[0] == 'storage' and len(parts) > 2:
        return '/'.join(parts[:2])
    return parts[0]


def allowed(room, is_test):
    key = 'storage/*' if room.startswith('storage/') else room
    found = {room} | MAY_USE[key]
    if room not in ALONE:
        found |= COMMON
    if is_test:
        found |= COMMON | TEST_MAY_USE
    return found


def judge(path, bracket, target, exists):
    """Why the file at `path` may not include `target`; None if it may."""
    room = room_of(path)
    is_test = bool(TEST_FILE.search(path))
    if bracket == '<':
        for library, rooms in LIBRARIES.items():
            if target.startswith(library) and room not in rooms and not is_test:
                return 'only %s may include <%s…>' % (', '.join(sorted(rooms)), library)
        return None
    if not exists(target):
        return 'no such file under src/ (includes are written from there)'
    may = allowed(room, is_test)
    if '*' in may or target in may or room_of(target) in may:
        return None
    return '%s may include only %s' % (room, ', '.join(sorted(may)))


def violations(root):
    """Lines "file:line: …" for every include that breaks a rule."""
    source_root = os.path.join(root, 'src')

    def exists(target):
        return os.path.isfile(os.path.join(source_root, target))

    for folder, folders, names in os.walk(source_root):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, source_root)
            if not SOURCE.search(name):
                continue
            room = room_of(path)
            if room not in MAY_USE and not room.startswith('storage/'):
                yield 'src/%s:1: the room %s is not in the table' % (path, room)
                continue
            with open(full, encoding='utf-8') as lines:
                for number, line in enumerate(lines, 1):
                    match = INCLUDE.match(line)
                    reason = match and judge(path, match[1], match[2], exists)
                    if reason:
                        yield 'src/%s:%d: includes %s: %s' % (path, number, match[2], reason)


# File, include, whether it is allowed.
SELF_TEST = [
    ('service/messages.cc', '"storage/store.h"', True),
    ('service/messages.cc', '"domain/message.h"', True),
    ('service/messages.cc', '"storage/embedded/store.h"', False),
    ('service/messages.cc', '"encoding/json_text.h"', False),
    ('service/messages.cc', '"api/handler.h"', False),
    ('service/messages_test.cc', '"storage/memory/store.h"', True),
    ('service/messages_test.cc', '"api/handler.h"', False),
    ('storage/store.h', '"storage/embedded/store.h"', False),
    ('storage/embedded/store.cc', '"storage/memory/store.h"', False),
    ('storage/embedded/store.cc', '"storage/store.h"', True),
    ('storage/embedded/store.cc', '<rocksdb/db.h>', True),
    ('storage/memory/store.cc', '<rocksdb/db.h>', False),
    ('storage/mongodb/client.cc', '<mongoc/mongoc.h>', True),
    ('storage/embedded/store.cc', '<mongoc/mongoc.h>', False),
    ('transport/session.cc', '"api/handler.h"', True),
    ('transport/session.cc', '"api/v2/queues.h"', False),
    ('transport/session.cc', '"service/messages.h"', False),
    ('api/v2/queues.cc', '"service/messages.h"', True),
    ('api/v2/queues.cc', '"transport/session.h"', False),
    ('api/v2/queues.cc', '"handler.h"', False),
    ('domain/message.h', '"storage/store.h"', False),
    ('base/error.h', '"observability/log.h"', False),
    ('domain/message.h', '"observability/log.h"', True),
    ('server/main.cc', '"storage/embedded/store.h"', True),
    ('attic/old.cc', '"base/error.h"', False),
]


def self_test():
    failures = []
    for path, include, good in SELF_TEST:
        with tempfile.TemporaryDirectory() as root:
            for name in [entry[0] for entry in SELF_TEST] + [
                    'storage/memory/store.h', 'storage/embedded/store.h', 'service/messages.h',
                    'api/handler.h', 'api/v2/queues.h', 'transport/session.h',
                    'encoding/json_text.h', 'observability/log.h']:
                if name.startswith('attic/') and path != name:
                    continue
                full = os.path.join(root, 'src', name)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, 'w') as out:
                    if name == path:
                        out.write('#include %s\n' % include)
            found = list(violations(root))
            if bool(found) == good or any('src/%s:1' % path not in line for line in found):
                failures.append('%s including %s: expected %s, found %s' % (
                    path, include, 'nothing' if good else 'a violation', found or 'nothing'))
    return failures


def main(arguments):
    if arguments == ['--self-test']:
        found = self_test()
    else:
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        found = list(violations(arguments[0] if arguments else here))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
