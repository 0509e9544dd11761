"""Is the server that the other tests use worth anything? It must act as MongoDB does.

It is put to the experiments of tests/support/mongodb/server_properties.py, which
`tests/support/mongodb/check-server URI` runs against any other server.
"""

import os
import subprocess
import sys
import threading

import mongodb_server
import pymongo
import pymongo.errors
import pytest
import server_properties


@pytest.fixture(scope='module')
def uri():
    with mongodb_server.MongodbServer() as server:
        yield server.uri


@pytest.mark.parametrize('name', server_properties.REQUIRED)
def test_acts_as_mongodb(uri, name):
    server_properties.REQUIRED[name](uri)


@pytest.fixture(scope='module')
def transactional_uri():
    with mongodb_server.MongodbServer(options=['--transactions']) as server:
        yield server.uri


@pytest.mark.parametrize('name', server_properties.REQUIRED)
def test_acts_as_mongodb_beside_transactions(transactional_uri, name):
    server_properties.REQUIRED[name](transactional_uri)


@pytest.mark.parametrize('name', server_properties.TRANSACTIONS)
def test_has_transactions(transactional_uri, name):
    server_properties.TRANSACTIONS[name](transactional_uri)


@pytest.mark.parametrize('name', [
    'increments_are_not_lost', 'condition_and_change_are_one_step',
    'pushes_and_pulls_of_a_list_are_not_lost', 'multi_updates_take_each_document_once',
    'a_document_is_removed_once', 'claim_or_delete_but_not_both',
    'racing_upserts_make_one_document'])
def test_experiments_notice_careless_writes(name):
    with mongodb_server.MongodbServer(options=['--careless']) as server:
        with pytest.raises(server_properties.Broken):
            server_properties.REQUIRED[name](server.uri)


@pytest.mark.parametrize('options, status', [((), 7), (('--careless',), 1)],
                         ids=['one that will do', 'one that will not'])
def test_a_real_deployment_is_put_to_them_before_a_command_runs_on_it(options, status):
    with mongodb_server.MongodbServer(options=options) as server:
        command = [os.path.join(mongodb_server.HERE, 'with-server'), 'sh', '-c',
                   'echo "runs on $MARCONI_MONGODB_URI"; exit 7']
        result = subprocess.run(command, capture_output=True, text=True, timeout=120,
                                env=dict(os.environ, MARCONI_TEST_MONGODB_URI=server.uri))
    assert result.returncode == status, result
    assert 'increments are not lost' in result.stderr and 'runs transactions' in result.stderr
    assert result.stdout == ('runs on %s\n' % server.uri if status == 7 else '')


def write_until_refused(uri, first, acknowledged, begun):
    """Inserts and updates ascending markers until the server is gone."""
    messages = pymongo.MongoClient(uri, retryWrites=False).t.messages
    k = first
    try:
        while True:
            messages.insert_one({'p_q': 'q', 'k': k})
            messages.update_one({'k': k}, {'$set': {'whole': True}})
            acknowledged.append(k)
            k += 1
            if k - first == 20:
                begun.set()
    except pymongo.errors.ConnectionFailure:
        begun.set()


def test_acknowledged_writes_survive_a_crash():
    with mongodb_server.MongodbServer(durable=True) as server:
        with pymongo.MongoClient(server.uri) as client:
            client.t.messages.create_index([('k', 1), ('p_q', 1)], unique=True)
        acknowledged, writers = [], []
        for writer in range(3):
            begun = threading.Event()
            thread = threading.Thread(target=write_until_refused, args=(
                server.uri, writer * 10 ** 6, acknowledged, begun))
            thread.start()
            writers.append((thread, begun))
        for _, begun in writers:
            begun.wait()
        server.kill()
        for thread, _ in writers:
            thread.join()

        server.start()
        with pymongo.MongoClient(server.uri) as client:
            stored = {message['k'] for message in client.t.messages.find({'whole': True})}
            assert len(acknowledged) >= 57
            assert set(acknowledged) - stored == set()
            with pytest.raises(pymongo.errors.DuplicateKeyError):
                client.t.messages.insert_one({'p_q': 'q', 'k': acknowledged[0]})


def test_ends_with_its_parent(tmp_path):
    parent = subprocess.run(
        [sys.executable, '-c',
         'import os, mongodb_server\n'
         'print(mongodb_server.MongodbServer().start().uri, flush=True)\n'
         'os._exit(0)\n'],
        env=dict(os.environ, PYTHONPATH=mongodb_server.HERE, TMPDIR=str(tmp_path)), stdout=subprocess.PIPE,
        text=True, check=True, timeout=60)
    uri = parent.stdout.strip()
    for _ in range(600):
        with pymongo.MongoClient(uri, serverSelectionTimeoutMS=100) as client:
            try:
                client.admin.command('ping')
            except pymongo.errors.ConnectionFailure:
                return
    pytest.fail('it still answers')
