"""What a MongoDB-compatible server must do for Marconi's store, as experiments against any URI.

Each experiment lets many connections, each in a process of its own, do the same kind of operation
at once and judges what they were told together. A server that reads, filters and writes in
separate steps fails here within a second.

REQUIRED lists what the store rests on, FACTS what is good to know. Each entry is a function that
takes a URI and either raises Broken or returns a short remark. An experiment uses a database of
its own and drops it.
"""

import contextlib
import datetime
import multiprocessing
import queue
import threading
import traceback
import uuid

import bson
import bson.binary
import bson.raw_bson
import pymongo
import pymongo.errors

WORKERS = 8
PATIENCE_SECONDS = 120  # a bound for a server that hangs, not a pause

REQUIRED = {}
TRANSACTIONS = {}
FACTS = {}


class Broken(Exception):
    """The server does not do what the experiment asks for."""


def required(experiment):
    REQUIRED[experiment.__name__] = experiment
    return experiment


def of_transactions(experiment):
    TRANSACTIONS[experiment.__name__] = experiment
    return experiment


def fact(experiment):
    FACTS[experiment.__name__] = experiment
    return experiment


def expect(condition, *words):
    if not condition:
        raise Broken(' '.join(str(word) for word in words))


def connect(uri):
    return pymongo.MongoClient(uri, serverSelectionTimeoutMS=20000, tz_aware=False)


@contextlib.contextmanager
def scratch(uri):
    """A database of one experiment."""
    client = connect(uri)
    name = 'experiment_' + uuid.uuid4().hex[:12]
    try:
        yield client[name]
    finally:
        client.drop_database(name)
        client.close()


# ---- Many connections at once --------------------------------------------------------------------

def _work(function, uri, database, worker, start, results):
    try:
        client = connect(uri)
        client.admin.command('ping')
        start.wait(PATIENCE_SECONDS)
        results.put((worker, function(client[database], worker), None))
    except BaseException:
        start.abort()
        results.put((worker, None, traceback.format_exc()))


def at_once(database, uri, *functions):
    """Runs each function(database, worker) in a process with a connection of its own, all starting
    together, and returns their results in order."""
    forks = multiprocessing.get_context('fork')
    start, results = forks.Barrier(len(functions)), forks.Queue()
    processes = [forks.Process(target=_work, daemon=True, args=(
        function, uri, database.name, worker, start, results))
        for worker, function in enumerate(functions)]
    for process in processes:
        process.start()
    try:
        answers = sorted((results.get(timeout=PATIENCE_SECONDS) for _ in processes),
                         key=lambda answer: answer[0])
    except queue.Empty:
        raise Broken('the server did not answer in %d s' % PATIENCE_SECONDS) from None
    finally:
        for process in processes:
            process.kill() if process.is_alive() and process.join(1) else process.join(1)
    for _, _, error in answers:
        expect(error is None, error)
    return [value for _, value, _ in answers]


# ---- What the store rests on ---------------------------------------------------------------------

@required
def increments_are_not_lost(uri):
    """Find-and-modify with $inc gives every caller another number, and no number is left out."""
    rounds = 100

    def take(db, _worker):
        return [db.counters.find_one_and_update(
            {'p_q': 'q'}, {'$inc': {'c.v': 1}},
            return_document=pymongo.ReturnDocument.AFTER)['c']['v'] for _ in range(rounds)]

    with scratch(uri) as db:
        db.counters.insert_one({'p_q': 'q', 'c': {'v': 0}})
        taken = [value for values in at_once(db, uri, *[take] * WORKERS) for value in values]
        wanted = list(range(1, WORKERS * rounds + 1))
        expect(sorted(taken) == wanted, len(wanted) - len(set(taken)), 'of', len(wanted),
               'increments gave a number twice')


@required
def condition_and_change_are_one_step(uri):
    """Of all who name the same old value in a find-and-modify, one succeeds."""
    rounds = 150

    def compare_and_set(db, worker):
        won = []
        for _ in range(rounds):
            seen = db.counters.find_one({'p_q': 'q'})['c']['v']
            before = db.counters.find_one_and_update(
                {'p_q': 'q', 'c.v': seen}, {'$set': {'c.v': seen + 1, 'by': worker}})
            if before is not None:
                won.append(before['c']['v'])
        return won

    with scratch(uri) as db:
        db.counters.insert_one({'p_q': 'q', 'c': {'v': 0}})
        won = [value for values in at_once(db, uri, *[compare_and_set] * WORKERS)
               for value in values]
        final = db.counters.find_one({'p_q': 'q'})['c']['v']
        expect(len(won) == len(set(won)), len(won) - len(set(won)), 'steps were won twice')
        expect(final == len(won), len(won), 'steps were won, the counter stands at', final)


