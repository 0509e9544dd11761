#include "storage/embedded/page_cache_reads.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fstream>

#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

constexpr std::size_t kSize = 64 << 10;

/// A file on a real disk whose content is in the page cache.
class PageCacheReadsTest : public testing::Test {
 protected:
  PageCacheReadsTest() {
    std::ofstream(path_) << std::string(kSize, 'x');
    descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    fdatasync(descriptor_);
    EXPECT_TRUE(reads_.NewRandomAccessFile(path_, {}, &file_, nullptr).ok());
  }
  ~PageCacheReadsTest() override { close(descriptor_); }

  /// Whether the system can tell what it holds of this file, which not all file systems let it.
  [[nodiscard]] bool system_can_tell() const {
    char byte = 0;
    const iovec target{&byte, 1};
    return preadv2(descriptor_, &target, 1, 0, RWF_NOWAIT) == 1;
  }

  rocksdb::IOStatus read(std::chrono::microseconds timeout, std::size_t offset, std::size_t size) {
    rocksdb::IOOptions options;
    options.timeout = timeout;
    return file_->Read(offset, size, options, &result_, buffer_.data(), nullptr);
  }

  const TemporaryDirectory directory_{std::filesystem::temp_directory_path()};
  const std::string path_ = directory_.path() / "file";
  PageCacheReads reads_{rocksdb::FileSystem::Default()};
  std::unique_ptr<rocksdb::FSRandomAccessFile> file_;
  int descriptor_ = -1;
  std::string buffer_ = std::string(kSize, ' ');
  rocksdb::Slice result_;
};

TEST_F(PageCacheReadsTest, whoever_may_not_wait_gets_what_the_page_cache_holds) {
  const auto status = read(PageCacheReads::kAtOnce, 4096, 8192);
  if (system_can_tell()) {
    EXPECT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(result_.ToString(), std::string(8192, 'x'));
  } else {
    EXPECT_TRUE(status.IsTimedOut()) << status.ToString();
  }
}

TEST_F(PageCacheReadsTest, whoever_may_wait_gets_what_the_page_cache_does_not_hold) {
  posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);
  const auto status = read(std::chrono::microseconds(0), 4096, 8192);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(result_.ToString(), std::string(8192, 'x'));
}

TEST_F(PageCacheReadsTest, whoever_may_not_wait_is_told_so_where_there_is_less_than_wanted) {
  EXPECT_TRUE(read(PageCacheReads::kAtOnce, kSize - 10, 20).IsTimedOut());
  EXPECT_TRUE(read(std::chrono::microseconds(0), kSize - 10, 20).ok());
  EXPECT_EQ(result_.size(), 10u);
}

}  // namespace

}  // namespace marconi::storage::embedded
