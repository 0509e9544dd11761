#include "storage/embedded/queue.h"

#include <gtest/gtest.h>

#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::CommitTicket;
using base::Patience;

constexpr UtcSeconds kNow = 1'900'000'000;

class QueueTest : public testing::Test {
 protected:
  QueueTest() {
    DatabaseOptions options;
    options.path = directory_.path() / "store";
    database_ = std::move(*Database::open(options));
  }

  static std::unique_ptr<Queue> new_queue() {
    return std::make_unique<Queue>(
        1, domain::QueueAddress{domain::ProjectId("p"), *domain::QueueName::from("q")},
        std::make_shared<const domain::QueueMetadata>());
  }

  void write(QueueChange& change, Batch& batch) {
    change.finish();
    ASSERT_TRUE(database_->write(Patience::may_wait, batch));
    change.written(CommitTicket{});
  }

  std::size_t count_free(Queue& queue, UtcSeconds now) {
    std::size_t found = 0;
    CommitTicket rests_on;
    const Wanted free{.now = now, .skip_claimed = true, .skip_delayed = true, .hidden_client = {}};
    EXPECT_TRUE(queue.scan(*database_, Patience::may_wait, 0, queue.next_marker(), free, rests_on,
                           [&](StoredMessage&&, std::string_view) { return ++found > 0; }));
    return found;
  }

  /// A block of messages of two clients by turns, of which one client's expire at kNow + 1, and the
  /// first message of the next block.
  std::unique_ptr<Queue> two_posters() {
    auto queue = new_queue();
    queue->start(kBlockSize, 1);
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow);
    for (MarkerNumber i = 0; i <= kBlockSize; ++i) {
      const bool lasts = i % 2 == 0;
      change.append({.expiry = lasts ? kNow + 100 : kNow + 1,
                     .client = lasts ? kLasting : kPassing,
                     .body = "1"});
    }
    write(change, batch);
    return queue;
  }

  std::size_t count_hiding_lasting(Queue& queue, UtcSeconds now) {
    std::size_t found = 0;
    CommitTicket rests_on;
    const Wanted others{.now = now, .hidden_client = client_uuid(kLasting)};
    EXPECT_TRUE(queue.scan(*database_, Patience::may_wait, 0, queue.next_marker(), others, rests_on,
                           [&](StoredMessage&&, std::string_view) { return ++found > 0; }));
    return found;
  }

  static constexpr std::string_view kLasting = "uaaaaaaaaaaaaaaaa";
  static constexpr std::string_view kPassing = "ubbbbbbbbbbbbbbbb";

  const TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(QueueTest, what_a_scan_knew_does_not_hold_at_times_before_it) {
  const auto queue = new_queue();
  queue->start(kBlockSize, 1);
  MessageRecord message;
  message.created = kNow * 1000;
  message.client = "tsomebody";
  message.body = "1";
  {
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow);
    for (MarkerNumber i = 0; i <= kBlockSize; ++i) {
      message.expiry = i == 0 ? kNow + 100 : kNow + 1;
      change.append(message);
    }
    write(change, batch);
  }
  {
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow);
    auto first = queue->read(*database_, Patience::may_wait, kBlockSize, Part::whole).value();
    change.mark(*first, {.claim = 1, .claim_end = kNow + 50});
    write(change, batch);
  }
  EXPECT_EQ(count_free(*queue, kNow), kBlockSize);
  EXPECT_EQ(count_free(*queue, kNow + 1), 0u);  // the claimed one is all that is left
  {
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow + 1);
    change.append(message);
    write(change, batch);
  }
  const auto later = new_queue();
  ASSERT_TRUE(later->load(*database_, Patience::may_wait, kNow + 1, 0, 0));
  EXPECT_EQ(later->block_holding(kBlockSize)->record.claimable.position, kBlockSize);
  const auto earlier = new_queue();
  ASSERT_TRUE(earlier->load(*database_, Patience::may_wait, kNow, 0, 0));
  EXPECT_EQ(count_free(*earlier, kNow), kBlockSize + 1);
}

