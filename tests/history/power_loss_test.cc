#include "history/power_loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace marconi::history {
namespace {

namespace fs = std::filesystem;
using testing::StartsWith;

/// Plays the library: changes files and writes the journal's lines.
class PowerLossTest : public testing::Test {
 protected:
  PowerLossTest() : power_((fs::create_directories(store()), store()), root_ / "power") {}
  ~PowerLossTest() override { fs::remove_all(root_); }

  [[nodiscard]] fs::path store() const { return root_ / "data"; }

  void append(const std::string& name, const std::string& bytes) const {
    std::ofstream(store() / name, std::ios::app) << bytes;
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream file(store() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(store() / name); }
  [[nodiscard]] std::string inode(const std::string& name) const {
    struct stat file{};
    ::stat((store() / name).c_str(), &file);
    return std::to_string(file.st_ino);
  }

  void note(const std::string& line) const {
    std::ofstream(power_.journal(), std::ios::app) << line << '\n';
  }
  void create(const std::string& name) const {
    append(name, "");
    note("created " + inode(name) + " " + (store() / name).string());
  }
  void sync(const std::string& name) const {
    note("synced " + inode(name) + " " + std::to_string(fs::file_size(store() / name)) + " " +
         std::to_string(journal_size()));
  }
  [[nodiscard]] std::uintmax_t journal_size() const { return fs::file_size(power_.journal()); }
  void overwrite(const std::string& name, std::size_t offset, const std::string& bytes) const {
    const auto kept = power_.removed() / "overwritten";
    const auto place = fs::exists(kept) ? fs::file_size(kept) : 0;
    std::ofstream(kept, std::ios::app) << content(name).substr(offset, bytes.size());
    std::fstream file(store() / name, std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
    note("overwritten " + inode(name) + " " + std::to_string(offset) + " " +
         std::to_string(bytes.size()) + " " + std::to_string(place));
  }
  void sync_names() const {
    note("names-synced " + std::to_string(fs::file_size(power_.journal())) + " " +
         store().string());
  }
  void rename(const std::string& from, const std::string& to, const std::string& spare) const {
    if (spare != "0") fs::create_hard_link(store() / to, power_.removed() / spare);
    note("renaming " + inode(from) + " " + spare + " " + (store() / from).string() + "\t" +
         (store() / to).string());
    fs::rename(store() / from, store() / to);
  }
  void remove(const std::string& name, const std::string& spare) const {
    fs::create_hard_link(store() / name, power_.removed() / spare);
    note("removing " + inode(name) + " " + spare + " " + (store() / name).string());
    fs::remove(store() / name);
  }
  void create_safely(const std::string& name, const std::string& bytes) const {
    create(name);
    append(name, bytes);
    sync(name);
    sync_names();
  }

  Losses strike(PowerLoss::Kind kind = PowerLoss::Kind::everything) {
    const auto losses = power_.strike(kind, dice_);
    EXPECT_TRUE(losses) << losses.error();
    return losses.value_or(Losses{});
  }

  static fs::path make_root() {
    std::string name = fs::canonical(fs::temp_directory_path()) / "power-loss-XXXXXX";
    return ::mkdtemp(name.data());
  }

  fs::path root_ = make_root();
  PowerLoss power_;
  std::mt19937_64 dice_{1};
};

TEST_F(PowerLossTest, what_was_synced_survives_and_the_rest_does_not) {
  create_safely("a", "safe");
  append("a", "lost");
  EXPECT_EQ(strike().bytes, 4U);
  EXPECT_EQ(content("a"), "safe");
}

TEST_F(PowerLossTest, a_file_whose_name_was_not_synced_is_gone) {
  create("a");
  append("a", "safe");
  sync("a");
  EXPECT_EQ(strike().names, 1U);
  EXPECT_FALSE(exists("a"));
}

TEST_F(PowerLossTest, a_name_made_while_the_directory_was_synced_is_not_safe) {
  const auto before = fs::file_size(power_.journal());
  create("a");
  note("names-synced " + std::to_string(before) + " " + store().string());
  strike();
  EXPECT_FALSE(exists("a"));
}

TEST_F(PowerLossTest, what_is_there_at_the_beginning_is_safe) {
  append("a", "safe");
  power_.begin();
  append("a", "lost");
  strike();
  EXPECT_EQ(content("a"), "safe");
}

TEST_F(PowerLossTest, a_sync_after_a_failed_one_does_not_bring_back_what_that_lost) {
  create_safely("a", "safe");
  append("a", "lost");
  note("spoiled " + inode("a"));
  sync("a");
  strike();
  EXPECT_EQ(content("a"), "safe");
}

TEST_F(PowerLossTest, an_unsafe_renaming_is_undone_with_what_it_overwrote) {
  create_safely("CURRENT", "old");
  create_safely("new", "new");
  rename("new", "CURRENT", "7");
  EXPECT_EQ(strike().names, 1U);
  EXPECT_EQ(content("CURRENT"), "old");
  EXPECT_EQ(content("new"), "new");
}

TEST_F(PowerLossTest, a_renaming_that_was_noted_but_not_done_changes_nothing) {
  create_safely("CURRENT", "old");
  create_safely("new", "new");
  note("renaming " + inode("new") + " 0 " + (store() / "new").string() + "\t" +
       (store() / "CURRENT").string());
  strike();
  EXPECT_EQ(content("CURRENT"), "old");
  EXPECT_EQ(content("new"), "new");
}

TEST_F(PowerLossTest, an_unsafe_removal_is_undone_and_a_safe_one_is_not) {
  create_safely("a", "a");
  create_safely("b", "b");
  remove("a", "1");
  sync_names();
  remove("b", "2");
  strike();
  EXPECT_FALSE(exists("a"));
  EXPECT_EQ(content("b"), "b");
}

TEST_F(PowerLossTest, a_torn_file_begins_with_what_was_synced) {
  bool torn = false;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "a" + std::to_string(i);
    create_safely(name, "safe");
    append(name, std::string(10'000, 'x'));
    const Losses losses = strike(PowerLoss::Kind::torn);
    EXPECT_THAT(content(name), StartsWith("safe"));
    torn = torn || losses.torn > 0;
  }
  EXPECT_TRUE(torn);
}

TEST_F(PowerLossTest, what_was_overwritten_and_not_synced_is_there_again) {
  create_safely("a", "0000000000");
  overwrite("a", 0, "111");
  sync("a");
  overwrite("a", 2, "2222");
  overwrite("a", 4, "333");
  EXPECT_EQ(strike().bytes, 7U);
  EXPECT_EQ(content("a"), "1110000000");
}

TEST_F(PowerLossTest, what_was_overwritten_while_the_file_was_synced_is_not_safe) {
  create_safely("a", "0000");
  const auto before = journal_size();
  overwrite("a", 0, "11");
  note("synced " + inode("a") + " 4 " + std::to_string(before));
  strike();
  EXPECT_EQ(content("a"), "0000");
}

TEST_F(PowerLossTest, a_failed_sync_loses_what_was_overwritten_too) {
  create_safely("a", "0000");
  overwrite("a", 0, "11");
  note("spoiled " + inode("a"));
  sync("a");
  strike();
  EXPECT_EQ(content("a"), "0000");
}

TEST_F(PowerLossTest, bytes_written_over_an_unsafe_end_go_with_it) {
  create_safely("a", "safe");
  append("a", "0000");
  overwrite("a", 4, "11");
  strike();
  EXPECT_EQ(content("a"), "safe");
}

TEST_F(PowerLossTest, a_shortened_file_does_not_grow_by_what_was_overwritten) {
  create_safely("a", "00000000");
  overwrite("a", 2, "1111");
  fs::resize_file(store() / "a", 4);
  note("shortened " + inode("a") + " 4");
  strike();
  EXPECT_EQ(content("a"), "0000");
}

TEST_F(PowerLossTest, of_overwritten_bytes_any_pieces_survive_and_some_are_torn) {
  bool hole = false;
  bool torn = false;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "a" + std::to_string(i);
    create_safely(name, std::string(8192, '0'));
    overwrite(name, 1000, std::string(300, '1'));
    sync(name);
    overwrite(name, 1300, std::string(6000, '1'));
    strike(PowerLoss::Kind::torn);
    const std::string found = content(name);
    EXPECT_EQ(found.substr(0, 1300), std::string(1000, '0') + std::string(300, '1'));
    EXPECT_EQ(found.substr(7300), std::string(892, '0'));
    const auto written = found.substr(1300, 6000);
    const auto gap = written.find('0');
    hole = hole || (gap != std::string::npos && written.find('1', gap) != std::string::npos);
    for (std::size_t at = 1536; at + 512 <= 7300; at += 512) {
      const auto piece = found.substr(at, 512);
      torn = torn || (piece.front() == '1' && piece.back() == '0');
    }
  }
  EXPECT_TRUE(hole);
  EXPECT_TRUE(torn);
}

TEST_F(PowerLossTest, each_loss_begins_anew) {
  create_safely("a", "safe");
  strike();
  append("a", "lost");
  strike();
  EXPECT_EQ(content("a"), "safe");
}

TEST_F(PowerLossTest, files_changed_in_the_middle_are_refused) {
  create_safely("a", "safe");
  note("rewritten " + inode("a"));
  EXPECT_FALSE(power_.strike(PowerLoss::Kind::everything, dice_));
}

}  // namespace
}  // namespace marconi::history
