// RocksDB's own remarks, in a file for whoever looks into a trouble.
//
// RocksDB's own logger does not survive a full disk: with its assertions on, as Debian builds it,
// the first line after one that could not be written ends the process.
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

namespace marconi::storage::embedded {

/// Appends warnings and errors to `LOG` in a directory; at 4 MiB that becomes `LOG.old`. A remark
/// that cannot be written is dropped. Thread-safe.
class DatabaseLog final : public rocksdb::Logger {
 public:
  explicit DatabaseLog(const std::string& directory);

  using Logger::Logv;
  void Logv(const char* format, std::va_list arguments) override;

 private:
  struct Closer {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  void open();

  const std::string path_;
  std::mutex mutex_;
  std::unique_ptr<std::FILE, Closer> file_;  // null if it cannot be opened
};

}  // namespace marconi::storage::embedded
