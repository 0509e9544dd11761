#include "storage/embedded/row_list.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/slice_transform.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace marconi::storage::embedded {
namespace {

using rocksdb::Slice;
using Rows = std::vector<std::pair<std::string, std::string>>;

/// Puts texts behind each other, so that every row of a key counts.
class Appending final : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const Slice&, const Slice* before, const Slice& text, std::string* both,
             rocksdb::Logger*) const override {
    *both = (before != nullptr ? before->ToString() : "") + text.ToString();
    return true;
  }
  const char* Name() const override { return "appending"; }
};

/// A database in memory that never writes its rows to a table.
class Rowful {
 public:
  explicit Rowful(std::shared_ptr<rocksdb::MemTableRepFactory> lists, bool keeps_places = false)
      : memory_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.env = memory_.get();
    options.write_buffer_size = 1u << 30;
    options.merge_operator = std::make_shared<Appending>();
    if (lists) options.memtable_factory = std::move(lists);
    if (keeps_places) {
      options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
    }
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, "/rows", &opened).ok());
    db_.reset(opened);
  }

  rocksdb::DB& operator*() const { return *db_; }
  rocksdb::DB* operator->() const { return db_.get(); }

  [[nodiscard]] std::string get(const std::string& key, const rocksdb::Snapshot* at) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    std::string value;
    const auto status = db_->Get(options, key, &value);
    return status.ok() ? "value " + value : status.ToString();
  }

  [[nodiscard]] std::unique_ptr<rocksdb::Iterator> iterator(
      const rocksdb::Snapshot* at = nullptr) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options));
  }

 private:
  std::unique_ptr<rocksdb::Env> memory_;
  std::unique_ptr<rocksdb::DB> db_;
};

Rows forwards(rocksdb::Iterator& at) {
  Rows rows;
  for (; at.Valid(); at.Next()) rows.emplace_back(at.key().ToString(), at.value().ToString());
  return rows;
}

Rows backwards(rocksdb::Iterator& at) {
  Rows rows;
  for (; at.Valid(); at.Prev()) rows.emplace_back(at.key().ToString(), at.value().ToString());
  return rows;
}

/// Keys that are easily put in the wrong order: none at all, beginnings of others, with zeros, with
/// bytes that are negative where characters have signs, and so long that their size takes two
/// bytes.
std::string any_key(std::mt19937_64& dice) {
  static constexpr std::string_view kBytes("\0\1a\x7f\x80\xff", 6);
  std::string key;
  const std::size_t size = dice() % 40 == 0 ? 110 + dice() % 30 : dice() % 5;
  for (std::size_t i = 0; i < size; ++i) key += kBytes[dice() % kBytes.size()];
  return key;
}

/// The same changes to a database with RocksDB's own lists and to one with ours.
class RowList : public testing::TestWithParam<bool> {
 protected:
  void change(std::mt19937_64& dice, int changes) {
    for (int i = 0; i < changes; ++i) {
      const std::string key = any_key(dice);
      const std::string value = std::to_string(i);
      const auto kind = dice() % 8;
      const std::string end = any_key(dice);
      for (const Rowful* each : {&theirs_, &ours_}) {
        rocksdb::WriteBatch batch;
        if (kind < 4) {
          batch.Put(key, value);
        } else if (kind < 6) {
          batch.Delete(key);
        } else if (kind == 6) {
          batch.Merge(key, value);
        } else {
          // As the store does, not from a key that has a place.
          batch.DeleteRange("", std::min(end, std::string("a")));
        }
        ASSERT_TRUE((*each)->Write({}, &batch).ok());
      }
      known_.push_back(key);
    }
  }

