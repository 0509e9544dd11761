#include "storage/mongodb/client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>
#include <tuple>
#include <utility>

#include "storage/mongodb/connection.h"
#include "storage/mongodb/connection_string.h"
#include "storage/mongodb/transaction.h"

namespace marconi::storage::mongodb {

namespace {

using Pool = Owned<mongoc_client_pool_t, mongoc_client_pool_destroy>;

/// The library sets itself up before main() and would keep its counters in shared memory under the
/// number of the process. A killed process leaves that behind, and the next one of the same number
/// starts with a warning on its standard error. So this comes earlier still (a lower priority is
/// earlier, and without one is last).
[[gnu::constructor(101)]] void keep_library_out_of_shared_memory() {
  setenv("MONGOC_DISABLE_SHM", "1", 0);
}

/// The library's state for the whole process.
void start_library() {
  static const bool kStarted = [] {
    mongoc_init();
    mongoc_log_set_handler(nullptr, nullptr);  // all that matters comes back as errors
    return true;
  }();
  (void)kStarted;
}

/// Errors after which the same may work on another connection, to another primary.
bool may_work_again(const bson_error_t& error) {
  if (error.domain == MONGOC_ERROR_STREAM || error.domain == MONGOC_ERROR_WRITE_CONCERN)
    return true;
  if (error.domain != MONGOC_ERROR_SERVER) return false;
  constexpr std::array<std::uint32_t, 14> kFailOvers{6,   7,    89,    91,    189,   239,   246,
                                                     262, 9001, 10107, 11600, 11602, 13435, 13436};
  return std::ranges::find(kFailOvers, error.code) != kFailOvers.end();
}

/// Errors by which a server says that it does not know, or does not do, what it was asked for.
bool is_refused_for_good(const bson_error_t& error) {
  if (error.domain != MONGOC_ERROR_SERVER && error.domain != MONGOC_ERROR_QUERY) return false;
  constexpr std::array<std::uint32_t, 8> kRefusals{2, 9, 59, 67, 72, 115, 197, 238};
  return std::ranges::find(kRefusals, error.code) != kRefusals.end();
}

}  // namespace

Greeting Greeting::of(BsonView reply) {
  const auto local_time = reply.find("localTime");
  const auto hosts = reply.find("hosts");
  const auto message = reply.find("msg");
  const auto wire = reply.find("maxWireVersion");
  Greeting greeting;
  greeting.local_time = local_time ? local_time->as_date().value_or(Date{}) : Date{};
  greeting.sharded = message && message->as_text() == "isdbgrid";
  greeting.replicated = reply.find("setName").has_value();
  const auto replica_set = reply.find("setName");
  if (replica_set) greeting.replica_set = replica_set->as_text().value_or("");
  if (hosts && hosts->as_document()) {
    for (const auto& host : hosts->as_document()->elements()) {
      greeting.hosts.emplace_back(host.value.as_text().value_or(""));
    }
  }
  const auto version = wire ? wire->as_integer().value_or(0) : 0;
  constexpr int kFirstWithTransactions = 7;         // 4.0
  constexpr int kFirstWithShardedTransactions = 8;  // 4.2
  greeting.transactions = (greeting.replicated && version >= kFirstWithTransactions) ||
                          (greeting.sharded && version >= kFirstWithShardedTransactions);
  constexpr int kFirstWithSnapshots = 13;  // 5.0; outside of transactions
  if (greeting.replicated || greeting.sharded) {
    greeting.safest_reads =
        version >= kFirstWithSnapshots ? ReadLevel::snapshot : ReadLevel::committed;
  }
  return greeting;
}

namespace {

// ---- the client -----------------------------------------------------------------------------

class LibraryClient final : public Client {
 public:
  LibraryClient(ClientOptions options, std::shared_ptr<Gate> gate, ConnectionString connection,
                Pool pool)
      : options_(std::move(options)),
        gate_(std::move(gate)),
        connection_(std::move(connection)),
        pool_(std::move(pool)),
        primary_(mongoc_read_prefs_new(MONGOC_READ_PRIMARY)) {}

  Result<Greeting> greet() override;
  Result<Document> command(const std::string& database, const Document& command) override;
  Result<std::uint64_t> count(const CollectionName& where, const Document& filter) override;
  Result<void> visit(const CollectionName& where, const Document& filter,
                     const FindOptions& options,
                     const std::function<bool(BsonView)>& visit) override;
  Result<std::optional<Document>> find_and_update(const CollectionName& where,
                                                  const Document& filter,
                                                  const Document& change) override;
  Result<std::optional<Document>> find_and_remove(const CollectionName& where,
                                                  const Document& filter,
                                                  const Document& sort) override;
  Result<WriteCounts> write(const CollectionName& where, std::span<const Write> writes) override;
  Result<Insertions> insert(const CollectionName& where,
                            std::span<const Document> documents) override;
  Result<Transacted> transact(const TransactionBody& body,
                              std::chrono::steady_clock::time_point give_up_at) override;

