#include "storage/mongodb/client.h"

#include <mongoc/mongoc.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "storage/mongodb/connection_string.h"
#include "storage/mongodb/gate.h"

namespace marconi::storage::mongodb {

namespace {

/// Destroys what the library made.
template <auto destroy>
struct Destroyer {
  template <class T>
  void operator()(T* thing) const {
    destroy(thing);
  }
};
template <class T, auto destroy>
using Owned = std::unique_ptr<T, Destroyer<destroy>>;

using Pool = Owned<mongoc_client_pool_t, mongoc_client_pool_destroy>;
using ReadPrefs = Owned<mongoc_read_prefs_t, mongoc_read_prefs_destroy>;
using Collection = Owned<mongoc_collection_t, mongoc_collection_destroy>;
using Cursor = Owned<mongoc_cursor_t, mongoc_cursor_destroy>;
using Bulk = Owned<mongoc_bulk_operation_t, mongoc_bulk_operation_destroy>;
using ModifyOptions = Owned<mongoc_find_and_modify_opts_t, mongoc_find_and_modify_opts_destroy>;

/// The library's view of a document of ours.
class Borrowed {
 public:
  explicit Borrowed(const Document& document) {
    bson_init_static(&bson_, reinterpret_cast<const std::uint8_t*>(document.bytes().data()),
                     document.bytes().size());
  }
  const bson_t* operator&() const { return &bson_; }  // NOLINT(google-runtime-operator)

 private:
  bson_t bson_;
};

/// A document the library fills in.
class Reply {
 public:
  Reply() { bson_init(&bson_); }
  ~Reply() { bson_destroy(&bson_); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  /// For functions that initialise it themselves.
  bson_t* to_fill() {
    bson_destroy(&bson_);
    return &bson_;
  }
  [[nodiscard]] BsonView view() const { return view_of(bson_); }

  static BsonView view_of(const bson_t& bson) {
    return BsonView({reinterpret_cast<const char*>(bson_get_data(&bson)), bson.len});
  }

 private:
  bson_t bson_;
};

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
  constexpr std::array<std::uint32_t, 12> kFailOvers{6,    7,     89,    91,    189,   262,
                                                     9001, 10107, 11600, 11602, 13435, 13436};
  return std::ranges::find(kFailOvers, error.code) != kFailOvers.end();
}

base::Error error_of(const bson_error_t& error) {
  constexpr std::array<std::uint32_t, 3> kDuplicates{11000, 11001, 12582};
  const bool duplicate = std::ranges::find(kDuplicates, error.code) != kDuplicates.end();
  return {duplicate ? base::ErrorKind::conflict : base::ErrorKind::unavailable, {}, error.message};
}

Document find_options(const FindOptions& options, bool replicated) {
  Document result;
  const Document none;
  if (options.sort != none) result.append({"sort", options.sort});
  if (options.fields != none) result.append({"projection", options.fields});
  if (options.hint != none) result.append({"hint", options.hint});
  if (options.limit != 0) result.append({"limit", options.limit});
  if (options.only_committed && replicated) {
    result.append({"readConcern", Document{{"level", "majority"}}});
  }
  return result;
}

bool add(mongoc_bulk_operation_t* bulk, const Write& write, bson_error_t* error) {
  static const Document kUnchecked{{"validate", false}};  // names may be empty, as in the reference
  static const Document kUpsert{{"validate", false}, {"upsert", true}};
  const Borrowed filter(write.filter);
  const Borrowed change(write.change);
  const Borrowed unchecked(kUnchecked);
  const Borrowed upsert(kUpsert);
  switch (write.kind) {
    case Write::Kind::insert:
      return mongoc_bulk_operation_insert_with_opts(bulk, &change, &unchecked, error);
    case Write::Kind::update_one:
      return mongoc_bulk_operation_update_one_with_opts(bulk, &filter, &change, &unchecked, error);
    case Write::Kind::upsert:
      return mongoc_bulk_operation_update_one_with_opts(bulk, &filter, &change, &upsert, error);
    case Write::Kind::update_many:
      return mongoc_bulk_operation_update_many_with_opts(bulk, &filter, &change, &unchecked, error);
    case Write::Kind::remove_one:
      return mongoc_bulk_operation_remove_one_with_opts(bulk, &filter, nullptr, error);
    case Write::Kind::remove_many:
      return mongoc_bulk_operation_remove_many_with_opts(bulk, &filter, nullptr, error);
  }
  return false;
}

Greeting read_greeting(BsonView reply) {
  const auto local_time = reply.find("localTime");
  const auto hosts = reply.find("hosts");
  const auto message = reply.find("msg");
  const auto wire = reply.find("maxWireVersion");
  Greeting greeting;
  greeting.local_time = local_time ? local_time->as_date().value_or(Date{}) : Date{};
  greeting.sharded = message && message->as_text() == "isdbgrid";
  greeting.replicated = reply.find("setName").has_value();
  greeting.hosts = hosts && hosts->as_document() ? hosts->as_document()->elements().size() : 0;
  const auto version = wire ? wire->as_integer().value_or(0) : 0;
  constexpr int kFirstWithTransactions = 7;         // 4.0
  constexpr int kFirstWithShardedTransactions = 8;  // 4.2
  greeting.transactions = (greeting.replicated && version >= kFirstWithTransactions) ||
                          (greeting.sharded && version >= kFirstWithShardedTransactions);
  return greeting;
}

}  // namespace

// ---- the library ----------------------------------------------------------------------------

class Client::Library {
 public:
  Library(ClientOptions options, ConnectionString connection, Pool pool)
      : options_(std::move(options)),
        gate_(options_.log, options_.log_name),
        connection_(std::move(connection)),
        pool_(std::move(pool)),
        primary_(mongoc_read_prefs_new(MONGOC_READ_PRIMARY)) {}

