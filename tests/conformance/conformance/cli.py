"""Command line of the conformance runner."""

import argparse
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
import warnings

from conformance import profiles
from conformance import report

ALL = ('versions', 'v1', 'v1.1', 'v2', 'tempest', 'client', 'websocket')


def parse(argv):
    parser = argparse.ArgumentParser(
        prog='run', description='Run published messaging test suites against '
        'a live server.')
    for profile in profiles.PROFILES.values():
        parser.add_argument(profile.option, dest='url_' + profile.name,
                            metavar='URL', help=profile.summary)
    parser.add_argument('--suite', default=','.join(ALL),
                        help='comma-separated: %s (default: all)' %
                        ', '.join(ALL))
    parser.add_argument('--only', metavar='REGEX',
                        help='run only tests whose id matches')
    parser.add_argument('--scope', metavar='FILE',
                        help='run only tests whose id stands in FILE, one a '
                        'line')
    parser.add_argument('--report', metavar='FILE',
                        help='write a JSON report')
    parser.add_argument('--label', metavar='TEXT', default='',
                        help='what was tested, for the report')
    parser.add_argument('--expect', metavar='BASELINE',
                        help='a report to compare with: fail if a test that '
                        'passes there does not pass here')
    parser.add_argument('--exceptions', metavar='FILE',
                        help='tests that are known not to pass, with their '
                        'reasons: "id: reason", one a line; they run, and '
                        'count as skipped while they fail. Every other test '
                        'must then pass, whatever the baseline says')
    parser.add_argument('--allow-missing-profiles', action='store_true',
                        help='with --expect: tolerate tests skipped because '
                        "their profile's URL was not given")
    parser.add_argument('--pool-uri', default='redis://127.0.0.1:6379',
                        help='storage URI for the pools that tests create '
                        '(default: %(default)s)')
    parser.add_argument('--no-slow', action='store_true',
                        help='leave out the three tests that wait a minute '
                        'or more for something to expire')
    parser.add_argument('--verbose', '-v', action='store_true',
                        help='print each test as it ends')
    parser.add_argument('--alone', action='store_true',
                        help=argparse.SUPPRESS)
    parser.add_argument('--list', action='store_true',
                        help='list tests with their profiles and stop')
    parser.add_argument('--list-profiles', action='store_true',
                        help='print the settings each profile needs and stop')
    args = parser.parse_args(argv)
    args.suites = [name for name in args.suite.split(',') if name]
    unknown = set(args.suites) - set(ALL)
    if unknown:
        parser.error('unknown suite: %s' % ', '.join(sorted(unknown)))
    args.urls = {name: getattr(args, 'url_' + name).rstrip('/')
                 for name in profiles.PROFILES
                 if getattr(args, 'url_' + name)}
    for name, url in args.urls.items():
        scheme = profiles.PROFILES[name].scheme
        if not url.startswith(scheme + '://'):
            parser.error('%s takes a %s:// URL' %
                         (profiles.PROFILES[name].option, scheme))
    if not (args.urls or args.list or args.list_profiles):
        parser.error('no server given (--url)')
    return args


def print_profiles():
    for profile in profiles.PROFILES.values():
        print('# %s %s' % (profile.option, '=' * 50))
        print('# ' + profile.summary)
        print(profile.as_ini())


def prepare_environment(args, config_dir):
    """Set what the suites read from the environment when imported."""
    os.environ.update({
        'ZAQAR_TESTS_CONFIGS_DIR': config_dir,
        'ZAQAR_TEST_MONGODB': '1',
        'ZAQAR_TEST_MONGODB_URL': args.pool_uri,
        'ZAQAR_TEST_SLOW': '1',
        'ZAQARCLIENT_TEST_FUNCTIONAL': '1',
        'TEMPEST_CONFIG_DIR': config_dir,
    })
    for name in ('ZAQAR_TEST_EVERYTHING', 'ZAQAR_TEST_INTEGRATION',
                 'ZAQARCLIENT_AUTH_FUNCTIONAL'):
        os.environ.pop(name, None)


def versions():
    found = {}
    for package in ('zaqar', 'zaqar_tempest_plugin', 'python-zaqarclient'):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = 'missing'
    return found


class _Alive(object):
    """Tells the functional base class that no server need be started."""

    def is_alive(self):
        return True


