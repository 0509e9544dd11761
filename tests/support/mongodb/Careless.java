import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import io.netty.channel.Channel;
import java.util.List;

/**
 * Runs commands as no database should: each reads first, and later writes back what it made of that,
 * whatever others did in between. Tests must notice.
 */
final class Careless {

    private final MongoBackend backend;

    Careless(MongoBackend backend) {
        this.backend = backend;
    }

    Document run(Channel channel, String database, String command, Document query) {
        String collection = String.valueOf(query.get(command));
        Connection connection = new Connection(channel, database, collection);
        switch (command) {
            case "update":
                return update(connection, (List<?>) query.get("updates"));
            case "delete":
                return delete(connection, (List<?>) query.get("deletes"));
            case "findAndModify":
            case "findandmodify":
                return findAndModify(connection, command, query);
            default:
                return backend.handleCommand(channel, database, command, query);
        }
    }

    private Document update(Connection connection, List<?> updates) {
        int matched = 0;
        for (Object each : updates) {
            Document update = (Document) each;
            Document condition = (Document) update.get("q");
            boolean all = Boolean.TRUE.equals(update.get("multi"));
            List<?> found = connection.find(condition, new Document(), all ? 0 : 1);
            for (Object read : found) {
                connection.update(byId(read), (Document) read, false);
                connection.update(byId(read), (Document) update.get("u"), false);
                matched++;
            }
            if (found.isEmpty() && Boolean.TRUE.equals(update.get("upsert"))) {
                Document another = condition.clone();
                another.put("_id", new ObjectId());
                connection.update(another, (Document) update.get("u"), true);
            }
        }
        return new Document("n", matched).append("nModified", matched).append("ok", 1.0);
    }

    private Document delete(Connection connection, List<?> deletes) {
        int removed = 0;
        for (Object each : deletes) {
            Document delete = (Document) each;
            int limit = ((Number) delete.getOrDefault("limit", 0)).intValue();
            for (Object read : connection.find((Document) delete.get("q"), new Document(), limit)) {
                connection.delete(byId(read));
                removed++;
            }
        }
        return new Document("n", removed).append("ok", 1.0);
    }

    private Document findAndModify(Connection connection, String command, Document query) {
        Document sort = (Document) query.getOrDefault("sort", new Document());
        List<?> found = connection.find((Document) query.get("query"), sort, 1);
        if (found.isEmpty()) {
            return connection.run(command, query);
        }
        Object read = found.get(0);
        if (Boolean.TRUE.equals(query.get("remove"))) {
            connection.delete(byId(read));
            return new Document("value", read).append("lastErrorObject", new Document("n", 1))
                .append("ok", 1.0);
        }
        connection.update(byId(read), (Document) read, false);
        Document later = query.clone();
        later.put("query", byId(read));
        return connection.run(command, later);
    }

    private static Document byId(Object document) {
        return new Document("_id", ((Document) document).get("_id"));
    }

    /** One client at one collection. */
    private final class Connection {
        private final Channel channel;
        private final String database;
        private final String collection;

        Connection(Channel channel, String database, String collection) {
            this.channel = channel;
            this.database = database;
            this.collection = collection;
        }

        Document run(String command, Document query) {
            return backend.handleCommand(channel, database, command, query);
        }

        List<?> find(Document condition, Document sort, int limit) {
            Document answer = run("find", new Document("find", collection).append("filter", condition)
                .append("sort", sort).append("limit", limit).append("batchSize", 1 << 20));
            List<?> found = (List<?>) ((Document) answer.cloneDeeply().get("cursor")).get("firstBatch");
            Thread.yield();
            return found;
        }

        void update(Document condition, Document change, boolean upsert) {
            run("update", new Document("update", collection).append("updates", List.of(
                new Document("q", condition).append("u", change).append("upsert", upsert))));
        }

        void delete(Document condition) {
            run("delete", new Document("delete", collection).append("deletes", List.of(
                new Document("q", condition).append("limit", 1))));
        }
    }
}