@required
def pushes_and_pulls_of_a_list_are_not_lost(uri):
    """$push and $pull of one array by many leave exactly what was pushed and not pulled."""
    rounds = 60

    def push_and_pull(db, worker):
        kept = []
        for i in range(rounds):
            item = worker * rounds + i
            db.counters.update_one({'p_q': 'q'}, {'$push': {'c.p': item}, '$set': {'by': worker}})
            if i % 3:
                db.counters.update_one({'p_q': 'q'}, {'$pull': {'c.p': item}})
            else:
                kept.append(item)
        return kept

    with scratch(uri) as db:
        db.counters.insert_one({'p_q': 'q', 'c': {'v': 1}})
        kept = [item for items in at_once(db, uri, *[push_and_pull] * WORKERS) for item in items]
        left = db.counters.find_one({'p_q': 'q'})['c']['p']
        expect(sorted(left) == sorted(kept), len(set(kept) - set(left)), 'pushes were lost,',
               len(set(left) - set(kept)), 'pulls were lost')


@required
def multi_updates_take_each_document_once(uri):
    """Of many multi-updates under one condition, each document falls to one, and the counts tell."""
    documents, rounds = 40, 12

    def claim(db, worker):
        counts = []
        for number in range(rounds):
            ids = [number * documents + i for i in range(documents)]
            counts.append(db.messages.update_many(
                {'_id': {'$in': ids}, 'c.id': None},
                {'$set': {'c': {'id': worker, 'e': 1}}}).modified_count)
        return counts

    with scratch(uri) as db:
        db.messages.insert_many([{'_id': i, 'c': {'id': None, 'e': 0}}
                                 for i in range(documents * rounds)])
        counts = at_once(db, uri, *[claim] * WORKERS)
        for worker, told in enumerate(counts):
            owned = db.messages.count_documents({'c.id': worker})
            expect(owned == sum(told), 'worker', worker, 'was told', sum(told), 'and owns', owned)
        total = sum(map(sum, counts))
        expect(total == documents * rounds, total, 'of', documents * rounds, 'documents taken')


@required
def a_document_is_removed_once(uri):
    """Find-one-and-delete with a sort hands each document to one caller, each in order."""
    documents = 200

    def pop(db, _worker):
        popped = []
        while True:
            taken = db.messages.find_one_and_delete({'p_q': 'q', 'c.e': {'$lte': 0}},
                                                    sort=[('k', 1)])
            if taken is None:
                return popped
            popped.append(taken['k'])

    with scratch(uri) as db:
        db.messages.insert_many([{'p_q': 'q', 'k': documents - i, 'c': {'e': 0}}
                                 for i in range(documents)])
        popped = at_once(db, uri, *[pop] * WORKERS)
        everything = [k for ks in popped for k in ks]
        expect(sorted(everything) == list(range(1, documents + 1)),
               len(everything) - len(set(everything)), 'documents were handed out twice')
        expect(all(ks == sorted(ks) for ks in popped), 'handed out in the wrong order')


@required
def claim_or_delete_but_not_both(uri):
    """A conditional delete and a conditional update of one document: one of them wins."""
    documents = 300

    def claim(db, _worker):
        return [i for i in range(documents) if db.messages.update_one(
            {'_id': i, 'c.id': None}, {'$set': {'c.id': 'mine'}}).modified_count]

    def delete(db, _worker):
        return [i for i in range(documents) if db.messages.delete_one(
            {'_id': i, 'c.id': None}).deleted_count]

    with scratch(uri) as db:
        db.messages.insert_many([{'_id': i, 'c': {'id': None}} for i in range(documents)])
        claimed, deleted, more = at_once(db, uri, claim, delete, delete)
        deleted += more
        expect(not set(claimed) & set(deleted), len(set(claimed) & set(deleted)),
               'documents were both claimed and deleted')
        expect(len(deleted) == len(set(deleted)), 'documents were deleted twice')
        expect(len(claimed) + len(deleted) == documents, 'documents were neither')
        left = sorted(document['_id'] for document in db.messages.find())
        expect(left == sorted(claimed), 'left are', len(left), 'claimed were', len(claimed))


