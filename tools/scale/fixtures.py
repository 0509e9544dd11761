"""The stores that are measured: one queue with many messages, and many queues with one each."""

import cells
from store import OTHER, POSTER, UNSYNCED, Mismatch, Store

OTHERS = 100        # messages of somebody else behind all those of the poster
HELD = 100_000      # messages held by claims; half of them in a queue that has fewer
PER_CLAIM = 1000


class DeepStore(Store):
    """One queue with `size` messages of POSTER and then a few of OTHER."""

    def __init__(self, client, directory, size, body):
        super().__init__(client, directory, '%s messages' % words(size), size, cells.ALL)
        self.body = body
        self.total = 0
        self.claimed = 0
        self.first_marker = 0
        self._step = 0

    def fill(self):
        self.first_path = '/v2/queues'
        self.start(UNSYNCED, timed=False)
        part = min(1000, max(1, self.size // 10))
        self.bulk('fill', queue=cells.LIVING, client=POSTER, count=self.size, part=part, body=self.body)
        self.bulk('fill', queue=cells.LIVING, client=OTHER, count=OTHERS, part=OTHERS, body=self.body)
        self.total = self.size + OTHERS
        self.check()
        page = self.call('GET', cells.MESSAGES + '?limit=1&echo=true')[2]
        self.first_marker = int(page['links'][0]['href'].split('marker=')[1])
        self.first_path = cells.ALL

    def hold(self):
        """Lets claims take the first messages."""
        for _ in range(max(1, min(HELD, self.size // 2) // PER_CLAIM)):
            limit = min(PER_CLAIM, self.size // 2)
            document = {'ttl': 43200, 'grace': 60}
            found = self.call('POST', '/v2/queues/%s/claims?limit=%d' % (cells.LIVING, limit), document)
            self.claimed += len(found[2]['messages'])
        self.check()

    def posted(self, count):
        self.total += count

    def step(self):
        self._step += 1
        return self._step

    def check(self):
        self.check_stats(cells.LIVING, self.total, self.claimed)


class WideStore(Store):
    """`size` queues with a message each."""

    def __init__(self, client, directory, size):
        super().__init__(client, directory, '%s queues' % words(size), size,
                         '/v2/queues/q%07d/messages?echo=true' % (size // 2))
        self.body = 200
        self.posts = {}

    def fill(self):
        wanted, self.first_path = self.first_path, '/v2/queues'
        self.start(UNSYNCED, timed=False)
        self.bulk('queues', queue='q', client=POSTER, count=self.size, part=min(64, self.size // 10),
                  body=self.body)
        self.first_path = wanted
        self.check()

    def check(self):
        count = self.call('GET', '/v2/queues?limit=1&with_count=true')[2]['count']
        if count != self.size:
            raise Mismatch('%s: the list counts %d' % (self.label, count))
        queues = [cells.any_queue(self) for _ in range(100)]
        for queue in queues + list(self.posts)[-100:]:
            self.check_stats(queue, 1 + self.posts.get(queue, 0), 0)


def words(count):
    """1000000 as people say it."""
    for unit, name in ((10**6, 'million'), (10**3, 'thousand')):
        if count >= unit:
            return '%g %s' % (count / unit, name)
    return str(count)