  void expect_the_same(const rocksdb::Snapshot* theirs, const rocksdb::Snapshot* ours) {
    for (const std::string& key : known_) {
      EXPECT_EQ(ours_.get(key, ours), theirs_.get(key, theirs)) << testing::PrintToString(key);
    }
    const auto there = theirs_.iterator(theirs);
    const auto here = ours_.iterator(ours);
    there->SeekToFirst();
    here->SeekToFirst();
    EXPECT_EQ(forwards(*here), forwards(*there));
    there->SeekToLast();
    here->SeekToLast();
    EXPECT_EQ(backwards(*here), backwards(*there));
    for (const std::string& key : known_) {
      there->Seek(key);
      here->Seek(key);
      expect_same_row(*there, *here);
      there->SeekForPrev(key);
      here->SeekForPrev(key);
      expect_same_row(*there, *here);
    }
  }

  static void expect_same_row(const rocksdb::Iterator& there, const rocksdb::Iterator& here) {
    ASSERT_EQ(here.Valid(), there.Valid());
    if (here.Valid()) EXPECT_EQ(here.key().ToString(), there.key().ToString());
  }

  const Rowful theirs_{nullptr};
  const Rowful ours_{row_lists(), GetParam()};
  std::vector<std::string> known_;
};

TEST_P(RowList, is_read_like_RocksDBs_own) {
  std::mt19937_64 dice(7);
  expect_the_same(nullptr, nullptr);
  change(dice, 400);
  const auto* theirs = theirs_->GetSnapshot();
  const auto* ours = ours_->GetSnapshot();
  change(dice, 1600);
  expect_the_same(nullptr, nullptr);
  expect_the_same(theirs, ours);
  theirs_->ReleaseSnapshot(theirs);
  ours_->ReleaseSnapshot(ours);
  ASSERT_TRUE(ours_->Flush({}).ok());
  ASSERT_TRUE(theirs_->Flush({}).ok());
  expect_the_same(nullptr, nullptr);
}

INSTANTIATE_TEST_SUITE_P(WithoutAndWithPlaces, RowList, testing::Bool());

/// Four threads' rows, in an order of their own each.
class RowListOfMany : public testing::TestWithParam<bool> {
 protected:
  static constexpr int kWriters = 4;
  static constexpr int kRows = 3000;

  static std::string key(int writer, int row) {
    std::string digits = std::to_string(row);
    return std::string(5 - digits.size(), '0') + digits + static_cast<char>('a' + writer);
  }

  /// Writes one row after the other; sees each at once.
  void write(int writer) {
    std::vector<int> order(kRows);
    for (int i = 0; i < kRows; ++i) order[i] = i;
    if (writer % 2 == 1) std::ranges::shuffle(order, std::mt19937_64(writer));
    for (const int row : order) {
      EXPECT_TRUE(rows_->Put({}, key(writer, row), "v").ok());
      EXPECT_EQ(rows_.get(key(writer, row), nullptr), "value v");
    }
  }

  /// Reads all rows again and again: in order, each once, and never fewer than before.
  void read(const std::atomic<bool>& done) {
    for (std::size_t before = 0; !done;) {
      const auto at = rows_.iterator();
      at->SeekToFirst();
      const Rows rows = forwards(*at);
      EXPECT_EQ(std::ranges::adjacent_find(rows, std::ranges::greater_equal()), rows.end());
      EXPECT_GE(rows.size(), before);
      before = rows.size();
    }
  }

  const Rowful rows_{row_lists(), GetParam()};
};

TEST_P(RowListOfMany, keeps_all_rows_in_order) {
  std::atomic<bool> done{false};
  std::thread reader([&] { read(done); });
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([this, writer] { write(writer); });
  }
  for (std::thread& each : writers) each.join();
  done = true;
  reader.join();
  const auto at = rows_.iterator();
  at->SeekToFirst();
  for (int row = 0; row < kRows; ++row) {
    for (int writer = 0; writer < kWriters; ++writer, at->Next()) {
      ASSERT_TRUE(at->Valid());
      ASSERT_EQ(at->key().ToString(), key(writer, row));
    }
  }
  EXPECT_FALSE(at->Valid());
}

INSTANTIATE_TEST_SUITE_P(WithoutAndWithPlaces, RowListOfMany, testing::Bool());

}  // namespace
}  // namespace marconi::storage::embedded
