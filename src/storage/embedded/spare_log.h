// Makes the file that the log goes on with ahead of time: zeros from end to end, and on the disk
// already. A sync of the log then has nothing to wait for but the log's own bytes, whereas one that
// makes its file larger waits for the file system's journal, and so for all that others have
// written to new files.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace marconi::storage::embedded {

/// Makes one file at a time, on a thread of its own. Thread-safe.
class SpareLog {
 public:
  /// `size`: of a file, bytes. `disk` makes the files, and must outlive this.
  SpareLog(rocksdb::FileSystem& disk, std::uint64_t size) : disk_(disk), size_(size) {}
  SpareLog(const SpareLog&) = delete;
  SpareLog& operator=(const SpareLog&) = delete;
  ~SpareLog();  ///< removes what nobody has taken

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Has one made beside the file of the log with this name, unless there is one already, or one
  /// could not be made since the last `take`. None is made where room is scarce. Returns at once.
  void make(const std::string& log_name, const rocksdb::FileOptions& options);

  /// The file, with this name from now on, which is on the disk as well. Null if there is none, or
  /// it is not ready.
  std::unique_ptr<rocksdb::FSWritableFile> take(const std::string& log_name);

 private:
  enum class State { none, making, ready, failed };

  [[nodiscard]] std::unique_ptr<rocksdb::FSWritableFile> made(const std::string& path,
                                                              rocksdb::FileOptions options,
                                                              const std::stop_token& stop) const;
  [[nodiscard]] bool write_zeros(rocksdb::FSWritableFile& file, const std::stop_token& stop) const;
  void remove_file();

  rocksdb::FileSystem& disk_;
  const std::uint64_t size_;
  std::mutex mutex_;  // guards all below
  State state_ = State::none;
  std::string path_;  // where it is made; empty until a first log has asked
  std::unique_ptr<rocksdb::FSWritableFile> file_;
  std::jthread maker_;
};

}  // namespace marconi::storage::embedded
