#include "storage/embedded/zeroed_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include "storage/embedded/database.h"
#include "storage/embedded/log_disk.h"
#include "storage/embedded/lossy_disk.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;

constexpr std::size_t kHeader = 7;
constexpr std::size_t kBlock = 32u << 10;

/// A record of the log with a payload of this size.
std::string record(std::size_t size, char type = 1) {
  std::string bytes = "crcc";
  bytes.push_back(static_cast<char>(size & 0xff));
  bytes.push_back(static_cast<char>(size >> 8));
  bytes.push_back(type);
  return bytes + std::string(size, 'x');
}

/// How much of a log there is for a reader that reads so much at a time.
std::size_t length_read(std::string_view log, std::size_t step) {
  LogEnd end;
  std::size_t length = 0;
  for (std::size_t at = 0; at < log.size(); at += step) {
    length += end.take(log.substr(at, step));
  }
  return length;
}

TEST(LogEnd, is_where_a_header_should_be_and_is_empty) {
  const auto records = record(10) + record(0) + record(300);
  const auto log = records + std::string(1000, '\0');
  EXPECT_EQ(length_read(log, kBlock), records.size());
  EXPECT_EQ(length_read(records, kBlock), records.size());
}

TEST(LogEnd, hides_records_behind_it) {
  const auto records = record(10);
  const auto hole = std::string(kBlock - records.size(), '\0');
  EXPECT_EQ(length_read(records + hole + record(20) + record(30), kBlock), records.size());
}

TEST(LogEnd, is_not_taken_for_an_empty_payload_or_the_unused_end_of_a_block) {
  auto log = record(kBlock - 2 * kHeader - 3) + std::string(kHeader, '\0');
  log[log.size() - kHeader + 6] = 1;  // an empty record, its checksum being 0
  log += std::string(3, '\0') + record(5);
  EXPECT_EQ(length_read(log + std::string(100, '\0'), kBlock), log.size());
}

TEST(LogEnd, is_found_however_the_log_is_read) {
  auto log = record(kBlock - kHeader - 2) + std::string(2, '\0') + record(500) + record(40);
  const auto length = log.size();
  log += std::string(3 * kBlock - log.size(), '\0') + record(3);
  for (const std::size_t step : {8, 100, 4096, 1 << 20}) {
    const auto read = length_read(log, step);
    EXPECT_GE(read, length) << step;
    EXPECT_LT(read, length + kHeader) << step;  // a part of the empty header at most
  }
}

TEST(LogEnd, leaves_damage_to_others) {
  const auto log = record(10) + record(kBlock) + std::string(kBlock, '\0') + record(7);
  EXPECT_EQ(length_read(log, kBlock), log.size());
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A database whose log is looked at.
class ZeroedLogTest : public testing::Test {
 protected:
  void open(std::shared_ptr<rocksdb::FileSystem> disk = nullptr) {
    database_.reset();
    DatabaseOptions options;
    options.path = directory_.path() / "store";
    options.buffers_log = true;
    options.file_system = std::move(disk);
    database_ = std::move(*Database::open(options));
  }

  void put_synced(std::string_view key, std::string_view value) {
    Batch batch(*database_);
    batch.put(Table::meta, key, value);
    ASSERT_TRUE(database_->write(Patience::may_wait, batch));
    ASSERT_TRUE(database_->sync());
  }

  [[nodiscard]] bool has(std::string_view key) const {
    std::string value;
    return database_->get(Patience::may_wait, Table::meta, key, value).value();
  }

  /// The log's only file.
  [[nodiscard]] std::filesystem::path log() const {
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "store")) {
      if (is_log_file(entry.path().string())) return entry.path();
    }
    return {};
  }

  /// Leaves a log of three records with a hole instead of the second; returns the third.
  std::string write_with_hole() {
    open();
    put_synced("first", "1");
    const auto first_size = kHeader + static_cast<unsigned char>(content(log())[4]);
    // Ends with its block, so that the next record is the first of another one.
    constexpr std::size_t kAround = kHeader + 12 + 1 + 1 + 6 + 3;
    put_synced("second", std::string(kBlock - first_size - kAround, '2'));
    put_synced("third", "3");
    database_.reset();
    auto bytes = content(log());
    EXPECT_GT(bytes.size(), kBlock);
    EXPECT_EQ(bytes.at(kBlock + 6), 1) << "the third record is not at the border";
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(first_size), kBlock - first_size, '\0');
    std::ofstream(log(), std::ios::binary) << bytes;
    return bytes.substr(kBlock);
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(ZeroedLogTest, does_not_change_the_files_size_with_every_sync) {
  open();
  put_synced("a", "1");
  const auto size = std::filesystem::file_size(log());
  for (int i = 0; i < 100; ++i) put_synced("b", std::string(1000, 'v'));
  EXPECT_EQ(std::filesystem::file_size(log()), size);
}

