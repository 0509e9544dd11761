#include "storage/embedded/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "storage/embedded/block_index.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;

std::string key(int number) { return "key " + std::to_string(number); }

/// Erases the first ten keys and puts some again, in every table.
void change_all_tables(Database& database) {
  for (std::size_t table = 0; table < kTableCount; ++table) {
    Batch batch(database);
    batch.erase_range(static_cast<Table>(table), key(0), key(9));
    for (int number = 0; number < 5; ++number) {
      batch.put(static_cast<Table>(table), key(number), std::string(8, 'v'));
    }
    EXPECT_TRUE(database.write(Patience::may_wait, batch));
  }
}

/// Notes which directories are synced.
class WatchedDirectories final : public rocksdb::FileSystemWrapper {
 public:
  WatchedDirectories() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "watched directories"; }

  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override {
    auto status = FileSystemWrapper::NewDirectory(name, options, directory, context);
    if (status.ok()) {
      *directory = std::make_unique<Directory>(std::move(*directory), name, synced);
    }
    return status;
  }

  std::set<std::filesystem::path> synced;

 private:
  class Directory final : public rocksdb::FSDirectoryWrapper {
   public:
    Directory(std::unique_ptr<rocksdb::FSDirectory>&& directory, std::string name,
              std::set<std::filesystem::path>& synced)
        : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), synced_(synced) {}

    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* context) override {
      synced_.insert(name_);
      return FSDirectoryWrapper::Fsync(options, context);
    }

   private:
    const std::string name_;
    std::set<std::filesystem::path>& synced_;
  };
};

/// The directories above the store's that were synced when it was opened.
std::set<std::filesystem::path> synced_above(const std::filesystem::path& path) {
  const auto disk = std::make_shared<WatchedDirectories>();
  DatabaseOptions options;
  options.path = path;
  options.file_system = disk;
  EXPECT_TRUE(Database::open(options));
  disk->synced.erase(path);
  return disk->synced;
}

TEST(Database, has_the_names_of_all_new_directories_on_the_disk) {
  const TemporaryDirectory directory;
  const auto& top = directory.path();
  EXPECT_THAT(synced_above(top / "a" / "b" / "store"),
              testing::ElementsAre(top, top / "a", top / "a" / "b"));
  EXPECT_THAT(synced_above(top / "a" / "b" / "store"), testing::IsEmpty());
}

TEST(Database, has_the_name_of_a_directory_that_was_there_on_the_disk_too) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "store";
  std::filesystem::create_directory(path);
  EXPECT_THAT(synced_above(path), testing::ElementsAre(directory.path()));
}

TEST(Database, can_be_read_without_patience_right_after_opening_with_many_files) {
  const TemporaryDirectory directory;
  DatabaseOptions options;
  options.path = directory.path() / "store";
  // Each opening makes files of what the log holds.
  for (int round = 0; round < 4; ++round) {
    const auto database = std::move(*Database::open(options));
    change_all_tables(*database);
    ASSERT_TRUE(database->sync());
  }
  const auto database = std::move(*Database::open(options));
  for (std::size_t table = 0; table < kTableCount; ++table) {
    const auto from = std::string("key");
    const auto to = std::string("kez");
    {
      auto cursor = database->scan(Patience::immediate, static_cast<Table>(table), from, to);
      cursor.seek(from);
    }
    auto cursor = database->scan(Patience::may_wait, static_cast<Table>(table), from, to);
    cursor.seek(from);
    int found = 0;
    for (; cursor.valid(); cursor.next()) ++found;
    EXPECT_TRUE(cursor.status());
    EXPECT_EQ(found, 5);
  }
}

/// What some queues have in a table, and should have.
class ErasedRows : public testing::TestWithParam<Table> {
 protected:
  ErasedRows() { reopen(); }

  /// Opens the database from its log, as it comes back after a kill: nothing was written into
  /// files.
  void reopen() {
    database_.reset();
    DatabaseOptions options;
    options.path = directory_.path() / "store";
    database_ = std::move(*Database::open(options));
  }

  void put(QueueNumber queue, MarkerNumber first, MarkerNumber end) {
    for (auto marker = first; marker < end; ++marker) {
      const auto value = std::to_string(++written_);
      Batch batch(*database_);
      batch.put(GetParam(), MarkerKey{queue, marker}, value);
      expected_[std::string(MarkerKey{queue, marker})] = value;
      ASSERT_TRUE(database_->write(Patience::may_wait, batch));
    }
  }

  void erase(std::string_view from, std::string_view to) {
    Batch batch(*database_);
    batch.erase_range(GetParam(), from, to);
    ASSERT_TRUE(database_->write(Patience::may_wait, batch));
    std::erase_if(expected_, [&](const auto& row) { return row.first >= from && row.first < to; });
  }

  /// In the midst of writes to a queue and its neighbours, erases from some key of the queue on.
  void erase_amid_writes(MarkerNumber start, std::string_view from) {
    for (int round = 0; round < 3; ++round) {
      for (QueueNumber queue = 1; queue <= 3; ++queue) put(queue, start, start + 100);
      erase(from, QueueKey{3});
      for (QueueNumber queue = 1; queue <= 3; ++queue) put(queue, start + 100, start + 200);
      erase(from, QueueKey{3});
      put(2, start + 200, start + 300);
    }
  }

  [[nodiscard]] std::map<std::string, std::string> content() const {
    std::map<std::string, std::string> found;
    auto cursor = database_->scan(Patience::may_wait, GetParam(), QueueKey{0}, QueueKey{1000});
    for (cursor.seek(QueueKey{0}); cursor.valid(); cursor.next()) {
      found.emplace(cursor.key(), cursor.value());
    }
    EXPECT_TRUE(cursor.status());
    return found;
  }

  void expect_the_rest() {
    EXPECT_EQ(content(), expected_);
    reopen();
    EXPECT_EQ(content(), expected_);
  }

  static constexpr MarkerNumber kStart = 5 * kBlockSize;

  const TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
  std::map<std::string, std::string> expected_;
  int written_ = 0;
};

TEST_P(ErasedRows, of_a_whole_queue_are_gone_and_no_others) {
  erase_amid_writes(kStart, QueueKey{2});
  expect_the_rest();
}

TEST_P(ErasedRows, from_the_start_of_a_block_on_are_gone_and_no_others) {
  erase_amid_writes(kStart - 50, MarkerKey{2, kStart});
  expect_the_rest();
}

TEST_P(ErasedRows, from_within_a_block_on_are_gone_and_no_others) {
  erase_amid_writes(kStart, MarkerKey{2, kStart + 50});
  expect_the_rest();
}

TEST_P(ErasedRows, of_no_range_at_all_are_none) {
  put(2, kStart, kStart + 100);
  erase(MarkerKey{2, kStart + 50}, MarkerKey{2, kStart + 50});
  erase(MarkerKey{2, kStart + 50}, MarkerKey{2, kStart + 40});
  expect_the_rest();
}

std::string name_of(const testing::TestParamInfo<Table>& tested) {
  if (tested.param == Table::messages) return "messages";
  return tested.param == Table::marks ? "marks" : "blocks";
}

INSTANTIATE_TEST_SUITE_P(TablesWithPlaces, ErasedRows,
                         testing::Values(Table::messages, Table::marks, Table::blocks), name_of);

}  // namespace

}  // namespace marconi::storage::embedded
