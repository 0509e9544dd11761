"""The life of a queue with openstacksdk's message proxy (API v2)."""

import itertools
import uuid

import openstack
import pytest
from keystoneauth1 import noauth
from keystoneauth1 import session
from openstack.message.v2.claim import Claim


class Project(noauth.NoAuth):
    """No authentication, but a project: what the service goes by without Keystone."""

    def __init__(self, endpoint, project):
        super().__init__(endpoint=endpoint)
        self._project = project

    def get_project_id(self, session, **kwargs):
        return self._project


@pytest.fixture
def message(url, project):
    # The root of the service: the client finds /v2/ in the document of versions there.
    connection = openstack.connection.Connection(
        session=session.Session(auth=Project(url, project)),
        message_endpoint_override=url, message_api_version='2')
    yield connection.message
    connection.close()


def listed(generator):
    """What a listing yields; paging that does not advance must fail, not hang."""
    return list(itertools.islice(generator, 100))


def bodies(messages):
    return [message.body for message in listed(messages)]


def test_life_of_a_queue(message, project):
    headers = {'Client-ID': str(uuid.uuid4()), 'X-PROJECT-ID': project}
    message.create_queue(name='orders', description='what customers want')
    message.create_queue(name='parcels')
    assert message.get_queue('orders').description == 'what customers want'
    assert [queue.name for queue in listed(message.queues(limit=1))] == ['orders', 'parcels']

    def stats():
        found = message.get('/queues/orders/stats', headers=headers).json()['messages']
        return found['free'], found['claimed'], found['total']

    # Post, and get one back.
    posted = message.post_message('orders', [{'ttl': 300, 'body': {'n': n}} for n in range(23)])
    assert len(posted) == 23
    seventh = message.get_message('orders', posted[7].rsplit('/', 1)[-1])
    assert seventh.body == {'n': 7}

    # This client pages by the id of the last message it saw, not by the marker of the link.
    everything = [{'n': n} for n in range(23)]
    assert bodies(message.messages('orders', limit=5)) == everything
    assert bodies(message.messages('orders')) == everything

    # Claim, renew, consume one, release the rest.
    # (The proxy's create_claim overwrites the header it reads the claim's id from; the resource
    # by itself does not.)
    claim = Claim.new(queue_name='orders', ttl=100, grace=100).create(message)
    assert [held['body'] for held in claim.messages] == everything[:10]
    assert stats() == (13, 10, 23)
    message.update_claim('orders', claim.id, ttl=200, grace=100)
    assert message.get_claim('orders', claim.id).ttl == 200
    with pytest.raises(openstack.exceptions.HttpException) as refused:
        message.delete_message('orders', claim.messages[0]['id'], ignore_missing=False)
    assert refused.value.status_code == 403
    message.delete_message('orders', claim.messages[0]['id'], claim=claim.id)
    message.delete_claim('orders', claim.id)
    with pytest.raises(openstack.exceptions.NotFoundException):
        message.get_claim('orders', claim.id)
    assert stats() == (22, 0, 22)
    assert bodies(message.messages('orders', limit=20)) == everything[1:]

    message.delete_message('orders', posted[1].rsplit('/', 1)[-1])
    with pytest.raises(openstack.exceptions.NotFoundException):
        message.get_message('orders', posted[1].rsplit('/', 1)[-1])

    # The proxy has no words for these two; its session does.
    answer = message.post('/queues/orders/purge', headers=headers,
                          json={'resource_types': ['messages']})
    assert answer.status_code == 204
    assert stats() == (0, 0, 0)

    message.delete_queue('orders')
    message.delete_queue('parcels')
    assert listed(message.queues()) == []
