// Talking to a deployment of the database. Its source and connection_string.cc are the only ones
// that know its library.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/mongodb/bson.h"
#include "storage/mongodb/gate.h"
#include "storage/mongodb/placement.h"

namespace marconi::storage::mongodb {

using base::Result;

/// How to reach a deployment, and how stubbornly.
struct ClientOptions {
  std::string uri;                   ///< `mongodb://…` or `mongodb.fifo://…`
  std::string tls_certificate_file;  ///< of the client, in PEM, with its key if it has no other
  std::string tls_key_file;
  std::string tls_authorities_file;
  bool tls_verify = true;
  bool allow_unsafe_writes = false;  ///< the URI may ask for writes that a fail-over can undo
  int max_connections = 100;         ///< unless the URI says; operations beyond it wait for one
  int max_reconnect_attempts = 10;   ///< tries of one operation
  std::chrono::microseconds reconnect_sleep{20'000};  ///< before the second try, doubled each time

  /// Whether a deployment is away for both or for none: these lead to the same one, in the same
  /// way.
  [[nodiscard]] bool lead_to_the_same_as(const ClientOptions& others) const;
};

/// What reads show.
enum class ReadLevel : std::uint8_t {
  any,        ///< what is there, though a fail-over may undo it
  committed,  ///< nothing that a fail-over could undo
  snapshot,   ///< likewise, and all shards as they were at one instant
};

/// What a server says of itself.
struct Greeting {
  /// From the reply to `hello`.
  [[nodiscard]] static Greeting of(BsonView reply);

  Date local_time;
  bool sharded = false;                     ///< a router of a sharded cluster
  bool replicated = false;                  ///< a member of a replica set
  std::string replica_set;                  ///< its name
  std::vector<std::string> hosts;           ///< members of the replica set that it names
  bool transactions = false;                ///< transactions over several documents can be had
  ReadLevel safest_reads = ReadLevel::any;  ///< the best that there is outside of transactions
};

struct FindOptions {
  Document sort = {};           ///< empty for any order
  Document fields = {};         ///< a projection; empty for all
  Document hint = {};           ///< the keys of the index to use; empty for the server's choice
  std::int64_t limit = 0;       ///< 0 for none
  bool only_committed = false;  ///< by the safest reads that the server has; not in transactions
};

/// One write of a series.
struct Write {
  enum class Kind { insert, update_one, update_many, remove_one, remove_many, upsert };

  Kind kind = Kind::insert;
  Document filter;  ///< unused by `insert`
  Document change;  ///< the document, or the change operators; unused when removing
};

struct WriteCounts {
  std::int64_t inserted = 0;
  std::int64_t matched = 0;
  std::int64_t removed = 0;
  std::int64_t upserted = 0;
};

/// What became of insertions that were made in order.
struct Insertions {
  std::size_t stored = 0;              ///< so many, from the first
  std::optional<base::Error> refusal;  ///< why the next one is not: a unique index refuses it
};

/// How a transaction ended.
enum class Transacted {
  committed,
  aborted,  ///< nothing of it has happened, and it may be tried again
  unknown,  ///< all of it has happened or nothing, and the server could not be asked which
};

/// Operations on documents. Errors: `conflict` if a unique index refuses a write; `unavailable` for
/// everything else, with the library's words.
class Operations {
 public:
  virtual ~Operations() = default;

  Result<std::vector<Document>> find(const CollectionName& where, const Document& filter,
                                     const FindOptions& options = {});
  Result<std::optional<Document>> find_one(const CollectionName& where, const Document& filter,
                                           FindOptions options = {});
  /// Hands over one document after the other until `visit` returns false. Not repeated once it has
  /// handed over any.
  virtual Result<void> visit(const CollectionName& where, const Document& filter,
                             const FindOptions& options,
                             const std::function<bool(BsonView)>& visit) = 0;

  /// Changes one document and returns what it was before; nothing if none matches. Tried only
  /// once: after an error it may have happened.
  virtual Result<std::optional<Document>> find_and_update(const CollectionName& where,
                                                          const Document& filter,
                                                          const Document& change) = 0;

  /// Makes writes in order until one fails. Outside of transactions tried again as a whole after a
  /// broken connection: a write may happen twice, and an insertion then fail with `conflict`.
  virtual Result<WriteCounts> write(const CollectionName& where, std::span<const Write> writes) = 0;
  Result<WriteCounts> write(const CollectionName& where, const Write& single) {
    return write(where, {&single, 1});
  }

  /// Changes the document that the filter admits, or makes one, though others do so at the same
  /// time: of two who find none both insert one, and who comes second is refused and finds it then.
  Result<void> upsert(const CollectionName& where, const Document& filter, const Document& change);

  /// Inserts documents in order until one is refused. Tried only once: after an error any number of
  /// them, from the first, may have been stored.
  virtual Result<Insertions> insert(const CollectionName& where,
                                    std::span<const Document> documents) = 0;
};

/// A pool of connections to one deployment. Thread-safe; every call may wait for the network.
///
/// Reads see the primary. Writes return when they are safe from a fail-over, unless the URI asks
/// for less. What can be tried again is, as often as the options say. Once no server can be
/// found, callers do not all wait for one: the gate refuses most at once. Tests put clients of
/// their own before the real one.
class Client : public Operations {
 public:
  /// `invalid` if the options make no sense. Does not connect yet. Clients that lead to the same
  /// deployment share a gate; without one, a client has a silent one of its own.
  static Result<std::unique_ptr<Client>> make(const ClientOptions& options,
                                              std::shared_ptr<Gate> gate = nullptr);

  /// Asks for the server's greeting.
  virtual Result<Greeting> greet() = 0;

  /// Runs a command on a database. `invalid` if the server says that it does not do such a thing.
  virtual Result<Document> command(const std::string& database, const Document& command) = 0;

  virtual Result<std::uint64_t> count(const CollectionName& where, const Document& filter) = 0;

  /// Takes the first document in this order away, and returns it; nothing if none matches. Tried
  /// only once: after an error it may have happened.
  virtual Result<std::optional<Document>> find_and_remove(const CollectionName& where,
                                                          const Document& filter,
                                                          const Document& sort) = 0;

  /// What a transaction does; false gives it up.
  using TransactionBody = std::function<Result<bool>(Operations& inside)>;

  /// Does everything that `body` does at one instant, or nothing of it. It reads one past state of
  /// the database. Errors are those of `body`, and that no server was found. A commit whose result
  /// is not known is repeated until `give_up_at`, or until no server is found to ask.
  virtual Result<Transacted> transact(const TransactionBody& body,
                                      std::chrono::steady_clock::time_point give_up_at) = 0;
};

}  // namespace marconi::storage::mongodb
