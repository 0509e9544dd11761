"""What is measured: each kind of work, who does it, and what Marconi is to reach."""

import abc
import statistics

import dialects
import load

WARM_UP = 0.5  # seconds
DEEP = 20000  # messages in the queue whose middle is listed
SHORT = 5 * dialects.BATCH  # in that of a server that is faster with few
HELD = 5000  # messages in the queue of which CLAIMED are claimed
CLAIMED = 1000
OPEN_LOOP_CONNECTIONS = 256
OPEN_LOOP_TRIAL = 1.5  # seconds, to find the top rate


class Workload(abc.ABC):
    """One kind of work. A round of it for one server is `run`."""

    def __init__(self, name, words, servers, connections, messages=1):
        self.name = name
        self.words = words
        self.servers = servers
        self.connections = connections
        self.messages = messages  # in one request, on average

    def run(self, api, queue, seconds, known):
        """Measures one round in a queue of this name. known: the rounds this server has had."""
        script = self.script(api, queue, seconds + WARM_UP, known)
        api.peer.settle()
        return self.measured(api.peer, lambda: load.run(
            api.peer, script, self.connections, warm_up=WARM_UP, seconds=seconds))

    @abc.abstractmethod
    def script(self, api, queue, seconds, known):
        """What the connections say, after whatever has to be in the queue before."""

    def measured(self, peer, work):
        def spent():
            return peer.cpu_seconds(), peer.database_seconds()
        before = spent()
        result = work()
        for name, begin, end in zip(('cpu_us', 'database_us'), before, spent()):
            result[name] = (end - begin) / max(result['all_requests'], 1) * 1e6
        result['messages_rate'] = result['rate'] * self.messages
        return result


class Post(Workload):
    def script(self, api, queue, seconds, known):
        return api.post(queue, self.messages)