TEST_F(ZeroedLogTest, keeps_what_is_longer_than_the_zeros_of_one_time) {
  open();
  for (int i = 0; i < 3; ++i) {
    put_synced("key " + std::to_string(i), std::string(ZeroedLog::kStep + 1, 'v'));
  }
  open();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(has("key " + std::to_string(i)));
}

TEST_F(ZeroedLogTest, is_read_up_to_a_hole_whatever_follows) {
  (void)write_with_hole();
  open();
  EXPECT_TRUE(has("first"));
  EXPECT_FALSE(has("second"));
  EXPECT_FALSE(has("third")) << "found behind what is missing";
}

TEST_F(ZeroedLogTest, is_not_read_on_in_the_next_file_behind_a_hole) {
  const auto third = write_with_hole();
  std::ofstream(log().replace_filename("000999.log"), std::ios::binary) << third;
  open();
  EXPECT_TRUE(has("first"));
  EXPECT_FALSE(has("third")) << "found behind what is missing";
}

/// A disk that watches how files of the log follow each other.
class WatchedDisk final : public LogDisk {
 public:
  /// How many files of the log were written to.
  [[nodiscard]] std::size_t files() {
    const std::scoped_lock lock(mutex_);
    return unsynced_.size();
  }
  /// How many writes there were while one of the files before was not synced.
  std::atomic<int> writes_too_early{0};

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, WatchedDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}

    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
      disk_.written(name_);
      return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      auto status = FSWritableFileOwnerWrapper::Sync(options, context);
      disk_.synced(name_);
      return status;
    }

   private:
    const std::string name_;
    WatchedDisk& disk_;
  };

  std::unique_ptr<rocksdb::FSWritableFile> wrapped(std::unique_ptr<rocksdb::FSWritableFile> log,
                                                   const std::string& name) override {
    return std::make_unique<File>(std::move(log), name, *this);
  }

  void written(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    unsynced_[name] = true;
    for (const auto& [other, is_unsynced] : unsynced_) {
      if (other < name && is_unsynced) ++writes_too_early;
    }
  }
  void synced(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    unsynced_[name] = false;
  }

  std::mutex mutex_;
  std::map<std::string, bool> unsynced_;
};

TEST_F(ZeroedLogTest, is_synced_before_the_next_file_is_written_to) {
  const auto disk = std::make_shared<WatchedDisk>();
  open(disk);
  // More than a write buffer, time and again, nothing of which is synced by us.
  constexpr int kKeys = 1500;
  const std::string value(32 << 10, 'v');
  for (int i = 0; i < kKeys; ++i) {
    Batch batch(*database_);
    batch.put(Table::meta, "key " + std::to_string(i), value);
    ASSERT_TRUE(database_->write(Patience::may_wait, batch));
  }
  EXPECT_GE(disk->files(), 3u);
  EXPECT_EQ(disk->writes_too_early, 0);
  open();
  for (int i = 0; i < kKeys; ++i) EXPECT_TRUE(has("key " + std::to_string(i))) << i;
}

TEST_F(ZeroedLogTest, is_read_again_with_the_zeros_that_a_crash_left) {
  for (int life = 0; life < 3; ++life) {
    const auto disk = std::make_shared<LossyDisk>();
    open(disk);
    for (int i = 0; i < life; ++i) EXPECT_TRUE(has("key " + std::to_string(i))) << life;
    put_synced("key " + std::to_string(life), "1");
    disk->crash();
    database_.reset();
    ASSERT_EQ(std::filesystem::file_size(log()), ZeroedLog::kStep) << "the zeros are gone";
  }
  open();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(has("key " + std::to_string(i)));
}

/// A disk that refuses the zeros, after it has taken so many of them.
class NoZeros final : public LogDisk {
 public:
  explicit NoZeros(std::size_t taken = 0) : taken_(taken) {}

  std::atomic<int> refused{0};

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, NoZeros& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
      if (data.size() != ZeroedLog::kStep) {
        return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
      }
      ++disk_.refused;
      const rocksdb::Slice part(data.data(), disk_.taken_);
      FSWritableFileOwnerWrapper::PositionedAppend(part, offset, options, context)
          .PermitUncheckedError();
      return rocksdb::IOStatus::NoSpace();
    }

   private:
    NoZeros& disk_;
  };

  std::unique_ptr<rocksdb::FSWritableFile> wrapped(std::unique_ptr<rocksdb::FSWritableFile> log,
                                                   const std::string&) override {
    return std::make_unique<File>(std::move(log), *this);
  }

  const std::size_t taken_;
};