@required
def a_unique_key_is_stored_once(uri):
    """Of all who insert the same key, one succeeds; the others get error 11000."""
    rounds = 80

    def insert(db, worker):
        won = []
        for k in range(rounds):
            try:
                db.messages.insert_one({'p_q': 'q', 'k': k, 'by': worker})
                won.append(k)
            except pymongo.errors.DuplicateKeyError as error:
                assert error.code == 11000, error
        return won

    with scratch(uri) as db:
        db.messages.create_index([('k', 1), ('p_q', 1)], name='queue_marker', unique=True)
        won = [k for ks in at_once(db, uri, *[insert] * WORKERS) for k in ks]
        expect(len(won) == rounds, len(won), 'inserts succeeded for', rounds, 'keys')
        expect(db.messages.count_documents({}) == rounds, 'wrong number of documents')


@required
def an_ordered_batch_stops_at_its_first_duplicate(uri):
    """What an ordered insert stores is exactly what comes before the duplicate it reports."""
    with scratch(uri) as db:
        db.messages.create_index([('k', 1), ('p_q', 1)], name='queue_marker', unique=True)
        db.messages.insert_one({'p_q': 'q', 'k': 3})
        try:
            db.messages.insert_many([{'p_q': 'q', 'k': k, 'mine': True} for k in range(6)])
            raise Broken('the duplicate was not noticed')
        except pymongo.errors.BulkWriteError as error:
            errors = error.details['writeErrors']
        expect(len(errors) == 1 and errors[0]['index'] == 3 and errors[0]['code'] == 11000, errors)
        stored = sorted(document['k'] for document in db.messages.find({'mine': True}))
        expect(stored == [0, 1, 2], 'stored were', stored)


@required
def concurrent_batches_do_not_share_markers(uri):
    """Ordered inserts over overlapping unique keys: each key is stored by one of them."""
    rounds, size = 30, 5

    def insert(db, worker):
        won = []
        for number in range(rounds):
            batch = [{'p_q': 'q', 'k': number * 3 + i, 'by': worker} for i in range(size)]
            try:
                db.messages.insert_many(batch)
                won += [document['k'] for document in batch]
            except pymongo.errors.BulkWriteError as error:
                won += [document['k'] for document in
                        batch[:error.details['writeErrors'][0]['index']]]
        return won

    with scratch(uri) as db:
        db.messages.create_index([('k', 1), ('p_q', 1)], name='queue_marker', unique=True)
        won = [k for ks in at_once(db, uri, *[insert] * WORKERS) for k in ks]
        expect(len(won) == len(set(won)), len(won) - len(set(won)), 'markers were given twice')
        stored = sorted(document['k'] for document in db.messages.find())
        expect(stored == sorted(won), len(stored), 'are stored,', len(won), 'were acknowledged')


@required
def racing_upserts_make_one_document(uri):
    """Upserts of the same unique key leave one document and lose no increment."""
    rounds = 30

    def upsert(db, _worker):
        counted = 0
        for i in range(rounds):
            try:
                db.counters.update_one({'p_q': i}, {'$inc': {'c.v': 1}}, upsert=True)
                counted += 1
            except pymongo.errors.DuplicateKeyError:
                pass  # allowed: the caller repeats it
        return counted

    with scratch(uri) as db:
        db.counters.create_index('p_q', name='p_q_1', unique=True)
        counted = sum(at_once(db, uri, *[upsert] * WORKERS))
        stored = list(db.counters.find())
        expect(len(stored) == rounds, len(stored), 'documents for', rounds, 'keys')
        total = sum(document['c']['v'] for document in stored)
        expect(total == counted, counted, 'increments acknowledged,', total, 'counted')


@required
def a_document_is_read_whole(uri):
    """No reader sees half of an update of one document."""
    rounds, fields = 250, ['f%02d' % i for i in range(40)]

    def write(db, worker):
        for i in range(rounds):
            db.messages.update_one({'_id': 0}, {'$set': dict.fromkeys(fields, worker * rounds + i)})

    def read(db, _worker):
        torn = 0
        for _ in range(rounds):
            document = db.messages.find_one({'_id': 0})
            torn += len({document[field] for field in fields}) != 1
        return torn

    with scratch(uri) as db:
        db.messages.insert_one(dict.fromkeys(fields, -1) | {'_id': 0})
        torn = sum(at_once(db, uri, write, write, *[read] * (WORKERS - 2))[2:])
        expect(not torn, torn, 'reads mixed two updates')


