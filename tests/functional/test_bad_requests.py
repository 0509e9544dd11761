"""Parameters, names and headers that break a rule."""

import http11
import pytest
from conftest import assert_refused

LIMITS = ['0', '-1', 'abc', '21', '1.5', '99999999999999999999', '0x5', '5&limit=0']


@pytest.mark.parametrize('limit', LIMITS)
@pytest.mark.parametrize('rest', ['?limit=', '/orders/messages?limit='])
def test_list_limit_out_of_bounds(any_version, rest, limit):
    assert_refused(any_version.call('GET', rest + limit))


@pytest.mark.parametrize('limit', LIMITS)
def test_claim_limit_out_of_bounds(any_version, limit):
    assert_refused(any_version.call('POST', '/orders/claims?limit=' + limit, '{"ttl": 60, "grace": 60}'))


@pytest.mark.parametrize('limit', ['', '1', '20', '0&limit=5', '+5', '%205'])
def test_limit_within_bounds(caller, limit):
    assert caller.call('GET', '?limit=' + limit).status == 200
    assert caller.call('GET', '/orders/messages?limit=' + limit).status == 200


@pytest.mark.parametrize('query', ['', '?pop=0', '?pop=-1', '?pop=x', '?pop=21', '?ids=', '?ids=,', '?ids=a&pop=1',
                                   '?ids=' + ','.join('abcdefghijklmnopqrstu')])
def test_bulk_delete_out_of_bounds(caller, query):
    assert caller.post('orders', '1').status == 201
    assert_refused(caller.call('DELETE', '/orders/messages' + query))
    assert caller.total('orders') == 1


@pytest.mark.parametrize('flag', ['maybe', '2', 'TRUE!', 'null'])
def test_flags_that_are_neither(caller, flag):
    assert_refused(caller.call('GET', '/orders/messages?echo=' + flag))
    assert_refused(caller.call('GET', '?detailed=' + flag))


@pytest.mark.parametrize('name', ['a%0A', '%0A', 'a%0Ab', 'a%00', '%00', '%FF', 'a%FFb', '%C3%A9', 'a%20b', 'a+b',
                                  'a%25', 'a%', 'a%zz', 'x' * 65, '', '%F0%9F%98%80', 'a:b', 'a~b', '*'])
@pytest.mark.parametrize('method, below', [('PUT', ''), ('POST', '/messages'), ('GET', '/stats')])
def test_name_with_forbidden_characters(any_version, name, method, below):
    body = {'PUT': '{}', 'POST': '{"messages": [{"ttl": 60, "body": 1}]}'}.get(method)
    assert_refused(any_version.call(method, '/%s%s' % (name, below), body))
    assert any_version.queue_names() == []


@pytest.mark.parametrize('name', ['a', 'x' * 64, 'a.b', '%2E%2E', '...', 'A-Z_a.z-09', '-', '%61'])
def test_name_that_is_fine(caller, name):
    assert caller.call('PUT', '/' + name).status == 201
    assert caller.queue_names() == [name.replace('%2E', '.').replace('%61', 'a')]


def test_encoded_slash_separates(caller):
    assert caller.call('PUT', '/a%2Fb').status == 404
    assert caller.queue_names() == []


def without_project(caller):
    return [header for header in caller.identity if header[0] != 'X-Project-Id']


@pytest.mark.parametrize('project', ['', ' ', 'p' * 257])
def test_project_empty_or_long(any_version, project):
    headers = without_project(any_version) + [('X-Project-Id', project)]
    assert_refused(any_version.call('PUT', '/orders', headers=headers))


def test_project_missing(any_version):
    answer = any_version.call('GET', '/orders', headers=without_project(any_version))
    if any_version.version == 'v1':
        assert answer.status == 404, 'v1 has callers without a project (http-v1 §1.5)'
    else:
        assert_refused(answer)


def test_project_of_256_octets(caller):
    caller.project = 'p' * 256
    assert caller.call('PUT', '/orders').status in (201, 204)
    assert caller.call('DELETE', '/orders').status == 204


@pytest.mark.parametrize('client_id', [None, '', 'x', '3381af92-2b9e-11e3-b191-71861300734', 'g' * 32, '0' * 33,
                                       '3381af92-2b9e-11e3-b191-71861300734c0'])
def test_client_id_missing_or_malformed(caller, client_id):
    headers = [('X-Project-Id', caller.project)]
    if client_id is not None:
        headers.append(('Client-ID', client_id))
    assert_refused(caller.call('POST', '/orders/messages', '{"messages": [{"ttl": 60, "body": 1}]}', headers))
    assert caller.queue_names() == []


@pytest.mark.parametrize('content_type', ['application/x-www-form-urlencoded', 'Application/X-WWW-Form-URLencoded'])
def test_form_content_type(caller, content_type):
    assert_refused(caller.call('POST', '/orders/messages', '{"messages": [{"ttl": 60, "body": 1}]}',
                               caller.identity + [('Content-Type', content_type)]))
    assert caller.queue_names() == []


@pytest.mark.parametrize('method', ['BREW', 'get', 'X' * 30, 'M-SEARCH'])
def test_unknown_method(caller, method):
    assert_refused(caller.call(method, '/orders'))


@pytest.mark.parametrize('method', ['TRACE', 'HEAD', 'POST', 'LOCK'])
def test_known_method_without_handler(caller, method):
    with http11.Connection(caller.server.port) as connection:
        connection.send(http11.request(method, caller.path('/orders'), caller.identity))
        if method == 'HEAD':  # its answer has no body, whatever Content-Length says
            assert connection._until(b'\r\n').split(b' ')[1] == b'405'
            return
        answer = connection.answer()
    assert answer.status == 405
    assert answer.headers['allow'] == 'DELETE, GET, PATCH, PUT, OPTIONS'
    assert answer.json['title'] == '405 Method Not Allowed'


@pytest.mark.parametrize('target', ['/v2', '/v3/', '/v2/nope', '/v2/queues/a/b', '//v2/queues', '/V2/queues',
                                    '/v2/queues/a/messages/b/c', '/v2/topics', '/v2/pools', '/v2/flavors',
                                    '/v2/queues/a/share', '/v2/queues/a/subscriptions', '/%00', '/v2/%FF'])
def test_unknown_path(caller, target):
    answer = caller.exchange(http11.request('GET', target, caller.identity))
    assert answer.status == 404
    assert answer.json == {'title': '404 Not Found'}


def test_signed_requests_are_not_served(caller):
    answer = caller.call('GET', '/orders/messages', headers=caller.identity + [('URL-Signature', '')])
    assert answer.status == 404


def test_messages_of_another_project_are_out_of_reach(server, caller):
    posted = caller.post('orders', '1').json['resources'][0].rsplit('/', 1)[-1]
    stranger = type(caller)(server)
    assert stranger.post('orders', '2').status == 201
    assert stranger.call('GET', '/orders/messages/' + posted).status == 404
    assert stranger.call('DELETE', '/orders/messages/' + posted).status == 204
    assert stranger.call('DELETE', '/orders/messages?ids=' + posted).status == 204
    assert caller.call('GET', '/orders/messages/' + posted).json['body'] == 1
