"""Collects outcomes, writes the JSON report, compares with a baseline."""

import json
import re
import time
import unittest

PASS, FAIL, SKIP = 'pass', 'fail', 'skip'

MISSING_PROFILE = 'no server given for profile '

_MAX_REASON = 600
_MAX_BODY = 300


class Collector(unittest.TestResult):
    """Keeps the last outcome of each test, with a one-paragraph reason."""

    def __init__(self, cases, site):
        super(Collector, self).__init__()
        self.cases = {case.id: case for case in cases}
        self.outcomes = {}
        self.class_errors = {}
        self._site = site
        self._started = None
        self._first = None

    def watch(self, test):
        """Note what happened where a test first goes wrong.

        Results are only reported after clean-up, when the request that
        mattered is long past.
        """
        def on_exception(exc_info):
            if self._first is None and exc_info[0] is not test.skipException:
                self._first = (_reason(exc_info),
                               self._site.last_exchange())
        test.addOnException(on_exception)

    def startTest(self, test):
        super(Collector, self).startTest(test)
        self._site.forget_last_exchange()
        self._first = None
        self._started = time.time()

    def stopTest(self, test):
        super(Collector, self).stopTest(test)
        outcome = self.outcomes.setdefault(test.id(), {'outcome': PASS})
        outcome['seconds'] = round(time.time() - self._started, 3)

    def _record(self, test, outcome, reason=None):
        entry = {'outcome': outcome}
        if outcome == FAIL:
            reason, last = self._first or (reason,
                                           self._site.last_exchange())
            if last is not None:
                entry['last_exchange'] = _describe(last)
        if reason:
            entry['reason'] = reason
        known = self.outcomes.get(test.id())
        # A failure in clean-up does not hide the one before it.
        if not known or known['outcome'] != FAIL:
            self.outcomes[test.id()] = entry

    def record(self, case, outcome, reason=None):
        self.outcomes[case.id] = {'outcome': outcome}
        if reason:
            self.outcomes[case.id]['reason'] = reason

    def addSuccess(self, test):
        self._record(test, PASS)

    def addError(self, test, err):
        reason = _reason(err)
        if test.id() in self.cases:
            self._record(test, FAIL, reason)
        else:
            # A class-level fixture failed: "setUpClass (module.Class)".
            match = re.search(r'\((.*)\)', test.id())
            self.class_errors[match.group(1) if match else test.id()] = reason

    addFailure = addError

    def addSkip(self, test, reason):
        if test.id() not in self.cases:
            return
        if reason.startswith(MISSING_PROFILE):
            self._record(test, SKIP, reason)
            self.outcomes[test.id()]['missing_profile'] = True
        else:
            self._record(test, SKIP, 'skipped by the suite: ' + reason)

    def addExpectedFailure(self, test, err):
        self._record(test, PASS)

    def addUnexpectedSuccess(self, test):
        self._record(test, FAIL, 'unexpected success')

    def forget(self, case):
        self.outcomes.pop(case.id, None)

    def counts(self, suite=None):
        found = [self.outcomes[case.id]['outcome']
                 for case in self.cases.values()
                 if suite is None or case.suite == suite]
        return {kind: found.count(kind) for kind in (PASS, FAIL, SKIP)}


def _reason(err):
    kind, value, _ = err
    text = ' '.join(str(value).split()).strip()
    name = kind.__name__
    if name == '_StringException':
        # A whole report folded into one string; the end says what it was.
        return text[-_MAX_REASON:]
    if name == 'MismatchError':
        name = 'expected != found'
    return ('%s: %s' % (name, text))[:_MAX_REASON]


def _describe(exchange):
    if exchange.status is None and not exchange.target:
        return '%s frame %s -> %s' % (exchange.method,
                                      exchange.request_body[:_MAX_BODY],
                                      exchange.response_body[:_MAX_BODY])
    line = '%s %s' % (exchange.method, exchange.target[:_MAX_BODY])
    if exchange.request_body:
        line += ' ' + exchange.request_body[:_MAX_BODY]
    return '%s -> %s %s' % (line, exchange.status,
                            exchange.response_body[:_MAX_BODY])


def write(path, collector, details):
    suites = sorted({case.suite for case in collector.cases.values()})
    document = dict(details)
    document['summary'] = {name: collector.counts(name) for name in suites}
    document['summary']['all'] = collector.counts()
    document['failed'] = sorted(
        case.id for case in collector.cases.values()
        if collector.outcomes[case.id]['outcome'] == FAIL)
    document['tests'] = {
        case.id: dict(suite=case.suite, profile=case.profile,
                      **collector.outcomes[case.id])
        for case in collector.cases.values()}
    with open(path, 'w') as out:
        json.dump(document, out, indent=1, sort_keys=True)
        out.write('\n')


def read(path):
    """The outcomes recorded in a report: id -> entry."""
    with open(path) as source:
        return json.load(source)['tests']


def read_exceptions(path):
    """The tests known not to pass: id -> reason."""
    found = {}
    with open(path) as source:
        for line in source:
            if line.strip() and not line.startswith('#'):
                test_id, colon, reason = line.partition(':')
                if not (colon and reason.strip()):
                    raise ValueError('%s: no reason given: %s' %
                                     (path, line.strip()))
                found[test_id.strip()] = reason.strip()
    return found


def regressions(baseline, collector, allow_missing_profiles):
    """Tests of this run that pass in the baseline but not here."""
    worse = []
    for case in collector.cases.values():
        expected = baseline.get(case.id, {}).get('outcome')
        got = collector.outcomes[case.id]
        if expected != PASS or got['outcome'] == PASS:
            continue
        if got.get('left_out') or got.get('excepted'):
            continue
        if allow_missing_profiles and got.get('missing_profile'):
            continue
        worse.append((case.id, got))
    return worse
