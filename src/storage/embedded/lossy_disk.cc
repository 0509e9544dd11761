#include "storage/embedded/lossy_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ranges>

namespace marconi::storage::embedded {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus power_is_off() { return IOStatus::IOError("the power is off"); }

/// The same for all ways to write it.
std::filesystem::path path_of(const std::string& name) {
  const auto path = std::filesystem::path(name).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

class LossyDisk::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<Extent> extent,
       const std::atomic<bool>& crashed)
      : FSWritableFileOwnerWrapper(std::move(file)),
        extent_(std::move(extent)),
        crashed_(crashed) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (crashed_) return power_is_off();
    const auto status = FSWritableFileOwnerWrapper::Append(data, options, context);
    const std::scoped_lock lock(extent_->mutex);
    if (status.ok()) extent_->written += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* context) override {
    if (crashed_) return power_is_off();
    const std::scoped_lock lock(extent_->mutex);
    auto before = bytes_at(offset, data.size());
    const auto status =
        FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
    if (!status.ok()) return status;
    if (!before.empty()) extent_->overwritten.push_back({offset, std::move(before)});
    extent_->written = std::max(extent_->written, offset + data.size());
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* context) override {
    return crashed_ ? power_is_off() : FSWritableFileOwnerWrapper::Flush(options, context);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options,
                    IODebugContext* context) override {
    if (crashed_) return power_is_off();
    const std::scoped_lock lock(extent_->mutex);
    extent_->written = std::min(extent_->written, size);
    extent_->synced = std::min(extent_->synced, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, context);
  }
  bool IsSyncThreadSafe() const override { return true; }

 private:
  /// What was written before a sync began is safe once it has succeeded.
  template <class Sync>
  IOStatus synced(Sync sync) {
    if (crashed_) return power_is_off();
    std::unique_lock lock(extent_->mutex);
    const auto safe = extent_->written;
    const auto overwritten = extent_->overwritten.size();
    lock.unlock();
    auto status = sync();
    if (crashed_) return power_is_off();  // what it has synced is thrown away
    lock.lock();
    if (!status.ok()) return status;
    extent_->synced = std::max(extent_->synced, safe);
    auto& left = extent_->overwritten;
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(overwritten));
    return status;
  }

  /// The bytes that a write of this size here would overwrite.
  [[nodiscard]] std::string bytes_at(std::uint64_t offset, std::uint64_t size) const {
    if (offset >= extent_->written) return {};
    std::string bytes(std::min(size, extent_->written - offset), '\0');
    std::ifstream file(extent_->name, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  }

  const std::shared_ptr<Extent> extent_;
  const std::atomic<bool>& crashed_;
};

class LossyDisk::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, const std::string& path,
            LossyDisk& disk)
      : FSDirectoryWrapper(std::move(directory)), path_(path_of(path)), disk_(disk) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSDirectoryWrapper::Fsync(options, context); }, {});
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions& why) override {
    return synced([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, context, why); },
                  why);
  }

 private:
  /// What was renamed before a sync began is safe once it has succeeded. But if RocksDB says what
  /// it is for, only that is: on some file systems it then leaves the directory alone, and syncs no
  /// more than the file.
  template <class Sync>
  IOStatus synced(Sync sync, const rocksdb::DirFsyncOptions& why) {
    if (disk_.crashed_) return power_is_off();
    std::unique_lock lock(disk_.mutex_);
    const auto next = disk_.next_rename_;
    lock.unlock();
    auto status = sync();
    if (disk_.crashed_) return power_is_off();
    lock.lock();
    if (!status.ok()) return status;
    std::erase_if(disk_.renames_, [&](const Rename& rename) {
      return rename.number < next && path_of(rename.to).parent_path() == path_ &&
             is_meant(rename, why);
    });
    return status;
  }

  static bool is_meant(const Rename& rename, const rocksdb::DirFsyncOptions& why) {
    using Why = rocksdb::DirFsyncOptions;
    if (why.reason == Why::kNewFileSynced) return false;
    return why.reason != Why::kFileRenamed || why.renamed_new_name == rename.to;
  }

  const std::filesystem::path path_;
  LossyDisk& disk_;
};

IOStatus LossyDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    IODebugContext* context) {
  if (crashed_) return power_is_off();
  auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (!status.ok()) return status;
  if (name.ends_with(".log")) ++log_files_;
  auto extent = std::make_shared<Extent>(name);
  *file = std::make_unique<File>(std::move(*file), extent, crashed_);
  const std::scoped_lock lock(mutex_);
  files_[name] = std::move(extent);
  return status;
}

IOStatus LossyDisk::NewDirectory(const std::string& name, const IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 IODebugContext* context) {
  auto status = FileSystemWrapper::NewDirectory(name, options, directory, context);
  if (status.ok()) *directory = std::make_unique<Directory>(std::move(*directory), name, *this);
  return status;
}

IOStatus LossyDisk::RenameFile(const std::string& from, const std::string& to,
                               const IOOptions& options, IODebugContext* context) {
  if (crashed_) return power_is_off();
  const std::scoped_lock lock(mutex_);
  auto replaced = safe_content(to);
  auto status = FileSystemWrapper::RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  renames_.push_back({next_rename_++, from, to, std::move(replaced)});
  if (const auto file = files_.extract(from); !file.empty()) {
    const std::scoped_lock file_lock(file.mapped()->mutex);
    file.mapped()->name = to;
    files_[to] = file.mapped();
  }
  if (to.ends_with(".log")) {
    ++log_files_;
    ++spare_log_files_;
  }
  return status;
}

IOStatus LossyDisk::DeleteFile(const std::string& name, const IOOptions& options,
                               IODebugContext* context) {
  if (crashed_) return power_is_off();
  auto status = FileSystemWrapper::DeleteFile(name, options, context);
  const std::scoped_lock lock(mutex_);
  if (!status.ok()) return status;
  files_.erase(name);
  std::erase_if(renames_, [&](const Rename& rename) { return rename.to == name; });
  return status;
}

std::optional<std::string> LossyDisk::safe_content(const std::string& name) const {
  std::ifstream file(name, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content{std::istreambuf_iterator<char>(file), {}};
  const auto extent = files_.find(name);
  if (extent == files_.end()) return content;
  const std::scoped_lock lock(extent->second->mutex);
  return content.substr(0, extent->second->synced);
}

void LossyDisk::undo(const Rename& rename) {
  std::filesystem::rename(rename.to, rename.from);
  auto file = files_.extract(rename.to);
  files_.erase(rename.from);
  if (!file.empty()) {
    file.key() = rename.from;
    files_.insert(std::move(file));
  }
  if (rename.replaced) std::ofstream(rename.to, std::ios::binary) << *rename.replaced;
}

std::uint64_t LossyDisk::forget_unsynced() {
  const std::scoped_lock lock(mutex_);
  for (const auto& rename : renames_ | std::views::reverse) undo(rename);
  renames_.clear();
  std::uint64_t lost = 0;
  for (const auto& [name, extent] : files_) {
    std::error_code error;
    const auto size = std::filesystem::file_size(name, error);
    if (error) continue;
    for (const auto& before : extent->overwritten | std::views::reverse) {
      lost += before.bytes.size();
      std::fstream file(name, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(before.offset));
      file.write(before.bytes.data(), static_cast<std::streamsize>(before.bytes.size()));
    }
    if (size <= extent->synced) continue;
    lost += size - extent->synced;
    std::filesystem::resize_file(name, extent->synced);
  }
  files_.clear();
  return lost;
}

}  // namespace marconi::storage::embedded
