#!/usr/bin/python3
"""Adds up what the stages of `./dev test` left in their result folders.

    tools/tally.py RESULTS

RESULTS holds a folder for each stage. In it: `status`, the stage's exit status; `seconds`, how long
it took; and its counts, as
JUnit XML (GoogleTest's, pytest's, CTest's), as lines "1 passed" in `counts`, or as the closing
line of `conformance.log`. A stage that failed without a failed test counts as one failure. The
last line printed is the sum, `N passed, N failed, N skipped`; the exit status is 1 if any failed.
"""

import collections
import os
import re
import sys
import xml.etree.ElementTree

CLOSING_LINE = re.compile(r'^(\d+) passed, (\d+) failed, (\d+) skipped$', re.MULTILINE)


def outcome(case):
    """What a JUnit <testcase> says, in the dialects of GoogleTest and pytest."""
    if case.find('failure') is not None or case.find('error') is not None:
        return 'failed'
    if case.find('skipped') is not None or case.get('status') == 'notrun':
        return 'skipped'
    return 'passed'


def program_outcome(case):
    """What CTest says of a whole program. One that it could not run has failed."""
    return {'run': 'passed', 'disabled': 'skipped'}.get(case.get('status'), 'failed')


def junit_cases(path):
    return list(xml.etree.ElementTree.parse(path).iter('testcase'))


def count_stage(folder):
    counts = collections.Counter()
    names = set(os.listdir(folder))
    for name in sorted(names - {'ctest.xml'}):
        path = os.path.join(folder, name)
        if name.endswith('.xml'):
            counts.update(outcome(case) for case in junit_cases(path))
        elif name == 'counts':
            with open(path) as lines:
                for line in lines:
                    number, kind = line.split()
                    counts[kind] += int(number)
        elif name == 'conformance.log':
            with open(path) as log:
                closing = CLOSING_LINE.findall(log.read())
            if closing:
                counts.update(dict(zip(('passed', 'failed', 'skipped'), map(int, closing[-1]))))
    if 'ctest.xml' in names:
        # A program that wrote its own report has been counted test by test, unless it crashed
        # on the way out.
        for case in junit_cases(os.path.join(folder, 'ctest.xml')):
            if case.get('name') + '.xml' not in names:
                counts[program_outcome(case)] += 1
    return counts


def count_failure_of_stage(folder, counts):
    status = number_in(folder, 'status')
    if status != 0 and not counts['failed']:
        counts['failed'] += 1
    if status == 0 and not counts['passed'] and not counts['failed']:
        counts['failed'] += 1  # a stage that ran nothing proves nothing


def number_in(folder, name):
    """None if the stage was broken off before it could say."""
    try:
        with open(os.path.join(folder, name)) as source:
            return int(source.read())
    except (OSError, ValueError):
        return None


def main(results):
    total = collections.Counter()
    print()
    for stage in sorted(os.listdir(results), key=lambda name: os.path.getmtime(
            os.path.join(results, name))):
        folder = os.path.join(results, stage)
        counts = count_stage(folder)
        count_failure_of_stage(folder, counts)
        total += counts
        print('%-20s %5d passed, %3d failed, %3d skipped in %4s s' % (
            stage + ':', counts['passed'], counts['failed'], counts['skipped'],
            number_in(folder, 'seconds')))
    print()
    print('%d passed, %d failed, %d skipped' % (
        total['passed'], total['failed'], total['skipped']))
    return 1 if total['failed'] else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
