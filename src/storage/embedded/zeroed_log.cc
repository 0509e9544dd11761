#include "storage/embedded/zeroed_log.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

namespace marconi::storage::embedded {

using rocksdb::DataVerificationInfo;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

/// A spare file is made once small writes have filled this part of the size of one.
constexpr std::uint64_t kSpareAfter = 8;

Slice zeros() {
  static const std::vector<char> kZeros(ZeroedLog::kStep, '\0');
  return {kZeros.data(), kZeros.size()};
}

}  // namespace

/// Syncs of one file of the log: for its writer, and for the writer of the next one. Thread-safe.
class ZeroedLog::Syncs {
 public:
  /// `file` has to stay until `stop`; `before` are those of the file before, or null.
  Syncs(rocksdb::FSWritableFile& file, std::shared_ptr<Syncs> before)
      : file_(&file), before_(std::move(before)) {}

  /// So much of the file has been written.
  void written(std::uint64_t size) { written_ = size; }

  template <class Sync>
  IOStatus run(Sync sync) {
    const std::scoped_lock lock(mutex_);
    return run_locked(sync);
  }

  /// To be called before the first write: makes sure that the files before are whole on disk.
  IOStatus sync_before(const IOOptions& options, IODebugContext* context) {
    const std::scoped_lock lock(mutex_);
    return sync_before_locked(options, context);
  }

  /// No more: the file is about to be closed. RocksDB closes one that is not synced only if it is
  /// not needed any more, or as the last one.
  void stop() {
    const std::scoped_lock lock(mutex_);
    file_ = nullptr;
  }

 private:
  template <class Sync>
  IOStatus run_locked(Sync sync) {
    const auto safe = written_.load();
    auto status = sync();
    if (status.ok()) synced_ = safe;
    return status;
  }

  IOStatus sync_before_locked(const IOOptions& options, IODebugContext* context) {
    if (!before_) return IOStatus::OK();
    auto status = before_->sync_rest(options, context);
    if (status.ok()) before_.reset();
    return status;
  }

  IOStatus sync_rest(const IOOptions& options, IODebugContext* context) {
    const std::scoped_lock lock(mutex_);
    if (written_ == 0) return sync_before_locked(options, context);
    if (file_ == nullptr || synced_ == written_) return IOStatus::OK();
    return run_locked([&] { return file_->Sync(options, context); });
  }

  std::atomic<std::uint64_t> written_{0};
  std::mutex mutex_;  // under it, that of the file before may be taken
  rocksdb::FSWritableFile* file_;
  std::uint64_t synced_ = 0;
  std::shared_ptr<Syncs> before_;
};

