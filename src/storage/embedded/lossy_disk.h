// For tests: a disk that forgets at a crash what was not synced, as a machine without power does.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace marconi::storage::embedded {

/// Passes everything on until `crash`, and keeps count of how much of each file was synced, of what
/// was there before where bytes were overwritten since, and of the files that were renamed since
/// their directory was synced. A new file's name is as safe as what is in it. Thread-safe.
class LossyDisk final : public rocksdb::FileSystemWrapper {
 public:
  LossyDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "lossy disk"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

  /// How many files of the log were made.
  [[nodiscard]] std::size_t log_files() const { return log_files_; }
  /// How many of them had been there under another name before.
  [[nodiscard]] std::size_t spare_log_files() const { return spare_log_files_; }

  /// From now on nothing reaches the disk: every change fails.
  void crash() { crashed_ = true; }

  /// After `crash`, with all files closed: gives files back the names that they had, cuts each down
  /// to what was synced, and puts back what was overwritten since. Returns how many bytes were
  /// lost.
  std::uint64_t forget_unsynced();

 private:
  class File;
  class Directory;

  /// What was somewhere in a file before it was overwritten.
  struct Before {
    std::uint64_t offset = 0;
    std::string bytes;
  };

  /// How much of a file there is, how much of that has been synced, and what was overwritten since.
  struct Extent {
    explicit Extent(std::string file_name) : name(std::move(file_name)) {}

    std::mutex mutex;
    std::string name;
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
    std::vector<Before> overwritten;
  };

  /// A new name that is not safe yet.
  struct Rename {
    std::uint64_t number = 0;  ///< in order of time
    std::string from;
    std::string to;
    std::optional<std::string> replaced;  ///< what a file held that had the new name before
  };

  /// What was in a file that is about to lose its name to another; none if there is no such file.
  [[nodiscard]] std::optional<std::string> safe_content(const std::string& name) const;
  void undo(const Rename& rename);

  std::atomic<bool> crashed_{false};
  std::atomic<std::size_t> log_files_{0};
  std::atomic<std::size_t> spare_log_files_{0};
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Extent>> files_;
  std::vector<Rename> renames_;
  std::uint64_t next_rename_ = 0;
};

}  // namespace marconi::storage::embedded
