import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Transactions over several documents, one at a time. A transaction works on the documents
 * themselves and remembers what they were. For every command from outside they are put back before
 * and forth again behind it, so that it sees nothing of the transaction; if it has changed one of
 * them, or stands in the way of one, the transaction is undone for good. To begin another one
 * meanwhile is a write conflict.
 *
 * <p>Of MongoDB's promise this keeps: all or nothing, nothing seen before the commit, no lost
 * update. It does not keep a snapshot: what others write to further documents can be read. Where
 * MongoDB lets the command from outside wait, here the transaction has to begin anew. To be used by
 * one thread at a time.
 */
final class Transactions {

    /** Runs a command as if there were no transactions. */
    interface Plain {
        Document run(String database, String command, Document query);
    }

    /** Where a document is. */
    private record Place(String database, String collection, Object id) {}

    /** What a document is before a transaction and in it; null: not there. */
    private static final class Images {
        Document before;
        Document after;
    }

    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final Set<String> ON_DOCUMENTS = Set.of("find", "getMore", "insert", "update", "delete",
        "findAndModify", "findandmodify", "aggregate", "count", "distinct", "dropDatabase", "drop");

    private final Plain plain;
    private final Set<String> committed = new HashSet<>();
    private final Map<Place, Images> touched = new LinkedHashMap<>();
    private String current;
    private long begun;

    Transactions(Plain plain) {
        this.plain = plain;
    }

    Document run(String database, String command, Document query) {
        if (Boolean.FALSE.equals(query.get("autocommit"))) {
            return inside(database, command, query);
        }
        if (current == null || !ON_DOCUMENTS.contains(command)) {
            return plain.run(database, command, query);
        }
        return outside(database, command, query);
    }

    // ---- from outside ---------------------------------------------------------------------

    private Document outside(String database, String command, Document query) {
        putBack();
        Document answer = plain.run(database, command, query).cloneDeeply();
        if (!asBefore()) {
            end();
        } else if (!putForth()) {
            putBack();
            end();
        }
        return answer;
    }

    private boolean asBefore() {
        for (Map.Entry<Place, Images> entry : touched.entrySet()) {
            if (!Objects.equals(read(entry.getKey()), entry.getValue().before)) {
                return false;
            }
        }
        return true;
    }

    // ---- inside ---------------------------------------------------------------------------

    private Document inside(String database, String command, Document query) {
        String name = query.get("lsid") + " " + query.get("txnNumber");
        boolean begins = Boolean.TRUE.equals(query.get("startTransaction"));
        if (begins && current != null && System.nanoTime() - begun > LONGEST_NANOS) {
            putBack();
            end();
        }
        if (begins && current != null) {
            return transientError(112, "WriteConflict");
        }
        if (begins) {
            current = name;
            begun = System.nanoTime();
        }
        if (command.equals("commitTransaction") && committed.contains(name)) {
            return new Document("ok", 1.0);
        }
        if (!name.equals(current)) {
            return transientError(251, "NoSuchTransaction");
        }
        switch (command) {
            case "commitTransaction":
                committed.add(name);
                end();
                return new Document("ok", 1.0);
            case "abortTransaction":
                putBack();
                end();
                return new Document("ok", 1.0);
            default:
                return work(database, command, query);
        }
    }

    private Document work(String database, String command, Document query) {
        boolean first = Boolean.TRUE.equals(query.get("startTransaction"));
        if (query.containsKey("writeConcern") || (query.containsKey("readConcern") && !first)) {
            putBack();
            end();
            return new Document("ok", 0.0).append("errmsg", "a concern where there may be none")
                .append("code", 72).append("codeName", "InvalidOptions");
        }
        Document bare = query.clone();
        for (String field : List.of("lsid", "txnNumber", "autocommit", "startTransaction", "readConcern")) {
            bare.remove(field);
        }
        List<Place> places = placesOf(database, command, bare);
        for (Place place : places) {
            if (!touched.containsKey(place)) {
                Images images = new Images();
                images.before = read(place);
                touched.put(place, images);
            }
        }
        Document answer;
        try {
            answer = plain.run(database, command, bare);
        } catch (RuntimeException failed) {
            putBack();
            end();
            throw failed;
        }
        for (Place place : places) {
            touched.get(place).after = read(place);
        }
        if (answer.containsKey("writeErrors")) {
            putBack();
            end();
        }
        return answer;
    }

    /** The documents a command may change. */
    private List<Place> placesOf(String database, String command, Document query) {
        String collection = String.valueOf(query.get(command));
        List<Place> places = new ArrayList<>();
        switch (command) {
            case "insert":
                for (Object each : (List<?>) query.get("documents")) {
                    places.add(new Place(database, collection, ((Document) each).get("_id")));
                }
                break;
            case "update":
            case "delete":
                for (Object each : (List<?>) query.get(command + "s")) {
                    addMatches(database, collection, (Document) ((Document) each).get("q"), places);
                }
                break;
            case "findAndModify":
            case "findandmodify":
                addMatches(database, collection, (Document) query.get("query"), places);
                break;
            default:
                break;
        }
        return places;
    }

    private void addMatches(String database, String collection, Document filter, List<Place> places) {
        for (Object each : find(database, collection, filter)) {
            places.add(new Place(database, collection, ((Document) each).get("_id")));
        }
    }

    // ---- documents ------------------------------------------------------------------------

    private void putBack() {
        for (boolean removals : new boolean[] {true, false}) {
            touched.forEach((place, images) -> {
                if (removals == (images.before == null)) {
                    write(place, images.before);
                }
            });
        }
    }

    /** False if something stands in the way. */
    private boolean putForth() {
        boolean done = true;
        for (boolean removals : new boolean[] {true, false}) {
            for (Map.Entry<Place, Images> entry : touched.entrySet()) {
                if (removals == (entry.getValue().after == null)) {
                    done = done && write(entry.getKey(), entry.getValue().after);
                }
            }
        }
        return done;
    }

    private void end() {
        touched.clear();
        current = null;
    }

    private Document read(Place place) {
        List<?> found = find(place.database, place.collection, new Document("_id", place.id));
        return found.isEmpty() ? null : ((Document) found.get(0)).cloneDeeply();
    }

    private boolean write(Place place, Document document) {
        Document query = new Document("_id", place.id);
        Document answer;
        if (document == null) {
            answer = plain.run(place.database, "delete", new Document("delete", place.collection)
                .append("deletes", List.of(new Document("q", query).append("limit", 1))));
        } else {
            answer = plain.run(place.database, "update", new Document("update", place.collection)
                .append("updates", List.of(new Document("q", query)
                    .append("u", document.cloneDeeply()).append("upsert", true))));
        }
        return !answer.containsKey("writeErrors");
    }

    private List<?> find(String database, String collection, Document filter) {
        Document answer = plain.run(database, "find", new Document("find", collection)
            .append("filter", filter).append("batchSize", 100_000));
        return (List<?>) ((Document) answer.get("cursor")).get("firstBatch");
    }

    private static Document transientError(int code, String name) {
        return new Document("ok", 0.0).append("errmsg", name).append("code", code)
            .append("codeName", name).append("errorLabels", List.of("TransientTransactionError"));
    }
}
