#include "storage/embedded/log_guard.h"

namespace marconi::storage::embedded {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

bool is_log(const std::string& name) { return name.ends_with(".log"); }

}  // namespace

class LogGuard::Log final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Log(std::unique_ptr<rocksdb::FSWritableFile> file, std::atomic<bool>& failed)
      : FSWritableFileOwnerWrapper(std::move(file)), failed_(failed) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    return held_back([&] { return FSWritableFileOwnerWrapper::Append(data, options, context); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* context) override {
    return held_back(
        [&] { return FSWritableFileOwnerWrapper::Append(data, options, verification, context); });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* context) override {
    return held_back([&] { return FSWritableFileOwnerWrapper::Flush(options, context); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (failed_) return lost();
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    if (failed_) return lost();
    return FSWritableFileOwnerWrapper::Fsync(options, context);
  }

 private:
  template <class Write>
  IOStatus held_back(Write write) {
    // After a hole in the log nothing more may follow: what is in it must stay a prefix.
    if (!failed_ && !write().ok()) failed_ = true;
    return IOStatus::OK();
  }

  static IOStatus lost() { return IOStatus::IOError("an earlier write to the log has failed"); }

  std::atomic<bool>& failed_;
};

IOStatus LogGuard::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* file,
                                   IODebugContext* context) {
  auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (status.ok() && is_log(name)) *file = std::make_unique<Log>(std::move(*file), failed_);
  return status;
}

IOStatus LogGuard::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                     const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file,
                                     IODebugContext* context) {
  auto status = FileSystemWrapper::ReuseWritableFile(name, old_name, options, file, context);
  if (status.ok() && is_log(name)) *file = std::make_unique<Log>(std::move(*file), failed_);
  return status;
}

}  // namespace marconi::storage::embedded
