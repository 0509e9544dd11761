// Ordered tables, atomic batches and one log that is synced on demand: what this driver needs of
// RocksDB, and the only place that knows it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/error.h"

namespace rocksdb {
class FileSystem;
}

namespace marconi::storage::embedded {

/// The tables of a store; docs/internals/embedded-format.md describes keys and records.
enum class Table : std::uint8_t {
  meta,      ///< version stamp, id key, counters of the whole store
  queues,    ///< (project, name) → queue number, metadata, where the tail starts, claim ceiling
  states,    ///< queue number → address
  messages,  ///< (queue number, marker) → message, never rewritten
  marks,     ///< (queue number, marker) → claim, count and extended life of a message
  claims,    ///< (queue number, claim number) → terms and markers
  blocks,    ///< (queue number, block) → what lives in a block of markers
  counts,    ///< (queue number, kind, second) → how many things end in that second
  aliases,   ///< (queue number, message id) → marker, for messages that kept a foreign id
};
inline constexpr std::size_t kTableCount = 9;

class Database;

/// A set of changes that is applied wholly or not at all, in the order given.
class Batch {
 public:
  /// For this database, which has to stay. `bytes` that it is expected to take.
  explicit Batch(const Database& database, std::size_t bytes = 0);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void put(Table table, std::string_view key, std::string_view value);
  /// A value in two parts, so that nobody has to put them together before.
  void put(Table table, std::string_view key, std::string_view head, std::string_view rest);
  void erase(Table table, std::string_view key);
  /// Erases the keys in [from, to). For many keys only: each range costs later readers a little.
  void erase_range(Table table, std::string_view from, std::string_view to);
  /// Adds to a counter in `meta` that starts at 0; negative amounts subtract.
  void add(std::string_view meta_key, std::int64_t amount);

 private:
  friend class Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Walks the keys of a table inside fixed bounds, seeing the state at its creation.
/// Invalid at the end of the range, or after an error, which `status` then tells.
class Cursor {
 public:
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) noexcept;
  ~Cursor();

  void seek(std::string_view key);  ///< to the first key at or after this one
  void seek_to_last();              ///< to the last key of the range
  void next();
  void previous();
  [[nodiscard]] bool valid() const;
  [[nodiscard]] std::string_view key() const;    ///< valid until the cursor moves
  [[nodiscard]] std::string_view value() const;  ///< valid until the cursor moves
  [[nodiscard]] base::Result<void> status() const;

 private:
  friend class Database;
  struct Impl;
  explicit Cursor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct DatabaseOptions {
  std::string path;  ///< directory; created with mode 0700 if missing
  std::uint64_t block_cache_bytes = 256u << 20;
  std::uint64_t write_buffer_bytes = 256u << 20;
  /// Keeps the log in this process until it is synced: one system call for many writes, but the
  /// end of the process then loses what was not synced.
  bool buffers_log = false;
  std::shared_ptr<rocksdb::FileSystem> file_system;  ///< null for the machine's
};

/// An open database. Thread-safe. A write is visible to all readers as soon as it returns, and
/// durable after the next successful sync that began afterwards. After a failed write or sync the
/// database must be closed: only reopening it tells what survived.
class Database {
 public:
  /// `unavailable` with a line for the operator if the directory cannot be used.
  static base::Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Reads one value into `value`; false if the key is absent. `would_block` if it is not in
  /// memory and the caller has no patience.
  base::Result<bool> get(base::Patience patience, Table table, std::string_view key,
                         std::string& value) const;

  /// A cursor over [from, to).
  [[nodiscard]] Cursor scan(base::Patience patience, Table table, std::string_view from,
                            std::string_view to) const;

  /// Applies a batch. `would_block` (nothing applied) if the database asks writers to slow down
  /// and the caller has no patience.
  base::Result<void> write(base::Patience patience, Batch& batch);

  /// Makes everything written before this call durable.
  base::Result<void> sync();

  /// A counter in `meta`, as Batch::add left it.
  base::Result<std::int64_t> counter(base::Patience patience, std::string_view meta_key) const;

 private:
  struct Impl;
  friend class Batch;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace marconi::storage::embedded