class ListPage(Workload):
    """The middle of a queue. depths: of each server's, if it is not deep."""

    def __init__(self, name, words, servers, connections, depths):
        super().__init__(name, words, servers, connections, dialects.BATCH)
        self.depths = depths

    def script(self, api, queue, seconds, known):
        if api.peer.name == 'nginx':
            return api.list(queue)
        depth = self.depths.get(api.peer.name, DEEP)
        if not known:
            api.fill(self.name, depth)
            api.markers[self.name] = api.marker_after(self.name, depth // 2)
        return api.list(self.name, api.markers[self.name])


class ListHeld(Workload):
    """The first page of what is free, behind many messages that are claimed."""

    def script(self, api, queue, seconds, known):
        if not known:
            api.fill(self.name, HELD)
            api.claim_for_good(self.name, CLAIMED)
        return api.list(self.name)


class Take(Workload):
    """Claim and delete in turn. The queue is filled before, with what the server took before."""

    first_guess = {'marconi': 30000, 'beanstalkd': 8000, 'reference': 800}  # requests a second
    enough = 0.8  # of the time asked for

    def __init__(self, name, words, servers, connections, batch):
        super().__init__(name, words, servers, connections, batch / 2)
        self.batch = batch

    def script(self, api, queue, seconds, known):
        rate = max([entry['rate'] for entry in known], default=self.first_guess[api.peer.name])
        api.fill(queue, int(1.25 * rate * seconds * self.messages) + dialects.BATCH)
        return api.take(queue, self.batch)

    def run(self, api, queue, seconds, known):
        """Again, with more in the queue, if it ran dry long before its time."""
        result = super().run(api, queue, seconds, known)
        more = 2 * self.first_guess[api.peer.name]
        while result['dry'] and result['seconds'] < self.enough * seconds:
            result = super().run(api, queue, seconds, [{'rate': more}])
            more *= 2
        return result


class OpenLoop(Post):
    """Posts that arrive at half of the top rate, whether those before are answered or not."""

    def run(self, api, queue, seconds, known):
        script = self.script(api, queue, seconds, known)
        api.peer.settle()
        top = load.run(api.peer, script, self.connections, warm_up=WARM_UP,
                       seconds=OPEN_LOOP_TRIAL)['rate']
        result = self.measured(api.peer, lambda: load.run(
            api.peer, script, OPEN_LOOP_CONNECTIONS, warm_up=WARM_UP, seconds=seconds,
            rate=top / 2))
        result['top_rate'] = top
        return result


ON_MONGODB = ('marconi-mongodb', 'reference-mongodb')
WORKLOADS = (
    Post('post', 'post one message', ('marconi', 'nginx', 'reference', 'redis', 'beanstalkd'), 64),
    Post('post-256', 'post one message', ('marconi', 'nginx', 'reference', 'redis', 'beanstalkd'),
         256),
    Post('post-20', 'post 20 messages', ('marconi', 'reference'), 64, 20),
    ListPage('list', 'list 20 messages', ('marconi', 'nginx', 'reference'), 64,
             {'reference': SHORT}),
    ListHeld('list-held', 'list 20 of 5,000 messages, the first 1,000 claimed',
             ('marconi', 'reference'), 64, 20),
    Take('claim-10', 'claim 10 and delete them by one request, in turn', ('marconi', 'reference'),
         64, 10),
    Take('claim-1', 'claim 1 and delete it, in turn', ('marconi', 'reference', 'beanstalkd'), 64, 1),
    OpenLoop('steady', 'post one message, at half of the top rate',
             ('marconi', 'redis', 'beanstalkd'), 64),
    Post('post-mongodb', 'post one message, on one MongoDB server', ON_MONGODB, 64),
    ListPage('list-mongodb', 'list 20 messages, on one MongoDB server', ON_MONGODB, 64,
             dict.fromkeys(ON_MONGODB, SHORT)),
)
BY_NAME = {workload.name: workload for workload in WORKLOADS}


class Target:
    """Marconi's figure, divided by another one, is to be at least (or at most) a factor."""

    def __init__(self, workload, factor, words, beside, figure='messages_rate', at_most=False,
                 own='marconi'):
        self.workload = workload
        self.factor = factor
        self.words = words
        self.beside = beside  # (workload, server), or 'disk'
        self.figure = figure
        self.at_most = at_most
        self.own = own  # the server

    def ratio(self, results):
        """None if one of the two was not measured."""
        try:
            own = results['workloads'][self.workload][self.own][self.figure]
            if self.beside == 'disk':
                return own / results['disk']['fdatasync_us']
            workload, server = self.beside
            return own / results['workloads'][workload][server][self.figure]
        except (KeyError, ZeroDivisionError):
            return None

    def met(self, ratio):
        return ratio <= self.factor if self.at_most else ratio >= self.factor


TARGETS = (
    Target('post', 0.45, 'of the ceiling', ('post', 'nginx')),
    Target('post', 25, 'the reference', ('post', 'reference')),
    Target('post', 1.2, 'Redis streams', ('post', 'redis')),
    Target('post', 5, 'beanstalkd', ('post', 'beanstalkd')),
    Target('post-256', 0.6, 'of the ceiling', ('post-256', 'nginx')),
    Target('post-256', 40, 'the reference', ('post-256', 'reference')),
    Target('post-256', 1.5, 'Redis streams', ('post-256', 'redis')),
    Target('post-20', 8, 'the messages of single posts', ('post', 'marconi')),
    Target('list', 0.6, 'of the ceiling', ('list', 'nginx')),
    Target('list', 60, 'the reference on a short queue', ('list', 'reference')),
    Target('list', 500, 'the reference on 5,000 messages, 1,000 claimed', ('list-held', 'reference')),
    Target('list-held', 500, 'the reference on the same queue', ('list-held', 'reference')),
    Target('claim-10', 60, 'the reference', ('claim-10', 'reference')),
    Target('claim-1', 40, 'the reference', ('claim-1', 'reference')),
    Target('claim-1', 1, 'beanstalkd', ('claim-1', 'beanstalkd')),
    Target('steady', 5, 'the median fdatasync (99th percentile)', 'disk', 'p99_us', at_most=True),
    Target('post-mongodb', 10, 'the reference', ('post-mongodb', 'reference-mongodb'),
           own='marconi-mongodb'),
    Target('list-mongodb', 10, 'the reference', ('list-mongodb', 'reference-mongodb'),
           own='marconi-mongodb'),
)


def summary(rounds):
    """The medians of a server's rounds."""
    def median(pick):
        return statistics.median(pick(entry) for entry in rounds)
    figures = {figure: median(lambda entry: entry[figure])
               for figure in ('rate', 'messages_rate', 'cpu_us', 'database_us')}
    figures.update((name + '_us', median(lambda entry: entry['latency_us'][name]))
                   for name in ('p50', 'p99', 'p99.9'))
    if 'top_rate' in rounds[0]:
        figures['top_rate'] = median(lambda entry: entry['top_rate'])
    figures['failed'] = sum(entry['failed'] for entry in rounds)
    figures['dry'] = sum(entry['dry'] for entry in rounds)
    figures['rounds'] = rounds
    return figures