TEST_F(ZeroedLogTest, is_written_without_zeros_where_the_disk_has_no_room_for_them) {
  const auto disk = std::make_shared<NoZeros>();
  open(disk);
  put_synced("a", "1");
  put_synced("b", "2");
  EXPECT_EQ(disk->refused, 1) << "asked again";
  database_.reset();
  open(disk);
  EXPECT_TRUE(has("a"));
  EXPECT_TRUE(has("b"));
}

/// Single files of the log.
class ZeroedLogFileTest : public testing::Test {
 protected:
  using File = std::unique_ptr<rocksdb::FSWritableFile>;

  static constexpr std::uint64_t kSpareSize = 8 * ZeroedLog::kStep;

  void use(const std::shared_ptr<rocksdb::FileSystem>& disk) {
    log_ = std::make_unique<ZeroedLog>(disk, kSpareSize);
  }

  File make(const std::string& name) {
    File file;
    EXPECT_TRUE(log_->NewWritableFile(path(name), rocksdb::FileOptions(), &file, nullptr).ok());
    return file;
  }
  static void append(const File& file, const std::string& bytes) {
    ASSERT_TRUE(file->Append(bytes, rocksdb::IOOptions(), nullptr).ok());
  }
  static void sync(const File& file) {
    ASSERT_TRUE(file->Sync(rocksdb::IOOptions(), nullptr).ok());
  }
  static void close(const File& file) {
    ASSERT_TRUE(file->Close(rocksdb::IOOptions(), nullptr).ok());
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return directory_.path() / name;
  }

  /// Whether the file has these bytes and nothing but zeros behind them.
  void expect_log(const std::string& name, const std::string& bytes) const {
    const auto all = content(path(name));
    EXPECT_TRUE(all.starts_with(bytes)) << "of " << all.size() << " bytes";
    EXPECT_EQ(all.find_first_not_of('\0', bytes.size()), std::string::npos);
  }

 private:
  const TemporaryDirectory directory_;
  std::unique_ptr<ZeroedLog> log_ =
      std::make_unique<ZeroedLog>(rocksdb::FileSystem::Default(), kSpareSize);
};

TEST_F(ZeroedLogFileTest, keeps_what_is_written_across_the_end_of_the_zeros) {
  const auto file = make("1.log");
  std::string log;
  const auto write = [&](std::size_t size, char byte) {
    append(file, std::string(size, byte));
    log += std::string(size, byte);
    expect_log("1.log", log);
  };
  write(10, 'a');
  write(ZeroedLog::kStep + ZeroedLog::kLarge, 'b');  // over all zeros there are and beyond them
  write(10, 'c');                                    // with new zeros
  EXPECT_GT(std::filesystem::file_size(path("1.log")), log.size());
  for (char byte = 'd'; byte < 'k'; ++byte) write(ZeroedLog::kLarge - 1, byte);
  close(file);
  EXPECT_EQ(content(path("1.log")), log) << "not cut to its length";
}

TEST_F(ZeroedLogFileTest, lies_at_its_place_where_only_a_part_of_the_zeros_was_taken) {
  use(std::make_shared<NoZeros>(1000));
  const auto file = make("1.log");
  const std::string log = std::string(10, 'a') + std::string(10, 'b') + std::string(2000, 'c');
  append(file, log.substr(0, 10));
  append(file, log.substr(10, 10));
  expect_log("1.log", log.substr(0, 20));
  append(file, log.substr(20));
  close(file);
  EXPECT_EQ(content(path("1.log")), log);
}

TEST_F(ZeroedLogFileTest, goes_on_in_a_file_made_ahead_of_time_where_much_is_written) {
  const auto first = make("1.log");
  const std::string bytes(ZeroedLog::kLarge - 1, 'a');
  for (std::uint64_t size = 0; size < kSpareSize; size += bytes.size()) append(first, bytes);
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  File next;
  std::string log = "b";
  do {
    next = make("2.log");
    append(next, log);
  } while (std::filesystem::file_size(path("2.log")) != kSpareSize &&
           std::chrono::steady_clock::now() < end);
  for (int i = 0; i < 3; ++i) {
    append(next, std::string(1000, 'b'));
    log += std::string(1000, 'b');
    expect_log("2.log", log);
  }
  EXPECT_EQ(std::filesystem::file_size(path("2.log")), kSpareSize);
  close(next);
  EXPECT_EQ(content(path("2.log")), log) << "not cut to its length";
}

TEST_F(ZeroedLogFileTest, is_whole_before_another_one_follows) {
  const auto disk = std::make_shared<LossyDisk>();
  use(disk);
  const auto first = make("1.log");
  append(first, "safe,");
  sync(first);
  const auto unused = make("2.log");
  const auto last = make("3.log");
  append(first, "not yet,");
  append(last, "later");
  disk->crash();
  disk->forget_unsynced();
  expect_log("1.log", "safe,not yet,");
}

}  // namespace

}  // namespace marconi::storage::embedded
