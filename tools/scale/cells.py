"""The measured operations: each is a script of requests for marconi-scale-client."""

import json

from store import OTHER, POSTER, READER, Mismatch

LIVING = 'living'  # the queue with everything in it
PAGE = 10


def line(kind, method, target, client=READER, body=''):
    return '\t'.join((kind, method, target, client, body))


def post_document(size):
    return json.dumps({'messages': [{'ttl': 86400, 'body': 'x' * (size - 2)}]})


CLAIM = json.dumps({'ttl': 300, 'grace': 60})


def claim_and_release(queue):
    return [line('timed', 'POST', '/v2/queues/%s/claims?limit=%d' % (queue, PAGE), body=CLAIM),
            line('aside', 'DELETE', '{location}')]


class Cell:
    """name: its row. script(store, count): the lines. status: of every timed answer. full: an
    answer has to hold a full page of messages. posts: each timed request adds a message."""

    def __init__(self, name, script, status=200, full=False, posts=False, samples=2000):
        self.name = name
        self.script = script
        self.status = status
        self.full = full
        self.posts = posts
        self.samples = samples

    def measure(self, store, count):
        """Nanoseconds of `count` requests."""
        answers = store.probe(self.script(store, count))
        if len(answers) < count:
            raise Mismatch('%s, %s: %d answers of %d' % (self.name, store.label, len(answers), count))
        least = PAGE * store.body if self.full else 0
        for status, _, size, _ in answers:
            if int(status) != self.status or int(size) < least:
                raise Mismatch('%s, %s: an answer %s of %s bytes' % (self.name, store.label, status, size))
        if self.posts:
            store.posted(len(answers))
        return [int(nanoseconds) for _, nanoseconds, _, _ in answers]


# ---- One queue with many messages ----------------------------------------------------------------

MESSAGES = '/v2/queues/%s/messages' % LIVING


def repeated(target, client=READER):
    return lambda store, count: [line('timed', 'GET', target, client)] * count


def post(store, count):
    return [line('timed', 'POST', MESSAGES, OTHER, post_document(store.body))] * count


def list_from(markers):
    def script(store, count):
        return [line('timed', 'GET', '%s?limit=%d&echo=true&include_claimed=true&marker=%d' %
                     (MESSAGES, PAGE, store.first_marker + position))
                for position in markers(store, count)]
    return script


def middle(store, count):
    """Page after page from the middle on, and from there again when the end comes near."""
    room = store.size // 2 - PAGE
    return [store.size // 2 + PAGE * store.step() % room for _ in range(count)]


def anywhere(store, count):
    return [store.random.randrange(store.size - PAGE) for _ in range(count)]


def claim(store, count):
    return claim_and_release(LIVING) * count


ALL = '%s?limit=%d&echo=true&include_claimed=true' % (MESSAGES, PAGE)
FREE = '%s?limit=%d&echo=true' % (MESSAGES, PAGE)
OTHERS = '%s?limit=%d&include_claimed=true' % (MESSAGES, PAGE)
STATS = '/v2/queues/%s/stats' % LIVING

PLAIN = [
    Cell('post a message', post, 201, posts=True),
    Cell('list, first page', repeated(ALL), full=True),
    Cell('list, pages from the middle on', list_from(middle), full=True),
    Cell('list, a page anywhere', list_from(anywhere), full=True),
    Cell('list others’ messages behind all one’s own', repeated(OTHERS, POSTER), full=True),
    Cell('claim, none held', claim, 201, full=True),
    Cell('statistics', repeated(STATS)),
]
HELD = [
    Cell('list, first page of claimed ones', repeated(ALL), full=True),
    Cell('list free ones behind the claimed', repeated(FREE), full=True),
    Cell('claim behind the claimed', claim, 201, full=True),
    Cell('statistics, many claimed', repeated(STATS)),
]
SYNCED_CELLS = [
    Cell('post a message, synced', post, 201, posts=True),
    Cell('claim behind the claimed, synced', claim, 201, full=True),
]
COLD = [
    Cell('list, first page', repeated(ALL), full=True),
    Cell('list, pages from the middle on', list_from(middle), full=True),
    Cell('list, a page anywhere', list_from(anywhere), full=True),
    Cell('list others’ messages behind all one’s own', repeated(OTHERS, POSTER), full=True),
    Cell('list free ones behind the claimed', repeated(FREE), full=True),
    Cell('claim behind the claimed', claim, 201, full=True),
    Cell('post a message', post, 201, posts=True),
    Cell('statistics', repeated(STATS)),
]

# ---- Many queues ---------------------------------------------------------------------------------


def any_queue(store):
    return 'q%07d' % store.random.randrange(store.size)


def over_queues(method, path, client=READER, body=''):
    return lambda store, count: [line('timed', method, path % any_queue(store), client, body)
                                 for _ in range(count)]


def post_anywhere(store, count):
    lines = []
    for _ in range(count):
        queue = any_queue(store)
        store.posts[queue] = store.posts.get(queue, 0) + 1
        lines.append(line('timed', 'POST', '/v2/queues/%s/messages' % queue, OTHER,
                          post_document(store.body)))
    return lines


def claim_anywhere(store, count):
    return [text for _ in range(count) for text in claim_and_release(any_queue(store))]


def create(store, count):
    lines = []
    for number in range(count):
        path = '/v2/queues/new%d' % number
        lines += [line('timed', 'PUT', path), line('aside', 'DELETE', path)]
    return lines


def page_anywhere(store, count):
    return [line('timed', 'GET', '/v2/queues?limit=%d&marker=%s' % (PAGE, any_queue(store)))
            for _ in range(count)]


def named(pattern):
    return lambda store, count: [line('timed', 'GET', '/v2/queues?limit=%d&name=%s' % (
        PAGE, pattern(store)))] * count


def last_but_few(store):
    return 'q%07d' % (store.size * 9 // 10)


QUEUES = [
    Cell('post to any queue', post_anywhere, 201),
    Cell('list any queue', over_queues('GET', '/v2/queues/%s/messages?echo=true')),
    Cell('claim in any queue', claim_anywhere, 201),
    Cell('statistics of any queue', over_queues('GET', '/v2/queues/%s/stats')),
    Cell('create a queue', create, 201),
    Cell('queue list, a page anywhere', page_anywhere),
    Cell('queue list, name= that all have', named(lambda store: 'q0')),
    Cell('queue list, name= that one has', named(last_but_few), samples=20),
    Cell('queue list, name= that none has', named(lambda store: 'needle'), samples=20),
]
