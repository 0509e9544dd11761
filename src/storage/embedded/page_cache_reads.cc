#include "storage/embedded/page_cache_reads.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <utility>

namespace marconi::storage::embedded {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

class File final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  /// `descriptor`: of the same file, owned; negative if there is none.
  File(std::unique_ptr<rocksdb::FSRandomAccessFile> file, int descriptor)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), descriptor_(descriptor) {}
  ~File() override {
    if (descriptor_ >= 0) (void)::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* context) const override {
    if (options.timeout != PageCacheReads::kAtOnce) {
      return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, context);
    }
    const iovec target{scratch, size};
    const auto got = ::preadv2(descriptor_, &target, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    // Whatever else is the matter, whoever may wait finds out.
    if (got < 0 || static_cast<std::size_t>(got) != size) return IOStatus::TimedOut();
    *result = Slice(scratch, size);
    return IOStatus::OK();
  }

 private:
  const int descriptor_;
};

}  // namespace

IOStatus PageCacheReads::NewRandomAccessFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                             IODebugContext* context) {
  auto status = FileSystemWrapper::NewRandomAccessFile(name, options, file, context);
  if (status.ok()) {
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    *file = std::make_unique<File>(std::move(*file), descriptor);
  }
  return status;
}

}  // namespace marconi::storage::embedded