@required
def what_was_acknowledged_is_seen_by_all(uri):
    """A page read on any connection after an insert was acknowledged has that document, and a
    reader that pages by marker over ascending inserts misses none."""
    documents = 250

    def insert(db, _worker):
        for k in range(1, documents + 1):
            db.messages.insert_one({'p_q': 'q', 'k': k, 'tx': None, 'c': {'e': 0}})

    def follow(db, _worker):
        seen, marker = [], 0
        while marker < documents:
            for message in db.messages.find({'p_q': 'q', 'tx': None, 'k': {'$gt': marker}},
                                            sort=[('k', 1)], limit=7):
                seen.append(message['k'])
                marker = message['k']
        return seen

    with scratch(uri) as db:
        db.messages.create_index([('p_q', 1), ('k', 1), ('c.e', 1)], name='active')
        for seen in at_once(db, uri, insert, *[follow] * 3)[1:]:
            expect(seen == list(range(1, documents + 1)), 'a reader missed',
                   documents - len(set(seen)), 'documents')


@required
def values_come_back_as_they_were(uri):
    """All types of the store's documents survive; integers compare across their widths."""
    document = {
        '_id': bson.ObjectId(), 'p_q': 'proj/café', 't': 300,
        'e': datetime.datetime(2031, 2, 3, 4, 5, 6),
        'u': bson.binary.Binary(uuid.uuid4().bytes, 4),
        'c': {'id': None, 'e': 0, 'c': 0}, 'd': 0,
        'b': {'z': [1, 2.5, True, None, {'deep': ['x']}], 'a': '\u00e9', '': 'empty', 'n': 2 ** 40},
        'k': bson.Int64(1795569007 << 20), 'tx': None, 'cs': 'MD5:00'}
    with scratch(uri) as db:
        db.messages.insert_one(document)
        raw = bson.encode(document)
        back = db.get_collection('messages', codec_options=bson.CodecOptions(
            document_class=bson.raw_bson.RawBSONDocument)).find_one({'k': {'$lt': float(2 ** 53)}})
        expect(back is not None, 'an int64 does not compare with a double')
        expect(back.raw == raw, 'came back as', bson.decode(back.raw))
        for claim in ({'$lte': 10}, {'$lte': bson.Int64(10)}, {'$lte': 10.0}):
            expect(db.messages.count_documents({'c.e': claim}) == 1, 'c.e', claim)
        expect(db.messages.count_documents({'c.id': None, 'tx': None}) == 1, 'null does not match')
        db.messages.update_one({}, {'$unset': {'tx': 1}})
        expect(db.messages.count_documents({'tx': None}) == 1, 'absent does not match null')
        expect(db.messages.count_documents({'e': {'$gt': datetime.datetime(2030, 1, 1)}}) == 1,
               'dates do not compare')


@required
def long_results_come_in_batches(uri):
    """A cursor over more than one batch returns everything, in order."""
    with scratch(uri) as db:
        db.messages.insert_many([{'k': i, 'pad': 'x' * 200} for i in range(1000)])
        got = [document['k'] for document in db.messages.find(sort=[('k', 1)], batch_size=37)]
        expect(got == list(range(1000)), 'got', len(got), 'documents')


@required
def the_time_of_the_server_is_known(uri):
    """hello or isMaster tells localTime."""
    with scratch(uri) as db:
        for command in ('hello', 'isMaster'):
            with contextlib.suppress(pymongo.errors.OperationFailure):
                answer = db.client.admin.command(command)
                expect(isinstance(answer.get('localTime'), datetime.datetime), answer)
                return command
        raise Broken('neither hello nor isMaster')


@required
def indexes_with_expiry_are_accepted(uri):
    """createIndexes takes expireAfterSeconds, and all indexes may be created again."""
    with scratch(uri) as db:
        for _ in range(2):
            db.messages.create_index([('e', 1)], name='ttl', expireAfterSeconds=0, background=True)
            db.messages.create_index([('p_q', 1), ('k', 1), ('c.e', 1)], name='active',
                                     background=True)
            db.messages.create_index([('k', 1), ('p_q', 1)], name='queue_marker', unique=True,
                                     background=True)
        names = {index['name'] for index in db.messages.list_indexes()}
        expect({'ttl', 'active', 'queue_marker'} <= names, 'listed are', sorted(names))


