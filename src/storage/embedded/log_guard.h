// Holds write errors of RocksDB's log back until somebody syncs or asks.
//
// RocksDB 7.8 must not be asked to sync a log whose last append has failed: with its assertions
// on, as Debian builds it, that ends the process. Writers and the thread that syncs run side by
// side here, so it cannot be ruled out. An append that fails is therefore reported as done, its
// bytes and all later ones are dropped, every sync fails from then on, and `has_failed` tells
// writers before they believe that their change is in the log.
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

  /// Whether something that was to be appended to the log is missing from it.
  [[nodiscard]] bool has_failed() const { return failed_.load(std::memory_order_acquire); }

 private:
  class Log;
  std::atomic<bool> failed_{false};
};

}  // namespace marconi::storage::embedded