class Aside(object):
    """A slow test running in a process of its own, beside the others."""

    def __init__(self, case, args, directory):
        self.case = case
        self._report = os.path.join(directory, 'aside-%d.json' % id(self))
        command = [sys.executable, sys.argv[0], '--alone',
                   '--suite', case.suite, '--report', self._report,
                   '--pool-uri', args.pool_uri,
                   '--only', '^%s$' % re.escape(case.id)]
        for name, url in args.urls.items():
            command += [profiles.PROFILES[name].option, url]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def outcome(self):
        self._process.wait()
        try:
            entry = report.read(self._report)[self.case.id]
        except (OSError, ValueError, KeyError):
            entry = {'outcome': 'fail', 'reason': 'its process ended with '
                     'status %s' % self._process.returncode}
        return {key: value for key, value in entry.items()
                if key not in ('suite', 'profile')}


class Runner(object):
    def __init__(self, args, site, cases, baseline, exceptions, directory):
        self.args = args
        self.site = site
        self.cases = cases
        self.baseline = baseline
        self.exceptions = exceptions
        self.directory = directory
        self.collector = report.Collector(cases, site)

    def run(self):
        runnable = []
        aside = []
        for case in self.cases:
            self.collector.watch(case.test)
            self._release_claims_before_tear_down(case.test)
            if case.excluded:
                self.collector.record(case, 'skip',
                                      'excluded: ' + case.excluded)
            elif case.slow and self.args.no_slow:
                self.collector.record(case, 'skip', 'slow (--no-slow)')
                self.collector.outcomes[case.id]['left_out'] = True
            elif case.profile not in self.site.urls:
                option = profiles.PROFILES[case.profile].option
                self.collector.record(
                    case, 'skip', '%s%s (%s)' % (report.MISSING_PROFILE,
                                                 case.profile, option))
                self.collector.outcomes[case.id]['missing_profile'] = True
            elif case.slow and not self.args.alone:
                aside.append(Aside(case, self.args, self.directory))
            else:
                runnable.append(case)
        # Tests of one class stay together: class-level fixtures then run
        # once.  One class may need several profiles.
        groups = []
        for case in runnable:
            key = (type(case.test), case.profile)
            if not groups or groups[-1][0] != key:
                groups.append((key, []))
            groups[-1][1].append(case)
        for (_, profile), group in groups:
            self._run_group(profile, group)
        for other in aside:
            self.collector.outcomes[other.case.id] = other.outcome()
            self._apply_exception(other.case)
            self._tell(other.case)

    def _run_group(self, profile, group):
        self.site.profile = profile
        self._set_mode(type(group[0].test))
        suite = unittest.TestSuite(_Step(self, case) for case in group)
        suite.run(self.collector)
        if group[0].suite == 'tempest':
            # A test that failed half-way must not upset the next class.
            from conformance import tempest_stub
            self.site.remove_project(tempest_stub.PROJECT_ID)
        for case in group:
            if case.id not in self.collector.outcomes:
                cls = type(case.test)
                name = '%s.%s' % (cls.__module__, cls.__qualname__)
                self.collector.record(
                    case, 'fail', 'class fixture: ' +
                    self.collector.class_errors.get(name, 'did not run'))
                self._tell(case)

    def _release_claims_before_tear_down(self, test):
        tear_down = test.tearDown

        def wrapped():
            self.site.release_claims()
            tear_down()

        test.tearDown = wrapped

    @staticmethod
    def _set_mode(cls):
        if cls.__module__.startswith('zaqar.tests.functional.'):
            from zaqar.tests.functional import base
            websocket = '.websocket.' in cls.__module__
            base._TEST_INTEGRATION = websocket
            if websocket:
                cls.server = _Alive()

    def run_case(self, case):
        case.test(self.collector)
        self.site.cleanup()
        failed = self.collector.outcomes[case.id]['outcome'] == 'fail'
        if failed and case.time_sensitive:
            self.collector.forget(case)
            case.test(self.collector)
            self.site.cleanup()
            self.collector.outcomes[case.id]['second_try'] = True
        self._apply_exception(case)
        self._tell(case)

    def _apply_exception(self, case):
        reason = self.exceptions.get(case.id)
        if reason is None:
            return
        entry = self.collector.outcomes[case.id]
        if entry['outcome'] == report.FAIL:
            entry.update(outcome=report.SKIP, excepted=True,
                         reason='exception: ' + reason)
        elif entry['outcome'] == report.PASS:
            entry.update(outcome=report.FAIL, reason='passes, although it '
                         'is listed as an exception: ' + reason)

    def _tell(self, case):
        entry = self.collector.outcomes[case.id]
        if self.args.verbose or entry['outcome'] == 'fail':
            known = self.baseline.get(case.id, {}).get('outcome')
            note = ' (as in the baseline)' if known == 'fail' else ''
            line = '%s%s %s' % (entry['outcome'].upper(),
                                note if entry['outcome'] == 'fail' else '',
                                case.id)
            if entry.get('reason'):
                line += '\n     ' + entry['reason']
            if entry.get('last_exchange'):
                line += '\n     last: ' + entry['last_exchange']
            print(line, flush=True)


