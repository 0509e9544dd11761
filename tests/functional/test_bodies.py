"""A message's body comes back as the very bytes that were sent, wherever it is shown."""

import json
import re

import pytest

BODIES = [
    '9223372036854775807', '-9223372036854775808', '0', '-0', '-1', '1.10', '1e2', '1E+2', '1.0e-7', '0.1',
    '123456789.123456789012345678901234567890', '""', '"plain"', r'"\u0000"', r'"\u00e9"', '"é"', '"😀"',
    r'"\ud83d\ude00"', r'"\/\b\f\n\r\t\"\\"', '"/"', '"\u007f"', '"\u2028"', 'null', 'true', 'false', '{}', '[]', '[ ]', '{ }',
    '{"b": 1, "a": 2}', '{"a":1,"a":2}', '{ "spaced" :  [1 ,2 , { "x":null } ] }', '[[[[[[1]]]]]]',
    '{"": {"messages": [{"body": 1}]}}', '{"a":\n\t1}', '"' + 'x' * 10000 + '"',
]


def assert_shows(answer, text, status=200):
    assert answer.status == status, answer
    pattern = rb'"body":\s*' + re.escape(text.encode()) + rb'\s*[,}]'
    assert re.search(pattern, answer.body), answer
    json.loads(answer.body)


@pytest.mark.parametrize('text', BODIES, ids=lambda text: ascii(text)[:30])
def test_body_is_byte_for_byte_the_same(any_version, text):
    caller = any_version
    caller.create('orders')
    posted = caller.post('orders', text)
    assert posted.status == 201, posted
    message = posted.json['resources'][0].rsplit('/', 1)[-1]

    assert_shows(caller.call('GET', '/orders/messages?echo=true'), text)
    assert_shows(caller.call('GET', '/orders/messages/' + message), text)
    assert_shows(caller.call('GET', '/orders/messages?ids=' + message), text)
    claimed = caller.call('POST', '/orders/claims', '{"ttl": 60, "grace": 60}')
    assert_shows(claimed, text, 201)
    claim = claimed.headers['location'].rsplit('/', 1)[-1]
    assert_shows(caller.call('GET', '/orders/claims/' + claim), text)
    if caller.version != 'v1':
        assert caller.call('DELETE', '/orders/claims/' + claim).status == 204
        assert_shows(caller.call('DELETE', '/orders/messages?pop=1'), text)


@pytest.mark.parametrize('count', [1, 20])
def test_location_lists_up_to_twenty_ids(caller, count):
    answer = caller.post('orders', *map(str, range(count)))
    path, _, ids = answer.headers['location'].partition('?ids=')
    assert path == '/v2/queues/orders/messages'
    assert ids.split(',') == [href.rsplit('/', 1)[-1] for href in answer.json['resources']]


@pytest.mark.parametrize('count', [21, 1000])
def test_location_of_more_is_the_collection(caller, count):
    answer = caller.post('orders', *map(str, range(count)))
    assert answer.status == 201
    assert answer.headers['location'] == '/v2/queues/orders/messages'
    assert len(answer.json['resources']) == count
    assert caller.total('orders') == count


def test_more_messages_than_a_post_may_have(any_version):
    any_version.create('orders')
    answer = any_version.post('orders', *['1'] * 1001)
    assert answer.status == 400
    assert answer.json['title'] and answer.json['description']
    assert any_version.total('orders') == 0
