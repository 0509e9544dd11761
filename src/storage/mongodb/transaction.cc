#include "storage/mongodb/transaction.h"

#include <thread>

namespace marconi::storage::mongodb {

namespace {

using Session = Owned<mongoc_client_session_t, mongoc_client_session_destroy>;
using TransactionOptions = Owned<mongoc_transaction_opt_t, mongoc_transaction_opts_destroy>;
using ReadConcern = Owned<mongoc_read_concern_t, mongoc_read_concern_destroy>;
using WriteConcern = Owned<mongoc_write_concern_t, mongoc_write_concern_destroy>;

constexpr std::int64_t kMajorityTimeoutMillis = 20'000;

WriteConcern majority() {
  WriteConcern concern(mongoc_write_concern_new());
  mongoc_write_concern_set_w(concern.get(), MONGOC_WRITE_CONCERN_W_MAJORITY);
  mongoc_write_concern_set_wtimeout_int64(concern.get(), kMajorityTimeoutMillis);
  return concern;
}

TransactionOptions transaction_options(const mongoc_read_prefs_t* primary) {
  TransactionOptions options(mongoc_transaction_opts_new());
  const ReadConcern snapshot(mongoc_read_concern_new());
  mongoc_read_concern_set_level(snapshot.get(), MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
  mongoc_transaction_opts_set_read_concern(options.get(), snapshot.get());
  mongoc_transaction_opts_set_write_concern(options.get(), majority().get());
  mongoc_transaction_opts_set_read_prefs(options.get(), primary);
  return options;
}

/// Operations of one transaction, on the one connection it has.
class InTransaction final : public Operations {
 public:
  InTransaction(const Connection& connection, mongoc_client_session_t* session, bson_error_t* error)
      : connection_(connection.client(), connection.primary(), session), error_(error) {}

  Result<void> visit(const CollectionName& where, const Document& filter,
                     const FindOptions& options,
                     const std::function<bool(BsonView)>& visit) override {
    bool any = false;
    // The transaction has a read concern of its own.
    if (connection_.visit(where, filter, options, ReadLevel::any, visit, any, error_)) return {};
    return std::unexpected(error_of(*error_));
  }

  Result<std::optional<Document>> find_and_update(const CollectionName& where,
                                                  const Document& filter,
                                                  const Document& change) override {
    const ModifyOptions how(mongoc_find_and_modify_opts_new());
    const Borrowed update(change);
    mongoc_find_and_modify_opts_set_update(how.get(), &update);
    std::optional<Document> before;
    if (connection_.modify(where, filter, how.get(), before, error_)) return before;
    return std::unexpected(error_of(*error_));
  }

  Result<WriteCounts> write(const CollectionName& where, std::span<const Write> writes) override {
    WriteCounts counts;
    if (writes.empty() || connection_.write(where, writes, counts, error_)) return counts;
    return std::unexpected(error_of(*error_));
  }

  Result<Insertions> insert(const CollectionName& where,
                            std::span<const Document> documents) override {
    Insertions made;
    if (documents.empty() || connection_.insert(where, documents, made, error_)) return made;
    return std::unexpected(error_of(*error_));
  }

  /// Whether it failed in a way that is over when all is tried again.
  [[nodiscard]] bool transient() const { return connection_.transient(); }

 private:
  Connection connection_;
  bson_error_t* error_;
};

/// Whoever has waited for a server in vain once has waited for as long as he may.
bool found_no_server(const bson_error_t& error) {
  return error.domain == MONGOC_ERROR_SERVER_SELECTION;
}

Transacted commit(mongoc_client_session_t* session,
                  std::chrono::steady_clock::time_point give_up_at, bson_error_t* error) {
  constexpr std::chrono::milliseconds kPause{20};
  for (;;) {
    Reply reply;
    *error = {};
    if (mongoc_client_session_commit_transaction(session, reply.to_fill(), error)) {
      return Transacted::committed;
    }
    if (mongoc_error_has_label(reply.get(), "TransientTransactionError")) {
      return Transacted::aborted;
    }
    if (!mongoc_error_has_label(reply.get(), "UnknownTransactionCommitResult") ||
        found_no_server(*error) || std::chrono::steady_clock::now() > give_up_at) {
      return Transacted::unknown;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<Transacted> run_transaction(Connection& connection, const Client::TransactionBody& body,
                                   std::chrono::steady_clock::time_point give_up_at,
                                   bson_error_t* error) {
  const Session session(mongoc_client_start_session(connection.client(), nullptr, error));
  if (!session) return std::unexpected(error_of(*error));
  if (!mongoc_client_session_start_transaction(
          session.get(), transaction_options(connection.primary()).get(), error)) {
    return std::unexpected(error_of(*error));
  }
  InTransaction inside(connection, session.get(), error);
  const auto result = body(inside);
  if (result && *result) return commit(session.get(), give_up_at, error);
  bson_error_t ignored;
  (void)mongoc_client_session_abort_transaction(session.get(), &ignored);
  if (result || (inside.transient() && !found_no_server(*error))) return Transacted::aborted;
  return std::unexpected(result.error());
}

}  // namespace marconi::storage::mongodb
