#include "storage/embedded/database.h"

#include <gtest/gtest.h>

#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;

std::string key(int number) { return "key " + std::to_string(number); }

/// Erases the first ten keys and puts some again, in every table.
void change_all_tables(Database& database) {
  for (std::size_t table = 0; table < kTableCount; ++table) {
    Batch batch;
    batch.erase_range(static_cast<Table>(table), key(0), key(9));
    for (int number = 0; number < 5; ++number) {
      batch.put(static_cast<Table>(table), key(number), std::string(8, 'v'));
    }
    EXPECT_TRUE(database.write(Patience::may_wait, batch));
  }
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

}  // namespace

}  // namespace marconi::storage::embedded
