"""marconi-server on MongoDB: what stops its start, with one line, in time and without a trace."""

import subprocess
import uuid

import bson.json_util
import fake_server
import marconi_server
import mongodb_server
import pymongo
import pytest

TOO_LONG = 20  # seconds; far more than any time-out below

MESSAGES = 'drivers:message_store:mongodb.'
MANAGEMENT = 'drivers:management_store:mongodb.'


@pytest.fixture(scope='module')
def uri():
    with mongodb_server.MongodbServer() as server:
        yield server.uri


@pytest.fixture
def database():
    """The beginning of the names of databases that nobody else uses."""
    return 'test_' + uuid.uuid4().hex[:12]


@pytest.fixture
def client(uri):
    with pymongo.MongoClient(uri) as made:
        yield made


def content(client):
    """Everything there is: indexes and documents of each collection of each database."""
    return bson.json_util.dumps(
        {name: {collection: [client[name][collection].index_information(),
                             list(client[name][collection].find())]
                for collection in sorted(client[name].list_collection_names())}
         for name in sorted(client.list_database_names())
         if name.startswith('test_') and client[name].list_collection_names()})


def refusal(options, tmp_path):
    """Starts a server that must not start; its line for the operator."""
    command = [marconi_server.binary(), '--log-file', str(tmp_path / 'log')]
    options = {'drivers:transport:wsgi.port': '0', **options}
    for name, value in options.items():
        command += ['--option', '%s=%s' % (name, value)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=TOO_LONG, cwd=tmp_path, env=marconi_server.clean_environment())
    assert result.returncode == 1, result
    assert result.stdout == ''
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith('marconi-server: '), result.stderr
    return lines[0]


def options_with(uri, database, **further):
    options = marconi_server.mongodb_options(uri, database)
    options.update({name.replace('__', '.'): value for name, value in further.items()})
    return options


def started(uri, database, driver='mongodb', options=()):
    """A server that must start."""
    everything = marconi_server.mongodb_options(uri, database, driver)
    everything.update(options)
    return marconi_server.Server(options=everything, with_store=False)


# ---- the options ---------------------------------------------------------------------------------

@pytest.mark.parametrize('text, words', [
    ('redis://h', 'it has to begin with mongodb://'),
    ('h:27017', 'it has to begin with mongodb://'),
    ('mongodb://h:port', 'not a MongoDB connection string'),
    ('mongodb://u:hunter2@secret@h', '%40'),
    ('mongodb://h/?w=0', 'w=0'),
])
def test_a_wrong_uri(text, words, database, tmp_path):
    line = refusal(options_with(text, database), tmp_path)
    assert 'management_store: uri: ' in line and words in line
    assert 'hunter2' not in line and 'secret' not in line


def test_each_store_names_its_own_trouble(uri, database, client, tmp_path):
    before = content(client)
    options = options_with(uri, database)
    options[MESSAGES + 'uri'] = 'mongodb://h/?w=0'
    assert 'message_store: uri: w=0' in refusal(options, tmp_path)
    assert content(client) == before


@pytest.mark.parametrize('name', ['ssl_certfile', 'ssl_keyfile', 'ssl_ca_certs'])
def test_files_for_tls_without_tls(name, uri, database, tmp_path):
    options = options_with(uri, database)
    options[MANAGEMENT + name] = '/etc/hostname'
    assert name + ' is given, but the uri does not ask for TLS' in refusal(options, tmp_path)


def test_files_for_tls_that_are_none(uri, database, tmp_path):
    options = options_with(uri + '/?ssl=true', database)
    options[MANAGEMENT + 'ssl_ca_certs'] = str(tmp_path / 'none')
    assert 'ssl_ca_certs: %s/none cannot be read' % tmp_path in refusal(options, tmp_path)
    options[MANAGEMENT + 'ssl_ca_certs'] = '/etc/hostname'
    assert 'ssl_ca_certs: the file has no ' in refusal(options, tmp_path)


def test_mongodb_for_one_of_the_two_only(uri, database, tmp_path):
    options = options_with(uri, database)
    options['drivers.management_store'] = 'embedded'
    assert 'one store serves both' in refusal(options, tmp_path)


# ---- the deployment ------------------------------------------------------------------------------

def test_a_single_node_has_to_be_allowed(uri, database, client, tmp_path):
    before = content(client)
    line = refusal(options_with(uri, database, DEFAULT__unreliable='false'), tmp_path)
    assert 'single node' in line and 'unreliable' in line
    assert content(client) == before


def test_writes_that_a_fail_over_can_undo_have_to_be_allowed(uri, database, tmp_path):
    unsafe = options_with(uri + '/?w=1', database, DEFAULT__unreliable='false')
    assert 'w=1' in refusal(unsafe, tmp_path)
    with started(uri + '/?w=1', database):
        pass