class _Step(object):
    """A member of a TestSuite that hands its test to the runner.

    TestSuite looks at the class of its members to decide when class-level
    fixtures run, so the step passes for an instance of the test's class.
    """

    def __init__(self, runner, case):
        self._runner = runner
        self._case = case

    @property
    def __class__(self):
        return type(self._case.test)

    def countTestCases(self):
        return 1

    def id(self):
        return self._case.id

    def __call__(self, result):
        self._runner.run_case(self._case)


def main(argv=None):
    args = parse(sys.argv[1:] if argv is None else argv)
    if args.list_profiles:
        print_profiles()
        return 0
    warnings.simplefilter('ignore')
    started = time.time()
    with tempfile.TemporaryDirectory() as config_dir:
        profiles.write_config_dir(config_dir, uuid.uuid4().hex)
        prepare_environment(args, config_dir)
        try:
            return _run(args, started, config_dir)
        except ModuleNotFoundError as exc:
            print('%s; see README.md for the packages needed' % exc,
                  file=sys.stderr)
            return 2


def _run(args, started, directory):
    # Imported late: the suites read the environment when first imported.
    from conformance import adapter
    from conformance import catalog
    from conformance import websocket_adapter
    from conformance import wire

    for name, url in args.urls.items():
        trouble = wire.reachable(url)
        if trouble:
            print('cannot reach the server of profile %s at %s: %s' %
                  (name, url, trouble), file=sys.stderr)
            return 2

    site = adapter.Site(args.urls, args.pool_uri)
    adapter.install(site)
    if 'tempest' in args.suites:
        from conformance import tempest_stub
        tempest_stub.install(site)
    if 'websocket' in args.suites:
        websocket_adapter.install(site)
    if 'client' in args.suites:
        from conformance import client_smoke
        from conformance import client_suite
        client_suite.SITE = client_smoke.SITE = site

    cases = catalog.load(args.suites, args.only, args.scope)
    # Some library routes uncaught exceptions into a log nobody reads.
    sys.excepthook = sys.__excepthook__
    if args.list:
        for case in cases:
            note = '  [excluded: %s]' % case.excluded if case.excluded else ''
            print('%-10s %-18s %s%s' % (case.suite, case.profile, case.id,
                                        note))
        for module, reason in catalog.NOT_A_SERVICE_TEST.items():
            print('%-10s %-18s %s  [excluded: %s]' % ('-', '-', module,
                                                      reason))
        return 0

    baseline = report.read(args.expect) if args.expect else {}
    exceptions = (report.read_exceptions(args.exceptions)
                  if args.exceptions else {})
    runner = Runner(args, site, cases, baseline, exceptions, directory)
    runner.run()
    collector = runner.collector

    if args.report:
        report.write(args.report, collector, {
            'label': args.label,
            'suites': args.suites,
            'packages': versions(),
            'profiles_given': sorted(args.urls),
            'seconds': round(time.time() - started, 1),
        })

    print()
    for suite in args.suites:
        count = collector.counts(suite)
        print('%-10s %4d passed, %3d failed, %3d skipped' % (
            suite + ':', count['pass'], count['fail'], count['skip']))
    status = 1 if collector.counts()['fail'] else 0
    if args.expect:
        worse = report.regressions(baseline, collector,
                                   args.allow_missing_profiles)
        for test_id, entry in worse:
            print('WORSE than %s: %s: %s' % (
                args.expect, test_id,
                entry.get('reason', entry['outcome'])))
        better = [case_id for case_id, entry in collector.outcomes.items()
                  if entry['outcome'] == 'pass' and
                  baseline.get(case_id, {}).get('outcome') == 'fail']
        print('compared with the baseline: %d worse, %d better' % (
            len(worse), len(better)))
        status = 1 if worse or (args.exceptions and status) else 0
    count = collector.counts()
    print('%d passed, %d failed, %d skipped' % (
        count['pass'], count['fail'], count['skip']))
    return status
