// Writes the log over zeros that were put there before, so that a sync has nothing to write but the
// log's own bytes: the size of the file and its place on the disk are known already.
//
// What is behind the last record must then never be taken for records. A power loss may leave a
// part of what was not synced as it was, with later parts written. The log therefore ends for
// readers where a record's header should be and is empty, whatever follows.
//
// Where much is written the zeros are there before the file is one of the log (spare_log.h);
// elsewhere they are put behind the log's end, some at a time.
//
// Nor may a file of the log be there without the end of the one before it, which nothing would tell
// from a file that ends there. So the one before is synced first.
#pragma once

#include <rocksdb/file_system.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "storage/embedded/spare_log.h"

namespace marconi::storage::embedded {

/// Whether a file with this name is one of the log.
[[nodiscard]] inline bool is_log_file(std::string_view name) { return name.ends_with(".log"); }

/// Stands between RocksDB and a file system; concerns itself with the log's files only.
/// Thread-safe.
class ZeroedLog final : public rocksdb::FileSystemWrapper {
 public:
  /// Bytes of zeros that are written at a time. Each time costs one sync what all would without
  /// zeros, and makes that sync longer by what it takes to write so much.
  static constexpr std::uint64_t kStep = 256u << 10;
  /// From this size on a write has no zeros prepared for it: it would cost more to write that twice
  /// than the file system's own work for it does.
  static constexpr std::uint64_t kLarge = kStep / 4;

  /// `spare_bytes`: the size of the files that are made ahead of time; best that at which the log
  /// goes on in another file.
  ZeroedLog(const std::shared_ptr<rocksdb::FileSystem>& below, std::uint64_t spare_bytes)
      : FileSystemWrapper(below), spare_(*below, spare_bytes) {}

  const char* Name() const override { return "marconi zeroed log"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override;

 private:
  class Syncs;
  class Writer;
  class Reader;

  SpareLog spare_;
  std::mutex mutex_;
  std::shared_ptr<Syncs> newest_;  // of the file that was made last
};

/// Finds the end of a log that is read front to back. Knows RocksDB's layout of one: blocks of
/// 32 KiB, of records that begin with a checksum (4 bytes), a length (2) and a type (1), and of
/// fewer bytes than that at their end, which are not used.
class LogEnd {
 public:
  /// How many of these bytes, the next ones of the log, belong to it: fewer than all if it ends
  /// among them. Damaged records are left to RocksDB: they and all behind them belong to it.
  std::size_t take(std::string_view bytes);

 private:
  static constexpr std::uint64_t kBlock = 32u << 10;
  static constexpr std::size_t kHeader = 7;

  void plan_header(std::uint64_t offset);

  std::uint64_t offset_ = 0;  ///< of the next byte
  std::uint64_t next_ = 0;    ///< where the next header begins
  std::array<char, kHeader> header_{};
  bool ended_ = false;
  bool damaged_ = false;
};

}  // namespace marconi::storage::embedded
