"""The life of a queue with python-zaqarclient, in each version of the API."""

import itertools

import pytest
from zaqarclient.queues import client
from zaqarclient.transport import errors


def connect(url, project, version):
    return client.Client(url, version, {
        'auth_opts': {'backend': 'noauth', 'options': {'os_project_id': project}}})


def queue_names(connected):
    found = connected.queues()
    if isinstance(found, tuple):  # v2 adds a count
        found = found[0]
    return [queue.name for queue in found]


def bodies(messages):
    # Paging that does not advance must fail, not hang.
    return [message.body for message in itertools.islice(messages, 100)]


@pytest.mark.parametrize('version', [1, 1.1, 2])
def test_life_of_a_queue(url, project, version):
    producer = connect(url, project, version)
    queue = producer.queue('orders', force_create=True)
    assert queue_names(producer) == ['orders']

    # Post, in two calls; get one back by what the answer says.
    posted = queue.post([{'ttl': 300, 'body': {'n': n}} for n in range(15)])['resources']
    queue.post([{'ttl': 300, 'body': {'n': n}} for n in range(15, 23)])
    assert len(posted) == 15
    assert queue.message(posted[7].rsplit('/', 1)[-1]).body == {'n': 7}

    # List with paging: in order, each once. Another client needs no echo.
    everything = [{'n': n} for n in range(23)]
    assert bodies(queue.messages(echo=True, limit=4).stream()) == everything
    assert bodies(queue.messages(limit=4).stream()) == []
    reader = connect(url, project, version).queue('orders', auto_create=False)
    assert bodies(reader.messages(limit=20).stream()) == everything

    # Claim, renew, consume one, release the rest.
    claim = reader.claim(ttl=100, grace=100, limit=3)
    taken = list(claim)
    assert bodies(taken) == everything[:3]
    assert reader.stats['messages']['claimed'] == 3
    claim.update(ttl=200, grace=100)
    assert reader.claim(id=claim.id).ttl == 200
    taken[0].delete()
    claim.delete()
    with pytest.raises(errors.ResourceNotFound):
        list(reader.claim(id=claim.id))
    stats = reader.stats['messages']
    assert (stats['free'], stats['claimed'], stats['total']) == (22, 0, 22)
    assert bodies(reader.claim(ttl=100, grace=100, limit=2)) == everything[1:3]

    # A claimed message is out of reach of those who do not hold it.
    with pytest.raises(errors.ForbiddenError):
        queue.message(posted[1].rsplit('/', 1)[-1]).__class__(
            queue, ttl=0, age=0, body=None, href=posted[1]).delete()

    queue.delete_messages(*[href.rsplit('/', 1)[-1] for href in posted[3:6]])
    assert bodies(reader.messages(limit=20).stream()) == everything[6:]

    if version >= 1.1:
        assert bodies(queue.pop(count=2)) == everything[6:8]
    if version == 2:
        queue.metadata(new_meta={'colour': 'red'})
        assert queue.metadata(force_reload=True)['colour'] == 'red'
        queue.purge(resource_types=['messages'])  # claimed ones too: http-v2 D23
        assert queue.stats['messages']['total'] == 0
        assert queue_names(producer) == ['orders']

    queue.delete()
    assert queue_names(producer) == []