  /// A connection of the pool for the time of one operation.
  class Lease {
   public:
    explicit Lease(mongoc_client_pool_t* pool)
        : pool_(pool), client_(mongoc_client_pool_pop(pool)) {}
    ~Lease() { mongoc_client_pool_push(pool_, client_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] mongoc_client_t* get() const { return client_; }
    [[nodiscard]] Collection collection(const CollectionName& name) const {
      return Collection(
          mongoc_client_get_collection(client_, name.database.c_str(), name.collection.c_str()));
    }

   private:
    mongoc_client_pool_t* pool_;
    mongoc_client_t* client_;
  };

  [[nodiscard]] bool away() const { return !gate_.is_open(); }
  [[nodiscard]] const mongoc_read_prefs_t* primary() const { return primary_.get(); }
  [[nodiscard]] std::atomic<bool>& replicated() { return replicated_; }

  /// Runs `attempt(lease, error)`, unless the database is away. `done` is what it returned.
  template <class Attempt>
  Result<void> try_once(Attempt& attempt, bool& done, bson_error_t& error) {
    auto visit = gate_.enter(std::chrono::steady_clock::now());
    if (!visit) return std::unexpected(visit.error());
    done = attempt(Lease(pool_.get()), &error);
    if (done || error.domain != MONGOC_ERROR_SERVER_SELECTION) {
      visit->reached();
    } else {
      visit->in_vain(error.message, std::chrono::steady_clock::now());
    }
    return {};
  }

  /// Runs `attempt(lease, error)` until it is true or there is no sense in going on. Does not begin
  /// anew once it took as long as a single exchange may.
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
    bson_error_t error{};
    Reply reply;
    const auto attempt = [&](const Lease& connection, bson_error_t* failure) {
      const Borrowed query(filter);
      return mongoc_collection_find_and_modify_with_opts(connection.collection(where).get(), &query,
                                                         how, reply.to_fill(), failure);
    };
    bool done = false;
    if (auto tried = try_once(attempt, done, error); !tried) return std::unexpected(tried.error());
    if (!done) return std::unexpected(error_of(error));
    const auto value = reply.view().find("value");
    if (!value || value->type != BsonType::document) return std::nullopt;
    return Document(*value->as_document());
  }

