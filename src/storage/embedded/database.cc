#include "storage/embedded/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/thread_turns.h"
#include "storage/embedded/block_index.h"
#include "storage/embedded/codec.h"
#include "storage/embedded/database_log.h"
#include "storage/embedded/directory_names.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/log_guard.h"
#include "storage/embedded/page_cache_reads.h"
#include "storage/embedded/row_list.h"
#include "storage/embedded/zeroed_log.h"

#ifdef MARCONI_THREAD_SANITIZER
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace marconi::storage::embedded {

namespace {

using base::ErrorKind;
using base::Patience;
using base::Result;
using rocksdb::Slice;

constexpr std::array<const char*, kTableCount> kTableNames = {
    "default", "queues", "states", "messages", "marks", "claims", "blocks", "counts", "aliases"};

/// So much of messages is gathered before it is written to a table and the log goes on in another
/// file, bytes; less if `write_buffer_bytes` for all together is little.
constexpr std::uint64_t kMessagesBuffer = 64u << 20;

Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const Slice& text) { return {text.data(), text.size()}; }

/// Sums counters. Wrap-around arithmetic makes negative amounts work.
class CounterAddition final : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const Slice&, const Slice* existing, const Slice& amount, std::string* sum,
             rocksdb::Logger*) const override {
    const auto before = existing != nullptr ? decode_counter(view(*existing)) : 0;
    *sum = encode_counter(before + decode_counter(view(amount)));
    return true;
  }
  const char* Name() const override { return "marconi.counter"; }
};

/// The queue that a row belongs to, for which RocksDB keeps where the last one went in memory: the
/// next one mostly belongs close to it, and needs no search from the beginning then.
///
/// RocksDB 7.8 keeps one place for a queue's keys and for the beginnings of erased ranges, though
/// these are in another list, and a place in the wrong list destroys both. So no range may begin
/// with a key that has a place. The first key of a block has none: there ranges begin, in the logs
/// of former programs, too.
class QueueOfRow final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "marconi.queue"; }
  bool InDomain(const Slice& key) const override {
    return key.size() == 2 * kNumberSize && number_in(view(key), kNumberSize) % kBlockSize != 0;
  }
  Slice Transform(const Slice& key) const override { return {key.data(), kNumberSize}; }

 private:
  static constexpr std::size_t kNumberSize = sizeof(QueueNumber);
};

/// Their keys are those that QueueOfRow knows, and are mostly written in order.
bool keeps_places(Table table) {
  return table == Table::messages || table == Table::marks || table == Table::blocks;
}

/// Writes tables to the disk and merges them without keeping requests waiting.
class PatientWork final : public rocksdb::EventListener {
 public:
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { base::run_patiently(); }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override {
    base::run_patiently();
  }
};

base::Error translate(const rocksdb::Status& status) {
  // What a write or a read without patience is told.
  if (status.IsIncomplete() || status.IsTimedOut()) return {ErrorKind::would_block, {}, {}};
  return {ErrorKind::unavailable, {}, "the embedded store failed: " + status.ToString()};
}

Result<void> check(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return std::unexpected(translate(status));
}

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // A torn tail is what an unsynced end looks like after a crash; everything before it counts.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.max_background_jobs = 2;
  db.max_total_wal_size = 512u << 20;
  db.bytes_per_sync = 1u << 20;
  db.listeners.push_back(std::make_shared<PatientWork>());
  // All files stay open: where one has to be opened for a reader without patience, RocksDB 7.8
  // frees the range deletions of the file before twice.
  db.max_open_files = -1;
  return db;
}

/// What is read at once: read from the page cache, checked, unpacked and kept in memory.
std::size_t block_size(Table table) {
  switch (table) {
    case Table::messages:
      return 8u << 10;  // a page
    case Table::queues:
    case Table::states:
    case Table::blocks:
      return 1u << 10;  // one row, to load one queue of many
    default:
      return 4u << 10;
  }
}

rocksdb::ColumnFamilyOptions table_options(Table table,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions cf;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.format_version = 5;
  blocks.block_size = block_size(table);
  // Large tables are indexed in parts, of which a read needs one; only the index of the parts has
  // to stay in memory.
  blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  blocks.partition_filters = true;
  blocks.metadata_block_size = 8u << 10;
  blocks.cache_index_and_filter_blocks_with_high_priority = true;
  blocks.pin_top_level_index_and_filter = true;
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  cf.level_compaction_dynamic_level_bytes = true;
  cf.write_buffer_size = table == Table::messages ? kMessagesBuffer : 16u << 20;
  cf.memtable_factory = row_lists();
  cf.max_write_buffer_number = 4;
  cf.target_file_size_base = 256u << 20;
  cf.level0_slowdown_writes_trigger = 40;
  cf.level0_stop_writes_trigger = 80;
  cf.compression = rocksdb::kLZ4Compression;
  cf.bottommost_compression = rocksdb::kLZ4Compression;
  // Dense deletions (a consumed queue) are compacted away before they fill levels.
  cf.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(8192, 4096));
  if (table == Table::meta) cf.merge_operator = std::make_shared<CounterAddition>();
  if (keeps_places(table)) {
    cf.memtable_insert_with_hint_prefix_extractor = std::make_shared<QueueOfRow>();
  }
  return cf;
}

