#include "storage/embedded/lossy_disk.h"

#include <filesystem>

namespace marconi::storage::embedded {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus power_is_off() { return IOStatus::IOError("the power is off"); }

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
    if (status.ok()) extent_->written += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
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
    return crashed_ ? power_is_off() : FSWritableFileOwnerWrapper::Truncate(size, options, context);
  }
  bool IsSyncThreadSafe() const override { return true; }

 private:
  /// What was written before a sync began is safe once it has succeeded.
  template <class Sync>
  IOStatus synced(Sync sync) {
    if (crashed_) return power_is_off();
    const auto safe = extent_->written.load();
    const auto status = sync();
    if (crashed_) return power_is_off();  // what it has synced is thrown away
    if (status.ok()) extent_->synced = std::max(extent_->synced.load(), safe);
    return status;
  }

  const std::shared_ptr<Extent> extent_;
  const std::atomic<bool>& crashed_;
};

IOStatus LossyDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    IODebugContext* context) {
  if (crashed_) return power_is_off();
  auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (!status.ok()) return status;
  auto extent = std::make_shared<Extent>();
  *file = std::make_unique<File>(std::move(*file), extent, crashed_);
  const std::scoped_lock lock(mutex_);
  files_[name] = std::move(extent);
  return status;
}

IOStatus LossyDisk::RenameFile(const std::string& from, const std::string& to,
                               const IOOptions& options, IODebugContext* context) {
  if (crashed_) return power_is_off();
  auto status = FileSystemWrapper::RenameFile(from, to, options, context);
  const std::scoped_lock lock(mutex_);
  if (const auto file = files_.extract(from); status.ok() && !file.empty()) {
    files_[to] = file.mapped();
  }
  return status;
}

IOStatus LossyDisk::DeleteFile(const std::string& name, const IOOptions& options,
                               IODebugContext* context) {
  if (crashed_) return power_is_off();
  auto status = FileSystemWrapper::DeleteFile(name, options, context);
  const std::scoped_lock lock(mutex_);
  if (status.ok()) files_.erase(name);
  return status;
}

std::uint64_t LossyDisk::forget_unsynced() {
  const std::scoped_lock lock(mutex_);
  std::uint64_t lost = 0;
  for (const auto& [name, extent] : files_) {
    std::error_code error;
    const auto size = std::filesystem::file_size(name, error);
    if (error || size <= extent->synced) continue;
    lost += size - extent->synced;
    std::filesystem::resize_file(name, extent->synced);
  }
  files_.clear();
  return lost;
}

}  // namespace marconi::storage::embedded
