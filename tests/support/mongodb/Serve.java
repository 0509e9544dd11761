import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Serves MongoDB's protocol until standard input ends: {@code Serve [--careless] PORT [DIRECTORY]},
 * where port 0 means a free one. Prints the connection string. With a directory, what was
 * acknowledged survives the end of the process; without, nothing does.
 *
 * <p>mongo-java-server locks a collection while it works on it, but hands documents to the encoder
 * that the next command may change. So every command here runs alone and answers with a copy;
 * or carelessly, to see whether a test notices.
 */
public final class Serve {

    private final MongoBackend backend;
    private final boolean careless;
    private final Lock turn = new ReentrantLock();

    private Serve(MongoBackend backend, boolean careless) {
        this.backend = backend;
        this.careless = careless;
    }

    public static void main(String[] words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(words));
        boolean careless = arguments.remove("--careless");
        MongoBackend stored = arguments.size() > 1 ? onDisk(Path.of(arguments.get(1))) : new MemoryBackend();
        // 4.0: it knows no updates given as pipelines, which came with 4.2.
        stored.version(ServerVersion.MONGO_4_0);
        MongoServer server = new MongoServer(new Serve(stored, careless).inTurn());
        server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments.get(0))));
        System.out.println(server.getConnectionString());
        System.out.flush();
        while (System.in.read() >= 0) {
        }
        server.shutdownNow();
        System.exit(0);
    }

    private static MongoBackend onDisk(Path directory) throws Exception {
        Files.createDirectories(directory);
        return new H2Backend(directory.resolve("store").toString());
    }

    /** The same backend, for commands one at a time. */
    private MongoBackend inTurn() {
        return (MongoBackend) Proxy.newProxyInstance(
            Serve.class.getClassLoader(), new Class<?>[] {MongoBackend.class}, this::enter);
    }

    private Object enter(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (careless) {
            return handle(method, arguments);
        }
        turn.lock();
        try {
            return handle(method, arguments);
        } finally {
            turn.unlock();
        }
    }

    private Object handle(Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "handleMessage":
                MongoMessage message = (MongoMessage) arguments[0];
                Document query = message.getDocument();
                String name = query.keySet().iterator().next();
                return run(message.getChannel(), message.getDatabaseName(), name, query);
            case "handleCommand":
                return run((Channel) arguments[0], (String) arguments[1], (String) arguments[2],
                    (Document) arguments[3]);
            default:
                try {
                    return method.invoke(backend, arguments);
                } catch (InvocationTargetException thrown) {
                    throw thrown.getCause();
                }
        }
    }

    private Document run(Channel channel, String database, String command, Document query) {
        Document answer;
        if (command.equals("hello")) {
            answer = backend.handleCommand(channel, database, "isMaster", query);
            answer.append("isWritablePrimary", true);
        } else if (careless) {
            answer = new Careless(backend).run(channel, database, command, query);
        } else if (command.equals("update")) {
            answer = update(channel, database, query);
        } else {
            answer = backend.handleCommand(channel, database, command, query);
        }
        if (backend instanceof H2Backend) {
            ((H2Backend) backend).commit();
        }
        return answer.cloneDeeply();
    }

    /** Runs the updates of one command one by one, so that an ordered command ends at an error. */
    private Document update(Channel channel, String database, Document query) {
        List<Document> upserted = new ArrayList<>();
        List<Document> errors = new ArrayList<>();
        int matched = 0;
        int modified = 0;
        boolean ordered = !Boolean.FALSE.equals(query.get("ordered"));
        List<?> updates = (List<?>) query.get("updates");
        for (int i = 0; i < updates.size() && (errors.isEmpty() || !ordered); i++) {
            Document single = query.clone();
            single.put("updates", List.of(updates.get(i)));
            Document answer = backend.handleCommand(channel, database, "update", single);
            matched += (Integer) answer.get("n");
            modified += (Integer) answer.get("nModified");
            collect(answer, "upserted", i, upserted);
            collect(answer, "writeErrors", i, errors);
        }
        Document answer = new Document("n", matched).append("nModified", modified);
        if (!upserted.isEmpty()) {
            answer.append("upserted", upserted);
        }
        if (!errors.isEmpty()) {
            answer.append("writeErrors", errors);
        }
        return answer.append("ok", 1.0);
    }

    private static void collect(Document answer, String field, int index, List<Document> into) {
        List<?> found = (List<?>) answer.getOrDefault(field, List.of());
        for (Object entry : found) {
            ((Document) entry).put("index", index);
            into.add((Document) entry);
        }
    }
}