# ---- What is good to know ------------------------------------------------------------------------

@fact
def describes_itself_as(uri):
    with scratch(uri) as db:
        hello = db.client.admin.command('isMaster')
        build = db.client.admin.command('buildInfo')
        return 'version %s, wire %s, sessions %s, set %s' % (
            build['version'], hello.get('maxWireVersion'),
            hello.get('logicalSessionTimeoutMinutes'), hello.get('setName'))


@fact
def knows_hello(uri):
    with scratch(uri) as db:
        return str(db.client.admin.command('hello').get('isWritablePrimary'))


@fact
def runs_transactions(uri):
    for experiment in TRANSACTIONS.values():
        experiment(uri)


@of_transactions
def an_aborted_transaction_leaves_nothing_behind(uri):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0, 'n': 0})
        with db.client.start_session() as session:
            session.start_transaction()
            db.a.insert_one({'_id': 1}, session=session)
            db.a.update_one({'_id': 0}, {'$inc': {'n': 1}}, session=session)
            session.abort_transaction()
        expect(list(db.a.find()) == [{'_id': 0, 'n': 0}], 'something is left')


@of_transactions
def a_transaction_is_seen_when_it_is_committed_and_not_before(uri):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0, 'n': 0})
        db.create_collection('b')
        with db.client.start_session() as session:
            session.start_transaction()
            db.a.update_one({'_id': 0}, {'$inc': {'n': 1}}, session=session)
            db.b.insert_one({'_id': 1}, session=session)
            expect(db.a.find_one({}, session=session)['n'] == 1, 'it does not see itself')
            expect(db.a.find_one()['n'] == 0 and not db.b.find_one(), 'it is seen too early')
            session.commit_transaction()
        expect(db.a.find_one()['n'] == 1 and db.b.find_one(), 'it is not seen')


@of_transactions
def a_duplicate_undoes_a_transaction(uri):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0, 'n': 0})
        with db.client.start_session() as session:
            session.start_transaction()
            db.a.update_one({'_id': 0}, {'$inc': {'n': 1}}, session=session)
            try:
                db.a.insert_one({'_id': 0}, session=session)
                raise Broken('the duplicate was taken')
            except pymongo.errors.DuplicateKeyError:
                session.abort_transaction()
        expect(db.a.find_one()['n'] == 0, 'something is left')


@of_transactions
def transactions_lose_no_update(uri):
    """Workers take numbers from a counter and note each, by transactions begun anew on conflict."""
    workers, each = 4, 15
    with scratch(uri) as db:
        db.counters.insert_one({'_id': 0, 'n': 0})
        db.create_collection('taken')

        def take(session):
            before = db.counters.find_one_and_update({'_id': 0}, {'$inc': {'n': 1}},
                                                     session=session)
            db.taken.insert_one({'_id': before['n']}, session=session)

        def work():
            for _ in range(each):
                with db.client.start_session() as session:
                    session.with_transaction(take)

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(db.counters.find_one()['n'] == workers * each, 'the counter is at',
               db.counters.find_one()['n'])
        expect(db.taken.count_documents({}) == workers * each, 'numbers are missing')


@fact
def takes_sessions(uri):
    with scratch(uri) as db:
        with db.client.start_session(causal_consistency=True) as session:
            db.a.insert_one({'_id': 1}, session=session)
            expect(db.a.find_one(session=session), 'not found')


@fact
def does_not_repeat_a_retryable_write(uri):
    """A write sent twice with one lsid and txnNumber happens once."""
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0, 'n': 0})
        command = bson.SON([
            ('update', 'a'), ('updates', [{'q': {'_id': 0}, 'u': {'$inc': {'n': 1}}}]),
            ('lsid', {'id': bson.binary.Binary(uuid.uuid4().bytes, 4)}),
            ('txnNumber', bson.Int64(1))])
        db.command(command)
        db.command(command)
        expect(db.a.find_one()['n'] == 1, 'it happened twice')


@fact
def takes_write_concern_majority(uri):
    with scratch(uri) as db:
        db.get_collection('a', write_concern=pymongo.WriteConcern(w='majority', j=True)
                          ).insert_one({'_id': 0})


