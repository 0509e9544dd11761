// For tests: a disk on which writing or syncing the log fails, or stands still, on request.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "storage/embedded/log_disk.h"

namespace marconi::storage::embedded {

class FailingDisk final : public LogDisk {
 public:
  std::atomic<bool> appends_fail{false};
  std::atomic<bool> syncs_fail{false};
  /// Syncs wait while this is set; wake them with `release`.
  std::atomic<bool> syncs_wait{false};
  void release() {
    syncs_wait = false;
    syncs_wait.notify_all();
  }

 private:
  class Log final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Log(std::unique_ptr<rocksdb::FSWritableFile> file, const FailingDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      if (disk_.appends_fail) return rocksdb::IOStatus::IOError("injected");
      return FSWritableFileOwnerWrapper::Append(data, options, context);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* context) override {
      return Append(data, options, context);
    }
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
      if (disk_.appends_fail) return rocksdb::IOStatus::IOError("injected");
      return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      disk_.syncs_wait.wait(true);
      if (disk_.syncs_fail) return rocksdb::IOStatus::IOError("injected");
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* context) override {
      return Sync(options, context);
    }
    bool IsSyncThreadSafe() const override { return true; }

   private:
    const FailingDisk& disk_;
  };

  std::unique_ptr<rocksdb::FSWritableFile> wrapped(std::unique_ptr<rocksdb::FSWritableFile> log,
                                                   const std::string&) override {
    return std::make_unique<Log>(std::move(log), *this);
  }
};

}  // namespace marconi::storage::embedded