 private:
  /// A connection of the pool for the time of one operation.
  class Lease {
   public:
    explicit Lease(mongoc_client_pool_t* pool)
        : pool_(pool), client_(mongoc_client_pool_pop(pool)) {}
    ~Lease() {
      if (client_ != nullptr) mongoc_client_pool_push(pool_, client_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    /// Null if none became free in time.
    [[nodiscard]] mongoc_client_t* get() const { return client_; }

   private:
    mongoc_client_pool_t* pool_;
    mongoc_client_t* client_;
  };

  /// Runs `attempt(connection, error)`, unless the database is away. `done` is what it returned.
  template <class Attempt>
  Result<void> try_once(Attempt& attempt, bool& done, bson_error_t& error) {
    auto visit = gate_->enter(std::chrono::steady_clock::now());
    if (!visit) return std::unexpected(visit.error());
    const Lease lease(pool_.get());
    if (lease.get() == nullptr) {
      return base::fail(base::ErrorKind::unavailable, "no connection to the database was free");
    }
    Connection connection(lease.get(), primary_.get());
    done = attempt(connection, &error);
    if (!done && error.domain == MONGOC_ERROR_SERVER_SELECTION) {
      visit->in_vain(error.message, std::chrono::steady_clock::now());
    } else if (done || error.domain != MONGOC_ERROR_STREAM) {
      visit->reached();
    }  // A connection that broke says nothing about the next one.
    return {};
  }

  /// Runs `attempt(connection, error)` until it is true or there is no sense in going on. Does not
  /// begin anew once it took as long as a single exchange may.
  template <class Attempt>
  Result<void> repeat(Attempt&& attempt) {
    const auto give_up_at = std::chrono::steady_clock::now() + connection_.socket_timeout;
    auto pause = options_.reconnect_sleep;
    for (int tries = 1;; ++tries) {
      bson_error_t error{};
      bool done = false;
      if (auto tried = try_once(attempt, done, error); !tried || done) return tried;
      if (tries >= options_.max_reconnect_attempts || !may_work_again(error) ||
          std::chrono::steady_clock::now() + pause > give_up_at) {
        return std::unexpected(error_of(error));
      }
      std::this_thread::sleep_for(pause);
      pause *= 2;
    }
  }

  /// Changes or takes away one document.
  Result<std::optional<Document>> modify(const CollectionName& where, const Document& filter,
                                         mongoc_find_and_modify_opts_t* how) {
    std::optional<Document> before;
    bson_error_t error{};
    const auto attempt = [&](Connection& connection, bson_error_t* failure) {
      return connection.modify(where, filter, how, before, failure);
    };
    bool done = false;
    if (auto tried = try_once(attempt, done, error); !tried) return std::unexpected(tried.error());
    if (!done) return std::unexpected(error_of(error));
    return before;
  }

  ClientOptions options_;
  std::shared_ptr<Gate> gate_;
  ConnectionString connection_;
  Pool pool_;
  ReadPrefs primary_;
  std::atomic<ReadLevel> safest_reads_ = ReadLevel::any;  ///< as the last greeting said
};

Result<Greeting> LibraryClient::greet() {
  auto reply = command("admin", Document{{"hello", 1}});
  // Servers before 4.4.2 know another name.
  if (!reply && gate_->is_open()) reply = command("admin", Document{{"isMaster", 1}});
  if (!reply) return std::unexpected(reply.error());
  auto greeting = Greeting::of(reply->view());
  safest_reads_ = greeting.safest_reads;
  return greeting;
}

Result<Document> LibraryClient::command(const std::string& database, const Document& command) {
  Reply reply;
  bool refused = false;
  const auto done = repeat([&](Connection& connection, bson_error_t* error) {
    const bool answered = connection.command(database, command, reply, error);
    refused = !answered && is_refused_for_good(*error);
    return answered;
  });
  if (refused) return base::fail(base::ErrorKind::invalid, done.error().description);
  if (!done) return std::unexpected(done.error());
  return Document(reply.view());
}

Result<std::uint64_t> LibraryClient::count(const CollectionName& where, const Document& filter) {
  std::int64_t number = 0;
  const auto done = repeat([&](Connection& connection, bson_error_t* error) {
    return connection.count(where, filter, number, error);
  });
  if (!done) return std::unexpected(done.error());
  return static_cast<std::uint64_t>(number);
}

Result<void> LibraryClient::visit(const CollectionName& where, const Document& filter,
                                  const FindOptions& options,
                                  const std::function<bool(BsonView)>& visit) {
  const auto level = options.only_committed ? safest_reads_.load() : ReadLevel::any;
  base::Error broken_off;
  bool any = false;
  const auto done = repeat([&](Connection& connection, bson_error_t* error) {
    if (connection.visit(where, filter, options, level, visit, any, error)) return true;
    if (any) broken_off = error_of(*error);
    return any;
  });
  if (!done) return done;
  if (!broken_off.description.empty()) return std::unexpected(std::move(broken_off));
  return {};
}

Result<std::optional<Document>> LibraryClient::find_and_update(const CollectionName& where,
                                                               const Document& filter,
                                                               const Document& change) {
  const ModifyOptions how(mongoc_find_and_modify_opts_new());
  const Borrowed update(change);
  mongoc_find_and_modify_opts_set_update(how.get(), &update);
  return modify(where, filter, how.get());
}

Result<std::optional<Document>> LibraryClient::find_and_remove(const CollectionName& where,
                                                               const Document& filter,
                                                               const Document& sort) {
  const ModifyOptions how(mongoc_find_and_modify_opts_new());
  const Borrowed order(sort);
  mongoc_find_and_modify_opts_set_sort(how.get(), &order);
  mongoc_find_and_modify_opts_set_flags(how.get(), MONGOC_FIND_AND_MODIFY_REMOVE);
  return modify(where, filter, how.get());
}

Result<WriteCounts> LibraryClient::write(const CollectionName& where,
                                         std::span<const Write> writes) {
  WriteCounts counts;
  if (writes.empty()) return counts;
  const auto done = repeat([&](Connection& connection, bson_error_t* error) {
    return connection.write(where, writes, counts, error);
  });
  if (!done) return std::unexpected(done.error());
  return counts;
}

Result<Insertions> LibraryClient::insert(const CollectionName& where,
                                         std::span<const Document> documents) {
  Insertions made;
  if (documents.empty()) return made;
  const auto attempt = [&](Connection& connection, bson_error_t* failure) {
    return connection.insert(where, documents, made, failure);
  };
  bson_error_t error{};
  bool done = false;
  if (auto tried = try_once(attempt, done, error); !tried) return std::unexpected(tried.error());
  if (!done) return std::unexpected(error_of(error));
  return made;
}

Result<Transacted> LibraryClient::transact(const TransactionBody& body,
                                           std::chrono::steady_clock::time_point give_up_at) {
  Result<Transacted> ended = Transacted::aborted;
  const auto attempt = [&](Connection& connection, bson_error_t* error) {
    ended = run_transaction(connection, body, give_up_at, error);
    return error->domain == 0;  // whether servers can be reached is told by errors, not by the end
  };
  bson_error_t error{};
  bool done = false;
  if (auto tried = try_once(attempt, done, error); !tried) return std::unexpected(tried.error());
  return ended;
}

}  // namespace

bool ClientOptions::lead_to_the_same_as(const ClientOptions& others) const {
  const auto way = [](const ClientOptions& options) {
    return std::tie(options.uri, options.tls_certificate_file, options.tls_key_file,
                    options.tls_authorities_file, options.tls_verify);
  };
  return way(*this) == way(others);
}

Result<std::unique_ptr<Client>> Client::make(const ClientOptions& options,
                                             std::shared_ptr<Gate> gate) {
  start_library();
  if (!gate) gate = std::make_shared<Gate>(nullptr, "");
  auto connection = connection_string(options);
  if (!connection) return std::unexpected(connection.error());
  bson_error_t error;
  Pool pool(mongoc_client_pool_new_with_error(connection->uri.get(), &error));
  if (!pool) return base::fail(base::ErrorKind::invalid, error.message);
  mongoc_client_pool_set_error_api(pool.get(), MONGOC_ERROR_API_VERSION_2);
  return std::make_unique<LibraryClient>(options, std::move(gate), *std::move(connection),
                                         std::move(pool));
}

// ---- reading --------------------------------------------------------------------------------

Result<std::vector<Document>> Operations::find(const CollectionName& where, const Document& filter,
                                               const FindOptions& options) {
  std::vector<Document> found;
  const auto done = visit(where, filter, options, [&](BsonView document) {
    found.emplace_back(document);
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::optional<Document>> Operations::find_one(const CollectionName& where,
                                                     const Document& filter, FindOptions options) {
  options.limit = 1;
  auto found = find(where, filter, options);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<void> Operations::upsert(const CollectionName& where, const Document& filter,
                                const Document& change) {
  constexpr int kTries = 100;  // it may be gone again each time
  for (int left = kTries - 1;; --left) {
    const auto made =
        write(where, {.kind = Write::Kind::upsert, .filter = filter, .change = change});
    if (made) return {};
    if (made.error().kind != base::ErrorKind::conflict || left == 0) {
      return std::unexpected(made.error());
    }
  }
}

}  // namespace marconi::storage::mongodb
