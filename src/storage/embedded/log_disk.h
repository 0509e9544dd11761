// For tests: a disk whose files of the log are watched, or behave in another way.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>
#include <utility>

#include "storage/embedded/zeroed_log.h"

namespace marconi::storage::embedded {

/// A disk for tests derives from this and wraps the files of the log.
class LogDisk : public rocksdb::FileSystemWrapper {
 public:
  LogDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "a test's disk"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) final {
    auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (status.ok() && is_log_file(name)) *file = wrapped(std::move(*file), name);
    return status;
  }

 private:
  virtual std::unique_ptr<rocksdb::FSWritableFile> wrapped(
      std::unique_ptr<rocksdb::FSWritableFile> log, const std::string& name) = 0;
};

}  // namespace marconi::storage::embedded
