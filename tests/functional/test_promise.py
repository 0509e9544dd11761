"""The promise of a queue, with many at work at once and with a crash in the middle.

Every acknowledged message is seen by every observer exactly once and in order; every message is
consumed once; no message is in two live claims; what was deleted stays deleted; a post is stored
whole or not at all. MARCONI_PROMISE_SECONDS sets how long each run lasts.
"""

import collections
import json
import os
import random
import threading
import time

import http11
import marconi_server
import pytest
from conftest import Caller

SECONDS = float(os.environ.get('MARCONI_PROMISE_SECONDS', 4))
CRASH = pytest.mark.parametrize('crash', [False, True], ids=['calm', 'crash'])


class Client:
    """A caller that reconnects: None stands for an answer that was lost."""

    def __init__(self, caller):
        self._caller = caller
        self._connection = None

    def call(self, method, target, body=None):
        data = http11.request(method, target, self._caller.identity,
                              None if body is None else json.dumps(body))
        try:
            if self._connection is None:
                self._connection = http11.Connection(self._caller.server.port)
            self._connection.send(data)
            answer = self._connection.answer()
        except (OSError, http11.Closed):
            self._connection = None
            time.sleep(0.01)  # the server is restarting: leave it the processor
            return None
        assert answer.status < 500 or answer.status == 503, answer
        return answer


class Run:
    """Threads working on one queue until the time is up, and a crash halfway if wanted."""

    def __init__(self, server):
        self.server = server
        self.queue = Caller(server).path('/promise')
        self.project = Caller(server).project
        self.over = threading.Event()
        self._errors = []
        self._threads = []

    def client(self):
        caller = Caller(self.server)
        caller.project = self.project
        return Client(caller)

    def start(self, work, *arguments):
        def guarded():
            try:
                work(*arguments)
            except BaseException as error:  # shown in the thread that waits
                self._errors.append(error)
                self.over.set()
        thread = threading.Thread(target=guarded)
        thread.start()
        self._threads.append(thread)
        return thread

    def wait(self, crash):
        self.over.wait(SECONDS / 2)
        if crash:
            self.server.kill()
            self.server.start()
        self.over.wait(SECONDS / 2)
        self.over.set()

    def join(self, threads=None):
        for thread in threads or self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]


class Posts:
    """What the producers did: when each post was sent and, if it was, acknowledged."""

    def __init__(self):
        self.sent = {}  # post -> time
        self.sizes = {}
        self.acknowledged = {}  # post -> time

    def produce(self, run, producer):
        client = run.client()
        dice = random.Random(producer)
        number = 0
        while not run.over.is_set():
            post = (producer, number)
            number += 1
            self.sizes[post] = dice.randint(1, 5)
            messages = [{'ttl': 3600, 'body': [*post, part]} for part in range(self.sizes[post])]
            self.sent[post] = time.monotonic()
            answer = client.call('POST', run.queue + '/messages', {'messages': messages})
            if answer and answer.status == 201:
                self.acknowledged[post] = time.monotonic()

    def expected(self):
        return {(*post, part) for post in self.acknowledged for part in range(self.sizes[post])}

    def assert_whole(self, keys):
        """Every post that is there at all is there with all its messages."""
        found = collections.Counter(key[:2] for key in keys)
        assert {post: count for post, count in found.items() if count != self.sizes[post]} == {}

    def assert_seen_by(self, observed):
        counts = collections.Counter(observed)
        assert [key for key, count in counts.items() if count > 1] == [], 'seen twice'
        missing = self.expected() - set(observed)
        assert not missing, '%d acknowledged messages were not seen' % len(missing)
        self.assert_whole(observed)
        # What was sent after another's acknowledgement comes after it.
        earliest_later = float('inf')
        following = None
        for key in reversed(observed):
            post = key[:2]
            if post != following:
                assert earliest_later >= self.sent[post], 'out of order at %s' % (key,)
                following = post
            earliest_later = min(earliest_later, self.acknowledged.get(post, float('inf')))
        by_post = collections.defaultdict(list)
        for key in observed:
            by_post[key[:2]].append(key[2])
        assert all(parts == sorted(parts) for parts in by_post.values()), 'parts out of order'


