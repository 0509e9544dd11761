#include "storage/embedded/zeroed_log.h"

#include <algorithm>
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

Slice zeros() {
  static const std::vector<char> kZeros(ZeroedLog::kStep, '\0');
  return {kZeros.data(), kZeros.size()};
}

}  // namespace

class ZeroedLog::Writer final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (size_ + data.size() > zeroed_ && data.size() < kLarge) put_zeros(options, context);
    auto status = FSWritableFileOwnerWrapper::PositionedAppend(data, size_, options, context);
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
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

  std::uint64_t size_ = 0;    ///< of the log
  std::uint64_t zeroed_ = 0;  ///< where the zeros end
  bool zeroes_ = true;
};

class ZeroedLog::Reader final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  using FSSequentialFileOwnerWrapper::FSSequentialFileOwnerWrapper;

  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) override {
    auto status = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, context);
    if (status.ok()) *result = Slice(result->data(), end_.take({result->data(), result->size()}));
    return status;
  }
  IOStatus Skip(std::uint64_t) override { return IOStatus::NotSupported("the log is read whole"); }
  IOStatus PositionedRead(std::uint64_t, std::size_t, const IOOptions&, Slice*, char*,
                          IODebugContext*) override {
    return IOStatus::NotSupported("the log is read front to back");
  }

 private:
  LogEnd end_;
};

IOStatus ZeroedLog::NewWritableFile(const std::string& name, const FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    IODebugContext* context) {
  auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (status.ok() && is_log_file(name)) *file = std::make_unique<Writer>(std::move(*file));
  return status;
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
