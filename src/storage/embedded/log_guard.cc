#include "storage/embedded/log_guard.h"

#include <utility>

#include "storage/embedded/zeroed_log.h"

namespace marconi::storage::embedded {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus lost() { return IOStatus::IOError("an earlier write has failed"); }

}  // namespace

/// A file that drops what comes after a failed operation, and reports that when it is synced.
class LogGuard::File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  /// `log_failed`: set if some file of the log has failed.
  File(std::unique_ptr<rocksdb::FSWritableFile> file, std::atomic<bool>& log_failed)
      : FSWritableFileOwnerWrapper(std::move(file)), log_failed_(log_failed) {}

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
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t size, const IOOptions& options,
                     IODebugContext* context) override {
    return held_back(
        [&] { return FSWritableFileOwnerWrapper::RangeSync(offset, size, options, context); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    const auto closed = FSWritableFileOwnerWrapper::Close(options, context);
    return reported(has_failed() ? lost() : closed);
  }

 protected:
  [[nodiscard]] virtual bool has_failed() const { return failed_ || log_failed_; }
  virtual void note_failure() { failed_ = true; }
  /// What RocksDB is told of the outcome of a sync.
  virtual IOStatus reported(IOStatus outcome) { return outcome; }

  std::atomic<bool>& log_failed_;

 private:
  template <class Write>
  IOStatus held_back(Write write) {
    // After a hole nothing more may follow: what is in the file must stay a prefix.
    if (!has_failed() && !write().ok()) note_failure();
    return IOStatus::OK();
  }

  template <class Sync>
  IOStatus synced(Sync sync) {
    if (has_failed()) return reported(lost());
    auto outcome = sync();
    if (!outcome.ok()) note_failure();
    return reported(std::move(outcome));
  }

  std::atomic<bool> failed_{false};
};

/// A file of the log: all is always well with it, as far as RocksDB knows.
class LogGuard::Log final : public File {
 public:
  using File::File;

 private:
  [[nodiscard]] bool has_failed() const override { return log_failed_; }
  void note_failure() override { log_failed_ = true; }
  IOStatus reported(IOStatus outcome) override {
    outcome.PermitUncheckedError();
    return IOStatus::OK();
  }
};

std::unique_ptr<rocksdb::FSWritableFile> LogGuard::guarded(
    const std::string& name, std::unique_ptr<rocksdb::FSWritableFile> file) {
  if (is_log_file(name)) return std::make_unique<Log>(std::move(file), log_failed_);
  return std::make_unique<File>(std::move(file), log_failed_);
}

IOStatus LogGuard::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* file,
                                   IODebugContext* context) {
  if (log_failed_ && !is_log_file(name)) return lost();
  auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (status.ok()) *file = guarded(name, std::move(*file));
  return status;
}

IOStatus LogGuard::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                     const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file,
                                     IODebugContext* context) {
  auto status = FileSystemWrapper::ReuseWritableFile(name, old_name, options, file, context);
  if (status.ok()) *file = guarded(name, std::move(*file));
  return status;
}

}  // namespace marconi::storage::embedded
