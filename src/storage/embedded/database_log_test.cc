#include "storage/embedded/database_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DatabaseLog, keeps_warnings_and_errors_with_their_time) {
  const TemporaryDirectory directory;
  DatabaseLog log(directory.path());
  rocksdb::Info(&log, "all is well");
  rocksdb::Warn(&log, "slow by %d ms", 7);
  rocksdb::Error(&log, "no room");
  const auto text = content(directory.path() / "LOG");
  EXPECT_EQ(text.find("all is well"), std::string::npos);
  EXPECT_NE(text.find("Z [WARN] slow by 7 ms\n20"), std::string::npos);
  EXPECT_TRUE(text.ends_with("[ERROR] no room\n"));
}

TEST(DatabaseLog, drops_what_a_full_disk_does_not_take) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink("/dev/full", directory.path() / "LOG");
  DatabaseLog log(directory.path());
  rocksdb::Error(&log, "no room");
  rocksdb::Error(&log, "still no room");
}

TEST(DatabaseLog, starts_a_new_file_when_one_is_large) {
  const TemporaryDirectory directory;
  DatabaseLog log(directory.path());
  for (int i = 0; i < 5; ++i) rocksdb::Error(&log, "%s", std::string(1 << 20, 'x').c_str());
  EXPECT_GE(std::filesystem::file_size(directory.path() / "LOG.old"), 4u << 20);
  EXPECT_LT(std::filesystem::file_size(directory.path() / "LOG"), 4u << 20);
}

}  // namespace

}  // namespace marconi::storage::embedded