class ZeroedLog::Writer final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  /// `zeroed`: how many bytes of zeros there are. `spare`: has to stay.
  Writer(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
         const FileOptions& options, std::uint64_t zeroed, std::shared_ptr<Syncs> syncs,
         SpareLog& spare)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        options_(options),
        syncs_(std::move(syncs)),
        spare_(spare),
        zeroed_(zeroed) {}
  ~Writer() override { syncs_->stop(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    // Not when the file is made: RocksDB may write the end of the one before after that.
    if (size_ == 0) {
      if (auto status = syncs_->sync_before(options, context); !status.ok()) return status;
    }
    const bool is_small = data.size() < kLarge;
    if (is_small && size_ + data.size() > zeroed_) put_zeros(options, context);
    auto status = FSWritableFileOwnerWrapper::PositionedAppend(data, size_, options, context);
    if (!status.ok()) return status;
    syncs_->written(size_ += data.size());
    if (is_small) count_small(data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return syncs_->run([&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return syncs_->run([&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    syncs_->stop();
    // The zeros are of no more use. They do no harm either, should they stay.
    if (zeroed_ > size_) {
      FSWritableFileOwnerWrapper::Truncate(size_, options, context).PermitUncheckedError();
    }
    return FSWritableFileOwnerWrapper::Close(options, context);
  }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }
  /// There is room already; what the system would reserve in its own way is not written to.
  void PrepareWrite(std::size_t, std::size_t, const IOOptions&, IODebugContext*) override {}

 private:
  /// Behind what is there.
  void put_zeros(const IOOptions& options, IODebugContext* context) {
    if (!zeroes_) return;
    zeroed_ = std::max(zeroed_, size_);
    const auto status =
        FSWritableFileOwnerWrapper::PositionedAppend(zeros(), zeroed_, options, context);
    // The log goes on without, as long as the disk takes the log itself.
    zeroes_ = status.ok();
    if (zeroes_) zeroed_ += zeros().size();
  }

  /// Where small writes are many, it pays to have the next file made ahead of time.
  void count_small(std::uint64_t count) {
    const auto enough = spare_.size() / kSpareAfter;
    const bool had_enough = small_ >= enough;
    small_ += count;
    if (!had_enough && small_ >= enough) spare_.make(name_, options_);
  }

  const std::string name_;
  const FileOptions options_;
  const std::shared_ptr<Syncs> syncs_;
  SpareLog& spare_;
  std::uint64_t size_ = 0;   ///< of the log
  std::uint64_t small_ = 0;  ///< what of it came in small writes
  std::uint64_t zeroed_;     ///< where the zeros end
  bool zeroes_ = true;
};

class ZeroedLog::Reader final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  using FSSequentialFileOwnerWrapper::FSSequentialFileOwnerWrapper;

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) override {
    if (goes_on_) return IOStatus::Corruption("the log goes on behind a hole");
    auto status = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, context);
    if (!status.ok()) return status;
    const auto length = end_.take({result->data(), result->size()});
    if (length == result->size()) return status;
    const Slice behind(result->data() + length, result->size() - length);
    goes_on_ = !is_zero(behind);
    std::memmove(scratch, result->data(), length);
    *result = Slice(scratch, length);
    if (!goes_on_) status = look_behind(options, context);
    if (!status.ok() || !goes_on_) return status;
    // RocksDB does not read on after less than it has asked for.
    std::memset(scratch + length, 0, size - length);
    *result = Slice(scratch, size);
    return status;
  }
  IOStatus Skip(std::uint64_t) override { return IOStatus::NotSupported("the log is read whole"); }
  IOStatus PositionedRead(std::uint64_t, std::size_t, const IOOptions&, Slice*, char*,
                          IODebugContext*) override {
    return IOStatus::NotSupported("the log is read front to back");
  }

 private:
  static bool is_zero(const Slice& bytes) {
    return std::all_of(bytes.data(), bytes.data() + bytes.size(), [](char c) { return c == 0; });
  }

  /// Reads the file to its end, or to the first byte that shows that something was lost.
  IOStatus look_behind(const IOOptions& options, IODebugContext* context) {
    std::vector<char> room(kStep);
    for (;;) {
      Slice bytes;
      auto status =
          FSSequentialFileOwnerWrapper::Read(room.size(), options, &bytes, room.data(), context);
      if (!status.ok() || bytes.empty()) return status;
      goes_on_ = !is_zero(bytes);
      if (goes_on_) return status;
    }
  }

  LogEnd end_;
  bool goes_on_ = false;  ///< there is something behind the end
};

IOStatus ZeroedLog::NewWritableFile(const std::string& name, const FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    IODebugContext* context) {
  if (!is_log_file(name)) return FileSystemWrapper::NewWritableFile(name, options, file, context);
  *file = spare_.take(name);
  const auto zeroed = *file ? spare_.size() : 0;
  if (!*file) {
    auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (!status.ok()) return status;
  }
  const std::scoped_lock lock(mutex_);
  newest_ = std::make_shared<Syncs>(**file, std::move(newest_));
  *file = std::make_unique<Writer>(std::move(*file), name, options, zeroed, newest_, spare_);
  return IOStatus::OK();
}

IOStatus ZeroedLog::NewSequentialFile(const std::string& name, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      IODebugContext* context) {
  auto status = FileSystemWrapper::NewSequentialFile(name, options, file, context);
  if (status.ok() && is_log_file(name)) *file = std::make_unique<Reader>(std::move(*file));
  return status;
}

std::size_t LogEnd::take(std::string_view bytes) {
  if (ended_) return 0;
  const auto begin = offset_;
  const auto end = offset_ + bytes.size();
  offset_ = end;
  while (!damaged_ && next_ < end) {
    // A header may lie across the border of two reads.
    const auto from = std::max(next_, begin);
    const auto to = std::min(next_ + kHeader, end);
    std::copy_n(bytes.data() + (from - begin), to - from, header_.data() + (from - next_));
    if (to < next_ + kHeader) break;
    const auto byte = [this](std::size_t index) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(header_[index]));
    };
    const auto length = byte(4) | byte(5) << 8;
    if (length == 0 && byte(6) == 0) {
      ended_ = true;
      return next_ > begin ? next_ - begin : 0;
    }
    plan_header(next_ + kHeader + length);
  }
  return bytes.size();
}

void LogEnd::plan_header(std::uint64_t offset) {
  const auto block_end = (next_ / kBlock + 1) * kBlock;
  damaged_ = offset > block_end;
  next_ = block_end - offset < kHeader ? block_end : offset;
}

}  // namespace marconi::storage::embedded