def _reads_with(uri, level):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0})
        answer = db.command(bson.SON([('find', 'a'), ('readConcern', {'level': level})]))
        expect(answer['cursor']['firstBatch'], answer)


@fact
def takes_read_concern_majority(uri):
    _reads_with(uri, 'majority')


@fact
def takes_read_concern_snapshot(uri):
    _reads_with(uri, 'snapshot')


@fact
def takes_hints(uri):
    with scratch(uri) as db:
        db.a.create_index([('p_q', 1)], name='active')
        db.a.insert_one({'p_q': 'q'})
        expect(len(list(db.a.find({'p_q': 'q'}).hint('active'))) == 1, 'not found')


@fact
def refuses_a_hint_without_index(uri):
    with scratch(uri) as db:
        db.a.insert_one({'p_q': 'q'})
        try:
            list(db.a.find({'p_q': 'q'}).hint('absent'))
        except pymongo.errors.OperationFailure:
            return
        raise Broken('it is ignored')


@fact
def runs_updates_given_as_pipelines(uri):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0, 'e': 5})
        db.a.update_many({}, [{'$set': {'e': {'$max': ['$e', 9]}}}])
        expect(db.a.find_one()['e'] == 9, 'nothing changed')


@fact
def knows_max(uri):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0, 'v': 5})
        for value in (9, 7):
            db.a.update_one({'_id': 0}, {'$max': {'v': value}})
        expect(db.a.find_one()['v'] == 9, db.a.find_one())


@fact
def knows_current_date(uri):
    with scratch(uri) as db:
        db.a.insert_one({'_id': 0})
        db.a.update_one({'_id': 0}, {'$currentDate': {'at': True}})
        age = datetime.datetime.utcnow() - db.a.find_one()['at']
        expect(abs(age.total_seconds()) < 3600, age)


@fact
def knows_regular_expressions(uri):
    with scratch(uri) as db:
        db.a.insert_many([{'p_q': 'p/a'}, {'p_q': 'p/b'}, {'p_q': 'x/a'}])
        found = db.a.find({'p_q': {'$regex': '^p/', '$gt': 'p/a'}}, sort=[('p_q', 1)])
        expect([document['p_q'] for document in found] == ['p/b'], 'wrong names')


@fact
def counts_with_a_limit(uri):
    with scratch(uri) as db:
        db.a.insert_many([{'n': i} for i in range(10)])
        expect(db.a.count_documents({'n': {'$gte': 3}}) == 7, 'wrong count')
        expect(db.a.count_documents({'n': {'$gte': 3}}, limit=2) == 2, 'the limit is ignored')


@fact
def runs_ordered_bulks_of_updates(uri):
    with scratch(uri) as db:
        db.a.create_index('k', unique=True)
        db.a.insert_many([{'_id': i, 'k': i} for i in range(4)])
        try:
            db.a.bulk_write([pymongo.UpdateOne({'_id': 0}, {'$set': {'k': 10}}),
                             pymongo.UpdateOne({'_id': 1}, {'$set': {'k': 3}}),
                             pymongo.UpdateOne({'_id': 2}, {'$set': {'k': 12}})])
            raise Broken('the duplicate was not noticed')
        except pymongo.errors.BulkWriteError as error:
            expect(error.details['writeErrors'][0]['index'] == 1, error.details)
        expect(db.a.find_one({'_id': 2})['k'] == 2, 'it goes on after an error')


@fact
def refuses_a_changed_index(uri):
    with scratch(uri) as db:
        db.a.create_index([('k', 1), ('p_q', 1)], name='queue_marker')
        try:
            db.a.create_index([('k', 1), ('p_q', 1)], name='queue_marker', unique=True)
        except pymongo.errors.OperationFailure as error:
            return 'error %s %s' % (error.code, error.details.get('codeName'))
        raise Broken('it is accepted')


@fact
def words_a_duplicate_as(uri):
    with scratch(uri) as db:
        db.a.create_index([('k', 1), ('p_q', 1)], name='queue_marker', unique=True)
        db.a.insert_one({'k': 1, 'p_q': 'q'})
        try:
            db.a.insert_one({'k': 1, 'p_q': 'q'})
        except pymongo.errors.DuplicateKeyError as error:
            details = error.details
            return '%s; keyPattern %s, keyValue %s' % (
                details.get('errmsg'), details.get('keyPattern'), details.get('keyValue'))
        raise Broken('it is accepted')