/// A claim that moves dead letters lets go of its queue for a moment, and then goes on by the time
/// at which it began.
TEST_F(QueueTest, what_a_scan_knew_does_not_hold_before_it_though_an_earlier_change_writes_it) {
  const auto queue = two_posters();
  {
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow);
    for (MarkerNumber i = 0; i < kBlockSize; i += 2) {
      auto held =
          queue->read(*database_, Patience::may_wait, kBlockSize + i, Part::numbers).value();
      change.mark(*held, {.claim = 1, .claim_end = kNow + 50});
    }
    write(change, batch);
  }
  {
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow);
    EXPECT_EQ(count_free(*queue, kNow + 1), 1U);
    change.append({.expiry = kNow + 100, .client = kLasting, .body = "1"});
    write(change, batch);
  }
  const auto earlier = new_queue();
  ASSERT_TRUE(earlier->load(*database_, Patience::may_wait, kNow, 0, 0));
  EXPECT_EQ(count_free(*earlier, kNow), kBlockSize / 2 + 2);
}

TEST_F(QueueTest, that_one_client_is_left_does_not_hold_at_times_before_it_was_seen) {
  const auto queue = two_posters();
  EXPECT_EQ(count_hiding_lasting(*queue, kNow), kBlockSize / 2);
  EXPECT_EQ(count_hiding_lasting(*queue, kNow + 1), 0U);
  {
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow + 1);
    auto first = queue->read(*database_, Patience::may_wait, kBlockSize, Part::numbers).value();
    change.mark(*first, {.claim = 1, .claim_end = kNow + 50});
    write(change, batch);
  }
  const auto later = new_queue();
  ASSERT_TRUE(later->load(*database_, Patience::may_wait, kNow + 1, 0, 0));
  EXPECT_EQ(later->block_holding(kBlockSize)->record.sole_client, client_uuid(kLasting));
  const auto earlier = new_queue();
  ASSERT_TRUE(earlier->load(*database_, Patience::may_wait, kNow, 0, 0));
  EXPECT_EQ(count_hiding_lasting(*earlier, kNow), kBlockSize / 2);
}

TEST(ClaimedMessages, are_remembered_without_their_texts_and_not_without_end) {
  constexpr MarkerNumber kMany = 10'000;
  ClaimedMessages claimed;
  StoredMessage message;
  message.record.expiry = kNow;
  message.record.body = "1";
  message.mark = MarkRecord{.claim = 7};
  for (message.marker = 1; message.marker <= kMany; ++message.marker) claimed.put(message);
  EXPECT_LT(claimed.memory(), 1u << 20);
  EXPECT_EQ(claimed.find(1), nullptr);
  const auto* const last = claimed.find(kMany);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->expiry(), kNow);
  EXPECT_EQ(last->mark->claim, 7u);
  EXPECT_EQ(last->record.body, "");
  claimed.erase(kMany);
  EXPECT_EQ(claimed.find(kMany), nullptr);
}

TEST(ClaimedMessages, that_were_claimed_last_are_kept_wherever_they_are_in_the_queue) {
  constexpr MarkerNumber kMany = 10'000;
  constexpr MarkerNumber kAgain = 100;
  ClaimedMessages claimed;
  StoredMessage message;
  message.mark = MarkRecord{.claim = 1};
  for (message.marker = 1; message.marker <= kMany; ++message.marker) claimed.put(message);
  // Their workers have died; others begin at the front.
  message.mark = MarkRecord{.claim = 2};
  for (message.marker = 1; message.marker <= kAgain; ++message.marker) claimed.put(message);
  for (MarkerNumber marker = 1; marker <= kAgain; ++marker) {
    EXPECT_NE(claimed.find(marker), nullptr) << marker;
  }
  // One that is claimed again counts from then on.
  message.marker = 1;
  claimed.put(message);
  for (message.marker = kMany + 1; claimed.find(2) != nullptr; ++message.marker) {
    ASSERT_LE(message.marker, 2 * kMany);
    claimed.put(message);
  }
  EXPECT_NE(claimed.find(1), nullptr);
}

}  // namespace

}  // namespace marconi::storage::embedded
