"""Bodies that are not what they should be: refused clearly, and nothing is stored."""

import pytest
from conftest import assert_refused

QUEUE = '/orders/messages'

SHAPES = ['5', 'null', 'true', '"messages"', '["messages"]', '{}', '[]', '[[]]', '{"messages": 1}',
          '{"messages": null}', '{"messages": {}}', '{"messages": [1]}', '{"messages": [null]}',
          '{"messages": [[]]}', '{"messages": []}', '{"messages": [{}]}',
          '{"messages": [{"ttl": 60}]}']

NOT_JSON = [b'', b' ', b'{', b'{"messages": [{"ttl": 60, "body": 1}]', b'{"messages": [{"ttl": 60, "body": 1}]} x',
            b'{"messages": [{"ttl": 60, "body": 1},]}', b"{'messages': []}", b'\xef\xbb\xbf{}',
            b'{"messages": [{"ttl": 060, "body": 1}]}', b'\x00']

BAD_BODIES = [b'NaN', b'Infinity', b'-Infinity', b'1e400', b'-1e400', b'nope', b'01', b'+1', b'.5', b'1.',
              b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"',
              b'"\\ud800"', b'"\\udc00"', b'"\\ud800\\u0041"', b'"\\x41"', b'"\\u12"', b'"tab\tin it"', b'"open',
              b'9223372036854775808', b'-9223372036854775809', b'[18446744073709551616]',
              b'[' * 20000 + b']' * 20000, b'[' * 20000, b'{"a":' * 20000 + b'1' + b'}' * 20000]

BAD_INTEGERS = ['-1', '1.5', '60.0', '6e1', '"60"', '""', 'null', '[]', '[60]', '{}', 'true', 'false',
                '2147483648', '4294967296', '4294967356', '9223372036854775807', '9223372036854775808',
                '18446744073709551676', '-9223372036854775808']


def short(value):
    return repr(value)[:40]


def wrapped(caller, messages):
    """A post of these messages, given as bytes, in the shape of the caller's version."""
    return b'[' + messages + b']' if caller.version == 'v1' else b'{"messages": [' + messages + b']}'


@pytest.mark.parametrize('document', SHAPES)
def test_post_of_another_shape(any_version, document):
    assert_refused(any_version.call('POST', QUEUE, document))
    assert any_version.total('orders') == 0


@pytest.mark.parametrize('document', NOT_JSON, ids=short)
def test_post_that_is_not_json(any_version, document):
    assert_refused(any_version.call('POST', QUEUE, document))
    assert any_version.total('orders') == 0


@pytest.mark.parametrize('body', BAD_BODIES, ids=short)
def test_message_body_that_is_not_json(any_version, body):
    good = b'{"ttl": 60, "body": 1}, '
    assert_refused(any_version.call(
        'POST', QUEUE, wrapped(any_version, good + b'{"ttl": 60, "body": ' + body + b'}')))
    assert any_version.total('orders') == 0, 'the good message beside it was stored'


@pytest.mark.parametrize('ttl', BAD_INTEGERS + ['59', '0', '1209601'])
def test_ttl_out_of_bounds(any_version, ttl):
    assert_refused(any_version.call('POST', QUEUE, wrapped(
        any_version, b'{"ttl": %s, "body": 1}' % ttl.encode())))
    assert any_version.total('orders') == 0


@pytest.mark.parametrize('ttl', [60, 1209600])
def test_ttl_at_its_bounds(any_version, ttl):
    any_version.create('orders')
    assert any_version.post('orders', '1', ttl=ttl).status == 201
    assert any_version.total('orders') == 1


@pytest.mark.parametrize('delay', [value for value in BAD_INTEGERS if value not in ('true', 'false')] + ['901'])
def test_delay_out_of_bounds(caller, delay):
    assert caller.call('PUT', '/orders', '{"_default_message_delay": 1}').status == 201
    assert_refused(caller.call(
        'POST', QUEUE, '{"messages": [{"ttl": 60, "delay": %s, "body": 1}]}' % delay))
    assert caller.total('orders') == 0


@pytest.mark.parametrize('delay', [0, 900])
def test_delay_at_its_bounds(caller, delay):
    assert caller.call('PUT', '/orders', '{"_default_message_delay": 1}').status == 201
    answer = caller.call('POST', QUEUE,
                         '{"messages": [{"ttl": 60, "delay": %d, "body": 1}]}' % delay)
    assert answer.status == 201


@pytest.mark.parametrize('member', ['ttl', 'grace'])
@pytest.mark.parametrize('value', BAD_INTEGERS + ['59', '43201'])
def test_claim_out_of_bounds(any_version, member, value):
    any_version.create('orders')
    assert any_version.post('orders', '1').status == 201
    members = {'ttl': '60', 'grace': '60', member: value}
    assert_refused(any_version.call('POST', '/orders/claims', '{%s}' % ', '.join(
        '"%s": %s' % pair for pair in members.items())))
    assert any_version.call('GET', '/orders/stats').json['messages']['claimed'] == 0


@pytest.mark.parametrize('document', ['5', 'null', '"x"', '[]', '{', '{"a": NaN}', '{"a": 1e400}',
                                      '{"a": 9223372036854775808}', '{"a": "\\ud800"}'])
def test_metadata_that_is_no_object(caller, document):
    assert_refused(caller.call('PUT', '/orders', document))
    assert caller.queue_names() == []


@pytest.mark.parametrize('metadata', [
    '{"_default_message_ttl": 59}', '{"_default_message_ttl": "60"}', '{"_default_message_ttl": 60.0}',
    '{"_default_message_ttl": true}', '{"_default_message_ttl": ""}', '{"_default_message_ttl": []}',
    '{"_max_messages_post_size": 0}', '{"_max_messages_post_size": 262145}', '{"_max_claim_count": "1"}',
    '{"_dead_letter_queue_messages_ttl": 59}', '{"_default_message_delay": 901}',
    '{"_default_message_delay": -1}', '{"_enable_encrypt_messages": "yes"}',
    '{"_enable_encrypt_messages": true}'])
def test_reserved_metadata_out_of_bounds(caller, metadata):
    assert_refused(caller.call('PUT', '/orders', metadata))
    assert caller.queue_names() == []


def test_nesting_of_five_hundred_is_fine(any_version):
    any_version.create('orders')
    assert any_version.post('orders', '[' * 500 + ']' * 500).status == 201


@pytest.mark.parametrize('document', ['5', '[]', '{}', '{"resource_types": 1}', '{"resource_types": ["x"]}',
                                      '{"resource_types": "messages"}', '{"resource_types": [["messages"]]}'])
def test_purge_of_another_shape(caller, document):
    assert caller.post('orders', '1').status == 201
    assert_refused(caller.call('POST', '/orders/purge', document))
    assert caller.total('orders') == 1