def observe(run, observed, producers_done):
    """Pages by the links it is given until nothing more can come."""
    client = run.client()
    target = run.queue + '/messages?echo=true&include_claimed=true&limit=20'
    while True:
        last = producers_done.is_set()
        answer = client.call('GET', target)
        if answer is None or answer.status == 503:
            continue
        assert answer.status == 200, answer
        page = answer.json
        observed += [tuple(message['body']) for message in page['messages']]
        if page['messages']:
            target = page['links'][0]['href']
        elif last:
            return


@CRASH
def test_observers_see_everything_once_and_in_order(crash):
    with marconi_server.Server() as server:
        run = Run(server)
        posts = Posts()
        producers_done = threading.Event()
        seen = [[] for _ in range(4)]
        producers = [run.start(posts.produce, run, number) for number in range(16)]
        for observed in seen:
            run.start(observe, run, observed, producers_done)
        run.wait(crash)
        run.join(producers)
        producers_done.set()
        run.join()
        late = []
        observe(run, late, producers_done)
        assert len(posts.acknowledged) > 16
        for observed in seen + [late]:
            posts.assert_seen_by(observed)
        assert all(observed == late for observed in seen), 'observers disagree'


class Work:
    """What the consumers did."""

    def __init__(self):
        self._lock = threading.Lock()
        self.claims = collections.defaultdict(list)  # message -> (claimed at, released at or None)
        self.deleted = collections.Counter()  # acknowledged deletions
        self.attempted = set()  # deletions whose answer may have been lost

    def consume(self, run, producers_done):
        client = run.client()
        dice = random.Random()
        while True:
            last = producers_done.is_set()
            answer = client.call('POST', run.queue + '/claims?limit=5', {'ttl': 300, 'grace': 60})
            if answer is None or answer.status == 503:
                continue
            if answer.status == 204:
                if last:
                    return
                continue
            assert answer.status == 201, answer
            self._take(client, answer, time.monotonic(), release=not last and dice.random() < 0.1)

    def _take(self, client, answer, now, release):
        held = [(tuple(message['body']), message['href']) for message in answer.json['messages']]
        if release:
            released = time.monotonic()
            with self._lock:
                for key, _ in held:
                    self.claims[key].append((now, released))
            client.call('DELETE', answer.headers['location'])
            return
        for key, href in held:
            with self._lock:
                self.claims[key].append((now, None))
                self.attempted.add(key)
            done = client.call('DELETE', href)
            if done and done.status == 204:
                self.deleted[key] += 1

    def assert_exclusive(self):
        for key, holds in self.claims.items():
            holds.sort()
            for (_, released), (claimed, _) in zip(holds, holds[1:]):
                assert released is not None and released <= claimed, 'two live claims on %s' % (key,)


@CRASH
def test_messages_are_consumed_once(crash):
    with marconi_server.Server() as server:
        run = Run(server)
        posts, work = Posts(), Work()
        producers_done = threading.Event()
        producers = [run.start(posts.produce, run, number) for number in range(8)]
        for _ in range(8):
            run.start(work.consume, run, producers_done)
        run.wait(crash)
        run.join(producers)
        producers_done.set()
        run.join()
        left = []
        observe(run, left, producers_done)

        work.assert_exclusive()
        assert len(left) == len(set(left))
        assert set(work.deleted).isdisjoint(left), 'an acknowledged deletion came back'
        lost = posts.expected() - work.attempted - set(left)
        # A crash may swallow the answer to a claim: its messages are held, and still listed.
        assert not lost, '%d acknowledged messages are gone' % len(lost)
        if not crash:
            assert left == []
            assert set(work.deleted) == posts.expected()
            assert set(work.deleted.values()) == {1}