 private:
  ClientOptions options_;
  Gate gate_;
  ConnectionString connection_;
  Pool pool_;
  ReadPrefs primary_;
  std::atomic<bool> replicated_ = false;
};

Result<std::unique_ptr<Client>> Client::make(const ClientOptions& options) {
  start_library();
  auto connection = connection_string(options);
  if (!connection) return std::unexpected(connection.error());
  bson_error_t error;
  Pool pool(mongoc_client_pool_new_with_error(connection->uri.get(), &error));
  if (!pool) return base::fail(base::ErrorKind::invalid, error.message);
  mongoc_client_pool_set_error_api(pool.get(), MONGOC_ERROR_API_VERSION_2);
  return std::unique_ptr<Client>(
      new Client(std::make_unique<Library>(options, *std::move(connection), std::move(pool))));
}

Client::Client(std::unique_ptr<Library> library) : library_(std::move(library)) {}

Client::~Client() = default;

// ---- commands -------------------------------------------------------------------------------

Result<Greeting> Client::greet() {
  auto reply = command("admin", Document{{"hello", 1}});
  // Servers before 4.4.2 know another name.
  if (!reply && !library_->away()) reply = command("admin", Document{{"isMaster", 1}});
  if (!reply) return std::unexpected(reply.error());
  const auto greeting = read_greeting(reply->view());
  library_->replicated() = greeting.replicated;
  return greeting;
}

Result<Document> Client::command(const std::string& database, const Document& command) {
  Reply reply;
  const Borrowed borrowed(command);
  const auto done = library_->repeat([&](const auto& connection, bson_error_t* error) {
    return mongoc_client_command_simple(connection.get(), database.c_str(), &borrowed,
                                        library_->primary(), reply.to_fill(), error);
  });
  if (!done) return std::unexpected(done.error());
  return Document(reply.view());
}

// ---- reading --------------------------------------------------------------------------------

Result<void> Client::visit(const CollectionName& where, const Document& filter,
                           const FindOptions& options, const std::function<bool(BsonView)>& visit) {
  const auto library_options = find_options(options, library_->replicated());
  const Borrowed query(filter);
  const Borrowed how(library_options);
  base::Error broken_off;
  bool any = false;
  const auto done = library_->repeat([&](const auto& connection, bson_error_t* error) {
    const auto collection = connection.collection(where);
    const Cursor cursor(
        mongoc_collection_find_with_opts(collection.get(), &query, &how, library_->primary()));
    const bson_t* document = nullptr;
    while (mongoc_cursor_next(cursor.get(), &document)) {
      any = true;
      if (!visit(Reply::view_of(*document))) return true;
    }
    if (!mongoc_cursor_error(cursor.get(), error)) return true;
    if (any) broken_off = error_of(*error);
    return any;
  });
  if (!done) return done;
  if (!broken_off.description.empty()) return std::unexpected(std::move(broken_off));
  return {};
}

Result<std::vector<Document>> Client::find(const CollectionName& where, const Document& filter,
                                           const FindOptions& options) {
  std::vector<Document> found;
  const auto done = visit(where, filter, options, [&](BsonView document) {
    found.emplace_back(document);
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::optional<Document>> Client::find_one(const CollectionName& where,
                                                 const Document& filter, FindOptions options) {
  options.limit = 1;
  auto found = find(where, filter, options);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<std::uint64_t> Client::count(const CollectionName& where, const Document& filter) {
  const Borrowed query(filter);
  std::int64_t number = 0;
  const auto done = library_->repeat([&](const auto& connection, bson_error_t* error) {
    const auto collection = connection.collection(where);
    number = mongoc_collection_count_documents(collection.get(), &query, nullptr,
                                               library_->primary(), nullptr, error);
    return number >= 0;
  });
  if (!done) return std::unexpected(done.error());
  return static_cast<std::uint64_t>(number);
}

// ---- writing --------------------------------------------------------------------------------

Result<std::optional<Document>> Client::find_and_update(const CollectionName& where,
                                                        const Document& filter,
                                                        const Document& change) {
  const ModifyOptions how(mongoc_find_and_modify_opts_new());
  const Borrowed update(change);
  mongoc_find_and_modify_opts_set_update(how.get(), &update);
  return library_->modify(where, filter, how.get());
}

Result<std::optional<Document>> Client::find_and_remove(const CollectionName& where,
                                                        const Document& filter,
                                                        const Document& sort) {
  const ModifyOptions how(mongoc_find_and_modify_opts_new());
  const Borrowed order(sort);
  mongoc_find_and_modify_opts_set_sort(how.get(), &order);
  mongoc_find_and_modify_opts_set_flags(how.get(), MONGOC_FIND_AND_MODIFY_REMOVE);
  return library_->modify(where, filter, how.get());
}

Result<WriteCounts> Client::write(const CollectionName& where, std::span<const Write> writes) {
  if (writes.empty()) return WriteCounts{};
  Reply reply;
  const auto done = library_->repeat([&](const auto& connection, bson_error_t* error) {
    const auto collection = connection.collection(where);
    const Bulk bulk(mongoc_collection_create_bulk_operation_with_opts(collection.get(), nullptr));
    for (const auto& write : writes) {
      if (!add(bulk.get(), write, error)) return false;
    }
    return mongoc_bulk_operation_execute(bulk.get(), reply.to_fill(), error) != 0;
  });
  if (!done) return std::unexpected(done.error());
  const auto number = [&](std::string_view name) {
    const auto value = reply.view().find(name);
    return value ? value->as_integer().value_or(0) : 0;
  };
  return WriteCounts{.inserted = number("nInserted"),
                     .matched = number("nMatched"),
                     .removed = number("nRemoved"),
                     .upserted = number("nUpserted")};
}

}  // namespace marconi::storage::mongodb
