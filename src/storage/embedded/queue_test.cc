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
                           [&](StoredMessage&&) { return ++found > 0; }));
    return found;
  }

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
    Batch batch;
    QueueChange change(*queue, batch, kNow);
    for (MarkerNumber i = 0; i <= kBlockSize; ++i) {
      message.expiry = i == 0 ? kNow + 100 : kNow + 1;
      change.append(message);
    }
    write(change, batch);
  }
  {
    Batch batch;
    QueueChange change(*queue, batch, kNow);
    auto first = queue->read(*database_, Patience::may_wait, kBlockSize, Part::whole).value();
    change.mark(*first, {.claim = 1, .claim_end = kNow + 50});
    write(change, batch);
  }
  EXPECT_EQ(count_free(*queue, kNow), kBlockSize);
  EXPECT_EQ(count_free(*queue, kNow + 1), 0u);  // the claimed one is all that is left
  {
    Batch batch;
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

}  // namespace

}  // namespace marconi::storage::embedded
