"""Where requests begin and end: no doubt is tolerated, and everything is bounded."""

import http11
import pytest
from conftest import assert_refused

GOOD = b'{"messages": [{"ttl": 60, "body": 1}]}'
LIMIT = 262144
METADATA_LIMIT = 65536


def head(caller, *lines, method=b'POST', rest='/orders/messages'):
    """A request head with these header lines, given as bytes, after the caller's identity."""
    start = [b'%s %s HTTP/1.1' % (method, caller.path(rest).encode()), b'Host: marconi.test',
             b'X-Project-Id: ' + caller.project.encode(), b'Client-ID: ' + caller.client_id.encode()]
    return b'\r\n'.join(start + list(lines)) + b'\r\n\r\n'


def smuggled(caller):
    """A request that must never be served when it is hidden in another one's body."""
    return http11.request('PUT', caller.path('/smuggled'), caller.identity, '{}')


def assert_refused_and_closed(caller, data):
    answer = caller.exchange(data)
    assert_refused(answer)
    assert answer.announces_close, 'the connection is no longer in step: %r' % answer
    assert caller.queue_names() == []


@pytest.mark.parametrize('value', [b'-1', b'-0', b'+5', b'abc', b'5 5', b'0x5', b'5.0', b'5,5', b'5, 6',
                                   b'18446744073709551616', b'99999999999999999999999999', b'4294967296000'])
def test_content_length_that_is_no_length(caller, value):
    assert_refused_and_closed(caller, head(caller, b'Content-Length: ' + value) + GOOD + smuggled(caller))


@pytest.mark.parametrize('lines', [
    (b'Content-Length: 38', b'Content-Length: 5'),
    (b'Content-Length: 38', b'Transfer-Encoding: chunked'),
    (b'Transfer-Encoding: chunked', b'Content-Length: 0'),
    (b'Transfer-Encoding: chunked', b'Transfer-Encoding: chunked'),
    (b'Transfer-Encoding: chunked, identity',),
    (b'Transfer-Encoding: identity, chunked',),
    (b'Transfer-Encoding: xchunked',),
    (b'Transfer-Encoding: chunked, chunked',),
    (b'Transfer-Encoding : chunked',),
    (b'Content-Length : 38',),
    (b'Content-Length: 38', b' folded: yes'),
    (b'Content-Length: 38', b'No colon here'),
    (b'Content-Length: 38', b': no name'),
    (b'Content-Length: 38', b'Nul: a\x00b'),
    (b'Content-Length: 38', b'Return: a\rb'),
    (b'Content-Length: 38\nTransfer-Encoding: chunked',),
], ids=lambda lines: repr(b'|'.join(lines))[:60])
def test_ambiguous_framing(caller, lines):
    data = head(caller, *lines) + b'0\r\n\r\n' + smuggled(caller)
    with http11.Connection(caller.server.port) as connection:
        connection.send_what_is_taken(data)
        answer = connection.answer()
        assert 400 <= answer.status < 500 or answer.status == 501, answer
        assert answer.announces_close, answer
        assert connection.is_closed_by_peer(), 'a second answer came'
    assert caller.queue_names() == []


