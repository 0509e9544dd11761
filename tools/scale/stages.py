"""The stages of a run. Each checks the counts against the truth and raises Mismatch if they differ."""

import json
import math
import threading
import time

import cells
from fixtures import OTHERS
from store import OTHER, POSTER, READER, SYNCED, UNSYNCED, Mismatch, Store

ROUNDS = 10


def say(text):
    print('== ' + text, flush=True)


def summary(nanoseconds):
    """Median, 99th percentile and maximum in microseconds."""
    ordered = sorted(nanoseconds)

    def share(part):
        return ordered[max(0, math.ceil(part * len(ordered)) - 1)] / 1e3
    return {'samples': len(ordered), 'median': share(0.5), 'p99': share(0.99), 'max': share(1)}


def measure_in_turn(stores, wanted, samples, rounds=ROUNDS):
    """{cell: {store: summary}}. The stores take turns, for the machine is never the same twice."""
    for store in stores:
        store.settle()
    results = {}
    for cell in wanted:
        count = max(1, min(samples, cell.samples) // rounds)
        taken = {store.label: [] for store in stores}
        for number in range(rounds + 1):
            for store in stores:
                measured = cell.measure(store, count)
                if number:  # the first round warms up
                    taken[store.label] += measured
        results[cell.name] = {label: summary(values) for label, values in taken.items()}
        print('   %-48s %s' % (cell.name, '  '.join(
            '%.0f/%.0f' % (figures['median'], figures['p99']) for figures in results[cell.name].values())),
            flush=True)
    for store in stores:
        store.check()
        store.note_memory()
    return results


def cold(stores, wanted, rounds):
    """Each cell once after each restart with nothing in memory."""
    taken = {cell.name: {store.label: [] for store in stores} for cell in wanted}
    for number in range(rounds):
        turned = wanted[number % len(wanted):] + wanted[:number % len(wanted)]
        for store in stores:
            store.restart(UNSYNCED, cold=True)
            for cell in turned:
                taken[cell.name][store.label] += cell.measure(store, 1)
            store.check()
    return {name + ', cold': {label: summary(values) for label, values in of.items()}
            for name, of in taken.items()}


# ---- Expiry --------------------------------------------------------------------------------------

EXPIRING = 'expiring'
SHORTEST_TTL = 60
WATCHED_BEFORE = 5
WATCHED_AFTER = 25  # two passes of the garbage collector


def fill_expiring(store, count, deadline):
    store.bulk('fill', queue=EXPIRING, client=POSTER, count=count, part=min(1000, count // 10),
               body=200, expire_at=deadline)
    store.bulk('fill', queue=EXPIRING, client=OTHER, count=OTHERS, part=OTHERS, body=200)
    store.check_stats(EXPIRING, count + OTHERS, 0)


def watch_expiry(store, count, deadline):
    """Posts, lists and asks for statistics in turn while all of it expires."""
    time.sleep(max(0, deadline - WATCHED_BEFORE - time.time()))
    path = '/v2/queues/%s' % EXPIRING
    answers = store.probe([
        cells.line('timed', 'POST', path + '/messages', OTHER, cells.post_document(200)),
        cells.line('timed', 'GET', path + '/messages?echo=true&include_claimed=true'),
        cells.line('shown', 'GET', path + '/stats')],
        seconds=deadline + WATCHED_AFTER - time.time())
    names = ('post a message', 'list, first page', 'statistics')
    before = {name: [] for name in names}
    after = {name: [] for name in names}
    right_at = None
    for number, (at, status, nanoseconds, _, *shown) in enumerate(answers):
        name = names[number % 3]
        (before if float(at) < deadline else after)[name].append(int(nanoseconds))
        if int(status) >= 300:
            raise Mismatch('%s: %s while messages expire' % (store.label, status))
        if name == 'statistics':
            living = OTHERS + number // 3 + 1
            expired_left = check_expiring(store, json.loads(shown[0]), living, count,
                                          float(at) - deadline)
            if not expired_left and right_at is None:
                right_at = max(0, float(at) - deadline)
    return {'before': {name: summary(values) for name, values in before.items()},
            'after': {name: summary(values) for name, values in after.items()},
            'expired': count, 'counts_right_after_seconds': right_at}


def check_expiring(store, document, living, count, since):
    """How many that should expire are still counted. Ends are whole seconds by the server's clock: each
    message lives its TTL, to which its end is at most a second away, and up to a second longer."""
    left = document['messages']['total'] - living
    right = left == count if since < -1 else 0 <= left <= count if since < 2 else left == 0
    if not right:
        raise Mismatch('%s: %d of %d expired messages are counted %.2f s after their end' % (
            store.label, left, count, since))
    return left


def expiry(stores, counts):
    seconds = sum(count / 100_000 + 2 for count in counts)
    deadline = int(time.time() + SHORTEST_TTL + seconds + 3)
    pause = WATCHED_BEFORE + WATCHED_AFTER + 10  # some of it for reading the answers
    for number, (store, count) in enumerate(zip(stores, counts)):
        fill_expiring(store, count, deadline + pause * number)
    return {store.label: watch_expiry(store, count, deadline + pause * number)
            for number, (store, count) in enumerate(zip(stores, counts))}


# ---- Posting and deleting, over and over ---------------------------------------------------------

CHURNED = 'churned'


class DiskLog:
    """Notes the store's size on disk every few seconds while it is open."""

    def __init__(self, store, pause=5):
        self.entries = []
        self._store = store
        self._pause = pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        begin = time.monotonic()
        while True:
            self.entries.append((round(time.monotonic() - begin, 1), self._store.disk()))
            if self._ended.wait(self._pause):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


CHURN_CLAIM = cells.Cell('claim', lambda store, count: cells.claim_and_release(CHURNED) * count, 201)


def churn(client, directory, count, samples):
    """Posts and deletes `count` messages beside one that stays; disk and claims before and after."""
    store = Store(client, directory, 'churn', count, '/v2/queues/%s/messages?echo=true' % CHURNED)
    store.start(UNSYNCED, timed=False)
    try:
        stays = {'messages': [{'ttl': 86400, 'body': 'stays'}]}
        store.call('POST', '/v2/queues/%s/messages' % CHURNED, stays, OTHER)
        found = {'count': count, 'disk_before': store.disk()}
        found['claim_before'] = summary(CHURN_CLAIM.measure(store, samples))
        with DiskLog(store) as log:
            store.bulk('churn', queue=CHURNED, client=POSTER, count=count, part=1000, body=200)
        found['disk_log'] = log.entries
        check_only_one_stays(store)
        found['claim_first'] = summary(CHURN_CLAIM.measure(store, 1))
        found['claim_after'] = summary(CHURN_CLAIM.measure(store, samples))
        found['disk_after'] = store.disk()
        store.restart(UNSYNCED)
        found['claim_restarted_first'] = summary(CHURN_CLAIM.measure(store, 1))
        found['claim_restarted'] = summary(CHURN_CLAIM.measure(store, samples))
        check_only_one_stays(store)
        found['disk_restarted'] = store.disk()
        found['first_answer'] = store.first_answers[-1][0]
        store.note_memory()
        found['memory_peak'] = store.memory_peak
        return found
    finally:
        store.stop()


def check_only_one_stays(store):
    store.check_stats(CHURNED, 1, 0)
    page = store.call('GET', '/v2/queues/%s/messages?echo=true' % CHURNED, client=READER)[2]
    if [message['body'] for message in page['messages']] != ['stays']:
        raise Mismatch('churn: the message that stays is not what the list shows')


# ---- The order of it all -------------------------------------------------------------------------


def first_answers(store):
    return {'killed': max((seconds for seconds, dropped in store.first_answers if not dropped), default=None),
            'killed_and_cold': max((seconds for seconds, dropped in store.first_answers if dropped),
                                   default=None)}


def fill_all(stores):
    for store in stores:
        say('filling: %s' % store.label)
        begin = time.monotonic()
        store.fill()
        print('   %.0f s, %.2f GB on disk' % (time.monotonic() - begin, store.disk() / 1e9), flush=True)
        store.restart(UNSYNCED)
        print('   first answer after kill -9: %.2f s' % store.first_answers[-1][0], flush=True)


def describe(stores):
    for store in stores:
        store.note_memory()
    return {store.label: {'size': store.size, 'disk': store.disk(), 'memory_peak': store.memory_peak,
                          'memory': store.memory, 'first_answer': first_answers(store)}
            for store in stores}


def deep(stores, samples, cold_rounds, expiring):
    """One queue with many messages."""
    rows = {}
    fill_all(stores)
    say('one queue, warm (median/p99 in µs): %s' % '  '.join(store.label for store in stores))
    rows.update(measure_in_turn(stores, cells.PLAIN, samples))
    for store in stores:
        store.hold()
    rows.update(measure_in_turn(stores, cells.HELD, samples))
    for store in stores:
        store.restart(SYNCED)
    rows.update(measure_in_turn(stores, cells.SYNCED_CELLS, samples))
    if cold_rounds:
        say('one queue, cold: %d restarts' % cold_rounds)
        rows.update(cold(stores, cells.COLD, cold_rounds))
    result = {'rows': rows}
    if expiring:
        say('expiry')
        result['expiry'] = expiry(stores, expiring)
    for store in stores:
        store.check()
    result['stores'] = describe(stores)
    return result


def wide(stores, samples, cold_rounds):
    """Many queues."""
    fill_all(stores)
    say('many queues, warm (median/p99 in µs): %s' % '  '.join(store.label for store in stores))
    rows = measure_in_turn(stores, cells.QUEUES, samples)
    if cold_rounds:
        say('many queues, cold: %d restarts' % cold_rounds)
        rows.update(cold(stores, cells.QUEUES, cold_rounds))
    return {'rows': rows, 'stores': describe(stores)}
