import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
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
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Serves MongoDB's protocol until standard input ends:
 * {@code Serve [--careless] [--transactions] PORT [DIRECTORY]}, where port 0 means a free one. Prints the connection string. With a directory, what was
 * acknowledged survives the end of the process; without, nothing does.
 *
 * <p>mongo-java-server locks a collection while it works on it, but hands documents to the encoder
 * that the next command may change. So every command here runs alone and answers with a copy;
 * or carelessly, to see whether a test notices. With transactions it says that it is the only member
 * of a replica set.
 */
public final class Serve {

    private static final String REPLICA_SET = "test";
    private static final Set<String> GREETINGS = Set.of("hello", "isMaster", "ismaster");

    private final MongoBackend backend;
    private final boolean careless;
    private final Transactions transactions;
    private InetSocketAddress member;
    private Channel asker;  // of the command that is being carried out
    private final Lock turn = new ReentrantLock();

    private Serve(MongoBackend backend, boolean careless, boolean withTransactions) {
        this.backend = backend;
        this.careless = careless;
        this.transactions = withTransactions
            ? new Transactions((database, command, query) -> runPlainly(asker, database, command, query))
            : null;
    }

    public static void main(String[] words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(words));
        boolean careless = arguments.remove("--careless");
        boolean withTransactions = arguments.remove("--transactions");
        MongoBackend stored = arguments.size() > 1 ? onDisk(Path.of(arguments.get(1))) : new IndexedBackend();
        // 4.0: it knows no updates given as pipelines, which came with 4.2.
        stored.version(ServerVersion.MONGO_4_0);
        Serve serve = new Serve(stored, careless, withTransactions);
        MongoServer server = new MongoServer(serve.inTurn());
        server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments.get(0))));
        serve.member = server.getLocalAddress();
        System.out.println(server.getConnectionString()
            + (withTransactions ? "/?replicaSet=" + REPLICA_SET + "&retryWrites=false" : ""));
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
        asker = channel;
        Document answer = transactions != null && !GREETINGS.contains(command)
            ? transactions.run(database, command, query)
            : runPlainly(channel, database, command, query);
        return answer.cloneDeeply();
    }

    private Document runPlainly(Channel channel, String database, String command, Document query) {
        Document answer;
        if (GREETINGS.contains(command)) {
            answer = greet(channel, database, query);
        } else if (command.equals("endSessions")) {
            answer = new Document("ok", 1.0);
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
        return answer;
    }

    private Document greet(Channel channel, String database, Document query) {
        Document answer = backend.handleCommand(channel, database, "isMaster", query);
        answer.append("isWritablePrimary", true);
        if (transactions != null && member != null) {
            String self = member.getAddress().getHostAddress() + ":" + member.getPort();
            answer.append("setName", REPLICA_SET).append("setVersion", 1).append("hosts", List.of(self))
                .append("primary", self).append("me", self).append("secondary", false)
                .append("logicalSessionTimeoutMinutes", 30);
        }
        return answer;
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