@pytest.mark.parametrize('start', [b'', b'GET', b'GET /', b'GET / HTTP/2.0', b'GET / HTTP/1.1 x', b'GET  / HTTP/1.1',
                                   b'GET / HTTP/9.9', b'GET /a b HTTP/1.1', b'G(T / HTTP/1.1', b'GET /\x00 HTTP/1.1',
                                   b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'])
def test_request_line_that_is_none(caller, start):
    with http11.Connection(caller.server.port) as connection:
        connection.send(start + b'\r\n\r\n' + (b'' if start else b'\x00\r\n\r\n'))
        answer = connection.answer()
        assert 400 <= answer.status < 500 or answer.status == 505, answer
        assert answer.announces_close and connection.is_closed_by_peer()


def test_bare_line_feeds(caller):
    assert_refused_and_closed(
        caller, head(caller, b'Content-Length: 38').replace(b'\r\n', b'\n') + GOOD)


def test_header_section_without_end(caller):
    with http11.Connection(caller.server.port) as connection:
        connection.send_what_is_taken(b'GET / HTTP/1.1\r\n' + b'X-Filler: 0123456789\r\n' * 5000)
        answer = connection.answer()
        assert answer.status in (400, 431), answer
        assert answer.announces_close


def test_target_without_end(caller):
    with http11.Connection(caller.server.port) as connection:
        connection.send_what_is_taken(b'GET /' + b'x' * 100000)
        answer = connection.answer()
        assert answer.status in (400, 414, 431), answer
        assert answer.announces_close


def test_post_without_body(any_version):
    assert_refused(any_version.call('POST', '/orders/messages'))


def padded(size):
    start, end = b'{"messages": [{"ttl": 60, "body": "', b'"}]}'
    return start + b'x' * (size - len(start) - len(end)) + end


def test_body_at_the_limit(caller):
    answer = caller.call('POST', '/orders/messages', padded(LIMIT))
    assert answer.status == 201
    listed = caller.call('GET', '/orders/messages?echo=true').json['messages']
    assert set(listed[0]['body']) == {'x'} and len(listed[0]['body']) > LIMIT - 100


def test_body_one_byte_over_the_limit(any_version):
    size = LIMIT + 1
    body = padded(size) if any_version.version != 'v1' else b'[{"ttl": 60, "body": "' + b'x' * (size - 25) + b'"}]'
    assert len(body) == size
    assert_refused(any_version.call('POST', '/orders/messages', body))
    assert any_version.total('orders') == 0


def test_metadata_at_and_over_the_limit(caller):
    def document(size):
        return b'{"a": "' + b'x' * (size - 9) + b'"}'
    assert_refused(caller.call('PUT', '/over', document(METADATA_LIMIT + 1)))
    assert caller.queue_names() == []
    assert caller.call('PUT', '/at', document(METADATA_LIMIT)).status == 201


def resident_kilobytes(process):
    with open('/proc/%d/status' % process.pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))


def test_a_huge_body_costs_no_memory(caller):
    before = resident_kilobytes(caller.server.process)
    with http11.Connection(caller.server.port) as connection:
        connection.send_what_is_taken(
            head(caller, b'Content-Length: 1000000000') + b'x' * 500000)
        assert_refused(connection.answer())
        connection.send_what_is_taken(b'x' * 50000000)
    assert resident_kilobytes(caller.server.process) - before < 20000
    assert caller.total('orders') == 0


def chunked(*chunks):
    return b''.join(b'%x\r\n%s\r\n' % (len(chunk), chunk) for chunk in chunks) + b'0\r\n\r\n'


def test_chunked_body(caller):
    answer = caller.exchange(head(caller, b'Transfer-Encoding: chunked') + chunked(GOOD[:10], GOOD[10:]))
    assert answer.status == 201
    assert caller.total('orders') == 1


def test_chunked_body_over_the_limit(caller):
    answer = caller.exchange(head(caller, b'Transfer-Encoding: chunked') + chunked(*[b'x' * 65536] * 5))
    assert 400 <= answer.status < 500, answer
    assert caller.total('orders') == 0


@pytest.mark.parametrize('data', [b'x\r\n', b'-1\r\n', b'5\r\nabc\r\n0\r\n\r\n', b'ffffffffffffffffff\r\n',
                                  b'3\nabc\n0\n\n'])
def test_chunks_that_are_none(caller, data):
    with http11.Connection(caller.server.port) as connection:
        connection.send_what_is_taken(head(caller, b'Transfer-Encoding: chunked') + data + smuggled(caller))
        answer = connection.answer()
        assert 400 <= answer.status < 500, answer
        assert answer.announces_close and connection.is_closed_by_peer()
    assert caller.queue_names() == []


def test_pipelined_requests_are_answered_in_order(caller):
    with http11.Connection(caller.server.port) as connection:
        names = ['q%02d' % number for number in range(30)]
        connection.send(b''.join(
            http11.request('PUT', caller.path('/' + name), caller.identity, '{}') for name in names))
        assert [connection.answer().headers['location'] for _ in names] == \
            [caller.path('/' + name) for name in names]


def test_connection_close_is_honoured(caller):
    with http11.Connection(caller.server.port) as connection:
        connection.send(http11.request('GET', '/', [('Connection', 'close')]))
        assert connection.answer().announces_close
        assert connection.is_closed_by_peer()
