// Lets an event loop read what the operating system has in memory, and nothing else.
//
// RocksDB's own way to read without waiting looks only into its block cache; whatever else is in
// memory anyway, in the page cache, would cost a detour over a thread that may wait.
#pragma once

#include <rocksdb/file_system.h>

#include <chrono>
#include <memory>
#include <string>

namespace marconi::storage::embedded {

/// Reads with the time-out `kAtOnce` are answered from the page cache, or with `TimedOut`; all
/// others are passed on. Where the system cannot tell what it has in memory (preadv2(2) with
/// RWF_NOWAIT), the answer is always `TimedOut`. Thread-safe.
class PageCacheReads final : public rocksdb::FileSystemWrapper {
 public:
  static constexpr std::chrono::microseconds kAtOnce{1};

  explicit PageCacheReads(const std::shared_ptr<rocksdb::FileSystem>& below)
      : FileSystemWrapper(below) {}

  const char* Name() const override { return "marconi page cache reads"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override;
};

}  // namespace marconi::storage::embedded