/// This directory and those above it, as far as they are not there yet.
std::vector<std::filesystem::path> missing_directories(std::filesystem::path directory) {
  std::vector<std::filesystem::path> missing;
  std::error_code error;
  for (; !std::filesystem::exists(directory, error); directory = directory.parent_path()) {
    missing.push_back(directory);
  }
  return missing;
}

Result<void> make_private_directory(rocksdb::FileSystem& disk, const std::string& path) {
  std::error_code error;
  auto directory = std::filesystem::absolute(path, error);
  if (!directory.has_filename()) directory = directory.parent_path();
  const auto missing = missing_directories(directory);
  std::filesystem::create_directories(directory.parent_path(), error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return base::fail(ErrorKind::unavailable,
                      "cannot make the store's directory '" + path + "': " + std::strerror(errno));
  }
  if (!std::filesystem::is_directory(path, error)) {
    return base::fail(ErrorKind::unavailable, "'" + path + "' is not a directory");
  }
  if (chmod(path.c_str(), 0700) != 0) {
    return base::fail(ErrorKind::unavailable, "cannot make the store's directory '" + path +
                                                  "' private: " + std::strerror(errno));
  }
  // RocksDB syncs what is in the directory. But all of that is gone with the directory's own name.
  for (const auto& made : missing) {
    const std::string parent = made.parent_path().string();
    if (const auto synced = sync_names(disk, parent); !synced.ok()) {
      return base::fail(ErrorKind::unavailable,
                        "cannot sync the directory '" + parent + "': " + synced.ToString());
    }
  }
  if (missing.empty() && !std::filesystem::exists(directory / "CURRENT", error)) {
    // Made by others, or just before a crash. We may not be allowed to look into the one above it.
    sync_names(disk, directory.parent_path().string()).PermitUncheckedError();
  }
  return {};
}

/// While it lives, the thread sanitizer passes over what this thread does. Inside of RocksDB one
/// writer takes over the batches of those that wait in line, in an order that the sanitizer cannot
/// see, for RocksDB's library is not instrumented; and its strings grow by code of ours, which is.
class WritingForOthers {
 public:
  WritingForOthers() {
#ifdef MARCONI_THREAD_SANITIZER
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
  }
  WritingForOthers(const WritingForOthers&) = delete;
  WritingForOthers& operator=(const WritingForOthers&) = delete;
  ~WritingForOthers() {
#ifdef MARCONI_THREAD_SANITIZER
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#endif
  }
};

base::Error open_error(const std::string& path, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return {ErrorKind::unavailable,
            {},
            "the store in '" + path +
                "' is in use by another process (or its lock cannot be "
                "taken): " +
                text};
  }
  return {ErrorKind::unavailable, {}, "cannot open the store in '" + path + "': " + text};
}

}  // namespace

// ---- Cursor -------------------------------------------------------------------------------

struct Cursor::Impl {
  std::string from;
  std::string to;
  Slice lower;
  Slice upper;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

Cursor::Cursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;
Cursor::~Cursor() = default;

void Cursor::seek(std::string_view key) { impl_->iterator->Seek(slice(key)); }
void Cursor::seek_to_last() { impl_->iterator->SeekToLast(); }
void Cursor::next() { impl_->iterator->Next(); }
void Cursor::previous() { impl_->iterator->Prev(); }
bool Cursor::valid() const { return impl_->iterator->Valid(); }
std::string_view Cursor::key() const { return view(impl_->iterator->key()); }
std::string_view Cursor::value() const { return view(impl_->iterator->value()); }
Result<void> Cursor::status() const { return check(impl_->iterator->status()); }

// ---- Database -----------------------------------------------------------------------------

struct Database::Impl {
  std::shared_ptr<LogGuard> log;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;

  ~Impl() {
    if (!db) return;
    for (auto* table : tables) db->DestroyColumnFamilyHandle(table);
    // Unsynced writes are nobody's: whoever waited for them was told that they failed.
    db->Close();
  }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Table table) const {
    return tables[static_cast<std::size_t>(table)];
  }

  /// RocksDB does not learn of errors of the log.
  [[nodiscard]] Result<void> check_log() const {
    if (!log->log_has_failed()) return {};
    return base::fail(ErrorKind::unavailable,
                      "the embedded store failed: its log could not be written");
  }