def test_no_server(database, tmp_path):
    nowhere = 'mongodb://127.0.0.1:%d/?serverSelectionTimeoutMS=500' % marconi_server.free_port()
    line = refusal(options_with(nowhere, database), tmp_path)
    assert 'management_store: No suitable servers found' in line


def test_a_server_that_is_too_old(database, tmp_path):
    with fake_server.FakeServer(fake_server.LONG_AGO) as old:
        options = options_with(old.uri + '/?serverSelectionTimeoutMS=500', database)
        assert 'wire version' in refusal(options, tmp_path)


def test_a_server_without_tls(uri, database, tmp_path):
    options = options_with(
        uri + '/?ssl=true&serverSelectionTimeoutMS=3000&connectTimeoutMS=500', database)
    assert 'TLS' in refusal(options, tmp_path)


def test_a_user_whom_the_server_does_not_know(database, tmp_path):
    with fake_server.FakeServer(fake_server.TODAY) as strict:
        with_user = strict.uri.replace('mongodb://', 'mongodb://who:hunter2@')
        line = refusal(options_with(with_user, database), tmp_path)
    assert 'management_store: Authentication failed' in line and 'hunter2' not in line


# ---- what is in the database ---------------------------------------------------------------------

def assert_refused_without_a_trace(words, client, options, tmp_path):
    before = content(client)
    line = refusal(options, tmp_path)
    for word in words:
        assert word in line
    assert content(client) == before


def test_queues_of_another_kind(uri, database, client, tmp_path):
    client[database + '_queues'].queues.insert_one({'p': 'project', 'n': 'name', 'm': {}})
    assert_refused_without_a_trace([database + '_queues.queues', 'another kind'], client,
                                   options_with(uri, database), tmp_path)


def test_messages_of_another_kind(uri, database, client, tmp_path):
    client[database + '_messages_p1'].messages.insert_one({'p_q': 'p/q', 'body': 1})
    assert_refused_without_a_trace([database + '_messages_p1.messages', 'another kind'], client,
                                   options_with(uri, database), tmp_path)


@pytest.mark.parametrize('keys, options', [
    ([('q', 1), ('e', 1)], {'name': 'active'}),
    ([('p_q', 1), ('k', 1), ('c.e', 1)], {'name': 'active', 'unique': True}),
    ([('p_q', 1), ('k', 1), ('c.e', 1)], {'name': 'other'}),
    ([('e', 1)], {'name': 'ttl'}),
    ([('e', 1)], {'name': 'ttl', 'expireAfterSeconds': 60}),
])
def test_an_index_that_differs(keys, options, uri, database, client, tmp_path):
    client[database + '_messages_p0'].messages.create_index(keys, **options)
    assert_refused_without_a_trace([database + '_messages_p0.messages', options['name']], client,
                                   options_with(uri, database), tmp_path)


def test_another_number_of_partitions(uri, database, client, tmp_path):
    with started(uri, database, options={MESSAGES + 'partitions': '3'}):
        pass
    client[database + '_queues'].queues.insert_one(
        {'p_q': 'p/q', 'm': {}, 'c': {'v': 1, 't': 0}})
    for number, word in [('2', 'partitions has to be more than 2'), ('4', '_messages_p3.messages')]:
        options = options_with(uri, database)
        options[MESSAGES + 'partitions'] = number
        assert_refused_without_a_trace([word, 'partitions'], client, options, tmp_path)


def test_the_other_flavour(uri, database, client, tmp_path):
    with started(uri, database):
        pass
    client[database + '_queues'].queues.insert_one(
        {'p_q': 'p/q', 'm': {}, 'c': {'v': 1, 't': 0}})
    options = marconi_server.mongodb_options(uri, database, 'mongodb.fifo')
    options[MESSAGES + 'mixed_operation'] = 'false'
    assert_refused_without_a_trace(['_messages_fifo_p0.messages', 'mongodb.fifo'], client, options,
                                   tmp_path)


def test_a_start_that_was_cut_off_is_completed(uri, database, client):
    with started(uri, database):
        pass
    whole = content(client)
    client[database + '_messages_p1'].messages.drop_index('claimed')
    client[database + '_messages_p1'].drop_collection('claims')
    assert content(client) != whole
    with started(uri, database):
        pass
    indexes = client[database + '_messages_p1'].messages.index_information()
    assert indexes['claimed']['key'] == [('p_q', 1), ('c.id', 1), ('k', 1), ('c.e', 1)]
    assert 'claims' in client[database + '_messages_p1'].list_collection_names()


# ---- and what does not ---------------------------------------------------------------------------

def test_the_old_group_and_scheme(uri, database):
    options = {'drivers.storage': 'mongodb', 'DEFAULT.unreliable': 'true',
               'drivers:storage:mongodb.uri': uri.replace('mongodb://', 'mongodb.fifo://'),
               'drivers:storage:mongodb.database': database}
    with marconi_server.Server(options=options, with_store=False) as server:
        assert 'deprecated' in server.whole_log()
