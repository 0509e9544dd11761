#include "storage/embedded/spare_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "storage/embedded/lossy_disk.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

constexpr std::uint64_t kSize = (1u << 20) + 5000;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A disk that becomes full.
class SmallDisk final : public rocksdb::FileSystemWrapper {
 public:
  SmallDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "small disk"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (status.ok()) *file = std::make_unique<File>(std::move(*file), *this);
    return status;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&, std::uint64_t* free,
                                 rocksdb::IODebugContext*) override {
    *free = room;
    ++asked;
    asked.notify_all();
    return rocksdb::IOStatus::OK();
  }

  std::atomic<std::uint64_t> room{1u << 30};
  std::atomic<int> asked{0};
  std::atomic<bool> is_full{false};
  std::atomic<int> refused{0};

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, SmallDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
      if (disk_.is_full && offset > 0) {
        ++disk_.refused;
        disk_.refused.notify_all();
        return rocksdb::IOStatus::NoSpace("full");
      }
      return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
    }

   private:
    SmallDisk& disk_;
  };
};

class SpareLogTest : public testing::Test {
 protected:
  [[nodiscard]] std::string log(int number) const {
    return directory_.path() / ("00000" + std::to_string(number) + ".log");
  }

  /// The spare file as soon as it is ready.
  std::unique_ptr<rocksdb::FSWritableFile> take(SpareLog& spare, const std::string& name) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      if (auto file = spare.take(name)) return file;
      std::this_thread::yield();
    }
    return nullptr;
  }

  /// The same, where one could not be made at first.
  std::unique_ptr<rocksdb::FSWritableFile> take_after_all(SpareLog& spare,
                                                          const std::string& name) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      if (auto file = spare.take(name)) return file;
      spare.make(name, {});
      std::this_thread::yield();
    }
    return nullptr;
  }

  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(directory_.path()), {});
  }

  const TemporaryDirectory directory_;
  SmallDisk disk_;
};

TEST_F(SpareLogTest, is_zeros_from_end_to_end_under_the_name_of_the_log) {
  SpareLog spare(disk_, kSize);
  EXPECT_EQ(spare.take(log(1)), nullptr) << "nobody has asked for one";
  spare.make(log(1), {});
  const auto file = take(spare, log(2));
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(content(log(2)), std::string(kSize, '\0'));
  EXPECT_EQ(files(), 1) << "is there under another name, too";
  EXPECT_EQ(spare.take(log(3)), nullptr) << "taken twice";
}

TEST_F(SpareLogTest, is_written_over) {
  SpareLog spare(disk_, kSize);
  spare.make(log(1), {});
  const auto file = take(spare, log(2));
  ASSERT_NE(file, nullptr);
  ASSERT_TRUE(file->PositionedAppend("begins", 0, {}, nullptr).ok());
  EXPECT_EQ(content(log(2)), "begins" + std::string(kSize - 6, '\0'));
}

TEST_F(SpareLogTest, has_its_name_for_good) {
  LossyDisk disk;
  {
    SpareLog spare(disk, kSize);
    spare.make(log(1), {});
    const auto file = take(spare, log(2));
    ASSERT_NE(file, nullptr);
    ASSERT_TRUE(file->PositionedAppend("acknowledged", 0, {}, nullptr).ok());
    ASSERT_TRUE(file->Sync({}, nullptr).ok());
    disk.crash();
  }
  disk.forget_unsynced();
  EXPECT_TRUE(content(log(2)).starts_with("acknowledged"));
}

TEST_F(SpareLogTest, goes_with_its_owner_if_nobody_has_taken_it) {
  {
    SpareLog spare(disk_, kSize);
    spare.make(log(1), {});
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(SpareLogTest, of_a_server_that_was_killed_is_removed) {
  std::ofstream(directory_.path() / "spare") << "half a file";
  SpareLog spare(disk_, kSize);
  EXPECT_EQ(spare.take(log(1)), nullptr);
  EXPECT_EQ(files(), 0);
}

TEST_F(SpareLogTest, is_not_made_where_room_is_scarce) {
  SpareLog spare(disk_, kSize);
  disk_.room = 15 * kSize;
  spare.make(log(1), {});
  disk_.asked.wait(0);
  disk_.room = 17 * kSize;
  const auto file = take_after_all(spare, log(1));
  EXPECT_NE(file, nullptr);
  EXPECT_GE(disk_.asked, 2) << "made at once";
}

TEST_F(SpareLogTest, does_not_stay_half_made_on_a_full_disk) {
  SpareLog spare(disk_, kSize);
  disk_.is_full = true;
  spare.make(log(1), {});
  disk_.refused.wait(0);
  disk_.is_full = false;
  const auto file = take_after_all(spare, log(1));
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(content(log(1)), std::string(kSize, '\0'));
  EXPECT_EQ(disk_.refused, 1);
}

}  // namespace

}  // namespace marconi::storage::embedded