  static rocksdb::ReadOptions reading(Patience patience) {
    rocksdb::ReadOptions options;
    if (patience == Patience::immediate) {
      options.io_timeout = PageCacheReads::kAtOnce;
      // A step over what was deleted and not yet compacted must not be long either. Beyond this
      // the scan is incomplete, which is to say that it would block.
      constexpr std::uint64_t kGravesInOneStep = 4096;
      options.max_skippable_internal_keys = kGravesInOneStep;
    }
    return options;
  }
};

struct Batch::Impl {
  const Database::Impl& database;
  rocksdb::WriteBatch changes;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  const auto disk = options.file_system ? options.file_system : rocksdb::FileSystem::Default();
  if (auto made = make_private_directory(*disk, options.path); !made) {
    return std::unexpected(made.error());
  }
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    descriptors.emplace_back(kTableNames[i], table_options(static_cast<Table>(i), cache));
  }
  auto impl = std::make_unique<Impl>();
  impl->log = std::make_shared<LogGuard>(
      std::make_shared<ZeroedLog>(std::make_shared<PageCacheReads>(disk),
                                  std::min(kMessagesBuffer, options.write_buffer_bytes / 4)));
  impl->env = rocksdb::NewCompositeEnv(impl->log);
  auto settings = database_options();
  settings.env = impl->env.get();
  settings.db_write_buffer_size = options.write_buffer_bytes;
  settings.manual_wal_flush = options.buffers_log;
  settings.info_log = std::make_shared<DatabaseLog>(options.path);
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(settings, options.path, descriptors, &impl->tables, &db);
  if (!status.ok()) return std::unexpected(open_error(options.path, status));
  impl->db.reset(db);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<bool> Database::get(Patience patience, Table table, std::string_view key,
                           std::string& value) const {
  value.clear();
  const auto status =
      impl_->db->Get(Impl::reading(patience), impl_->handle(table), slice(key), &value);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return std::unexpected(translate(status));
  return true;
}

Cursor Database::scan(Patience patience, Table table, std::string_view from,
                      std::string_view to) const {
  auto cursor = std::make_unique<Cursor::Impl>();
  cursor->from = from;
  cursor->to = to;
  cursor->lower = cursor->from;
  cursor->upper = cursor->to;
  auto options = Impl::reading(patience);
  options.iterate_lower_bound = &cursor->lower;
  options.iterate_upper_bound = &cursor->upper;
  cursor->iterator.reset(impl_->db->NewIterator(options, impl_->handle(table)));
  return Cursor(std::move(cursor));
}

Result<void> Database::write(Patience patience, Batch& batch) {
  rocksdb::WriteOptions options;
  options.no_slowdown = patience == Patience::immediate;
  const auto status = [&] {
    const WritingForOthers unseen;
    return impl_->db->Write(options, &batch.impl_->changes);
  }();
  if (auto written = check(status); !written) return written;
  return impl_->check_log();
}

Result<void> Database::sync() {
  if (auto synced = check(impl_->db->FlushWAL(true)); !synced) return synced;
  return impl_->check_log();
}

Result<std::int64_t> Database::counter(Patience patience, std::string_view meta_key) const {
  std::string value;
  const auto found = get(patience, Table::meta, meta_key, value);
  if (!found) return std::unexpected(found.error());
  return *found ? decode_counter(value) : 0;
}

// ---- Batch --------------------------------------------------------------------------------

Batch::Batch(const Database& database, std::size_t bytes)
    : impl_(std::make_unique<Impl>(*database.impl_, rocksdb::WriteBatch(bytes))) {}
Batch::~Batch() = default;

void Batch::put(Table table, std::string_view key, std::string_view value) {
  impl_->changes.Put(impl_->database.handle(table), slice(key), slice(value));
}

void Batch::put(Table table, std::string_view key, std::string_view head, std::string_view rest) {
  const Slice whole_key = slice(key);
  const std::array<Slice, 2> value{slice(head), slice(rest)};
  impl_->changes.Put(impl_->database.handle(table), rocksdb::SliceParts(&whole_key, 1),
                     rocksdb::SliceParts(value.data(), value.size()));
}

void Batch::erase(Table table, std::string_view key) {
  impl_->changes.Delete(impl_->database.handle(table), slice(key));
}

void Batch::erase_range(Table table, std::string_view from, std::string_view to) {
  if (from >= to) return;
  std::string begin(from);
  if (keeps_places(table) && QueueOfRow().InDomain(slice(from))) {
    erase(table, from);
    begin += '\0';  // the first key after that one, and without a place
  }
  impl_->changes.DeleteRange(impl_->database.handle(table), begin, slice(to));
}

void Batch::add(std::string_view meta_key, std::int64_t amount) {
  impl_->changes.Merge(impl_->database.handle(Table::meta), slice(meta_key),
                       encode_counter(amount));
}

}  // namespace marconi::storage::embedded
