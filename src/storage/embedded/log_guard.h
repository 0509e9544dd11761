// Keeps errors of the log from RocksDB, and tells them to us.
//
// RocksDB 7.8 must not touch a file again that has failed once: with its assertions on, as Debian
// builds it, that ends the process. Writers, syncs and background work use the log side by side, so
// it cannot be ruled out. RocksDB is therefore told that all is well with the log; what could not
// be written or synced, and everything after it, is dropped; and `log_has_failed` tells writers,
// and whoever syncs, before they believe that a change is safe. From then on no other file can be
// made or synced either, so that no change that is missing from the log survives in a table.
//
// Errors of other files are held back until they are synced or closed, for the same reason.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

namespace marconi::storage::embedded {

/// Thread-safe. One for each opening of a database.
class LogGuard final : public rocksdb::FileSystemWrapper {
 public:
  explicit LogGuard(const std::shared_ptr<rocksdb::FileSystem>& below) : FileSystemWrapper(below) {}

  const char* Name() const override { return "marconi log guard"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* context) override;

  /// Whether something is missing from the log, or may not be safe in it.
  [[nodiscard]] bool log_has_failed() const { return log_failed_.load(std::memory_order_acquire); }

 private:
  class File;
  class Log;
  [[nodiscard]] std::unique_ptr<rocksdb::FSWritableFile> guarded(
      const std::string& name, std::unique_ptr<rocksdb::FSWritableFile> file);

  std::atomic<bool> log_failed_{false};
};

}  // namespace marconi::storage::embedded
