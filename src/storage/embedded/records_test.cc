#include "storage/embedded/records.h"

#include <gtest/gtest.h>

namespace marconi::storage::embedded {

namespace {

using namespace std::string_view_literals;

// As written before there were memos.
constexpr auto kWithoutClient =
    "\x05\0\0\0\x02\0\0\0\x07\0\0\0\x10\x27\0\0\0\0\0\0\x20\x4e\0\0\0\0\0\0"sv;
constexpr auto kClient = "0123456789abcdef"sv;

BlockRecord record() {
  BlockRecord record;
  record.live = 5;
  record.marked = 2;
  record.used = 7;
  record.latest_expiry = 10'000;
  record.sweep_at = 20'000;
  return record;
}

void expect_equal(const std::optional<BlockRecord>& read, const BlockRecord& wanted) {
  ASSERT_TRUE(read);
  EXPECT_EQ(read->live, wanted.live);
  EXPECT_EQ(read->marked, wanted.marked);
  EXPECT_EQ(read->used, wanted.used);
  EXPECT_EQ(read->latest_expiry, wanted.latest_expiry);
  EXPECT_EQ(read->sweep_at, wanted.sweep_at);
  EXPECT_EQ(read->sole_client, wanted.sole_client);
  EXPECT_EQ(read->unclaimed, wanted.unclaimed);
  EXPECT_EQ(read->claimable, wanted.claimable);
  EXPECT_EQ(read->learned_from, wanted.learned_from);
}

TEST(QueueRecord, of_format_1_has_no_state) {
  constexpr auto kBytes = "\x07\0\0\0\0\0\0\0\x02\0\0\0{}"sv;
  const auto read = QueueRecord::decode(kBytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->number, 7u);
  EXPECT_EQ(read->metadata_json, "{}");
  EXPECT_FALSE(read->state);
}

TEST(QueueRecord, is_whole_or_damaged) {
  constexpr auto kBytes =
      "\x07\0\0\0\0\0\0\0\x02\0\0\0{}"
      "\0\x08\0\0\0\0\0\0\x01\x04\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"sv;
  const auto read = QueueRecord::decode(kBytes);
  ASSERT_TRUE(read && read->state);
  EXPECT_EQ(read->state->tail_start, 2048u);
  EXPECT_EQ(read->state->claim_ceiling, 1025u);
  EXPECT_EQ(read->state->first_block, 1u);
  EXPECT_EQ(read->encode(), kBytes);
  EXPECT_FALSE(QueueRecord::decode(kBytes.substr(0, kBytes.size() - 1)));
}

TEST(BlockRecord, is_read_and_written_without_memos_as_ever) {
  auto wanted = record();
  expect_equal(BlockRecord::decode(kWithoutClient), wanted);
  EXPECT_EQ(wanted.encode(), kWithoutClient);
  wanted.sole_client = client_uuid("u" + std::string(kClient));
  const auto bytes = std::string(kWithoutClient) + std::string(kClient);
  expect_equal(BlockRecord::decode(bytes), wanted);
  EXPECT_EQ(wanted.encode(), bytes);
}

TEST(BlockRecord, keeps_memos_with_and_without_a_client) {
  auto wanted = record();
  wanted.claimable = {7, 30'000};
  wanted.learned_from = 9'000;
  expect_equal(BlockRecord::decode(wanted.encode()), wanted);
  wanted.unclaimed = {6, kNever};
  wanted.sole_client = client_uuid("u" + std::string(kClient));
  expect_equal(BlockRecord::decode(wanted.encode()), wanted);
}

TEST(BlockRecord, with_memos_is_not_taken_for_one_with_a_client_by_programs_without_memos) {
  auto written = record();
  written.claimable = {7, 30'000};
  written.learned_from = 9'000;
  // They take a rest of exactly a client's size for one.
  EXPECT_NE(written.encode().size(), kWithoutClient.size() + kClient.size());
  written.sole_client = client_uuid("u" + std::string(kClient));
  EXPECT_NE(written.encode().size(), kWithoutClient.size() + kClient.size());
}

}  // namespace

}  // namespace marconi::storage::embedded
