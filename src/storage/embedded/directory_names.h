// Makes names of files last.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace marconi::storage::embedded {

/// Has the names in a directory on the disk: a file that is synced may still be lost with its name.
inline rocksdb::IOStatus sync_names(rocksdb::FileSystem& disk, const std::string& directory) {
  std::unique_ptr<rocksdb::FSDirectory> open;
  auto status = disk.NewDirectory(directory, {}, &open, nullptr);
  return status.ok() ? open->Fsync({}, nullptr) : status;
}

}  // namespace marconi::storage::embedded
