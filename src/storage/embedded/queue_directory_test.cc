#include "storage/embedded/queue_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;

constexpr UtcSeconds kNow = 1'900'000'000;
constexpr std::size_t kShards = 64;
constexpr std::size_t kCacheBytes = kShards * 15'000;
/// So long that a queue is no longer kept because it was used just now.
constexpr std::chrono::milliseconds kWhile(1001);
constexpr std::chrono::milliseconds kMoment(1);

class QueueDirectoryTest : public testing::Test {
 protected:
  QueueDirectoryTest() {
    DatabaseOptions options;
    options.path = directory_.path() / "store";
    database_ = std::move(*Database::open(options));
    committer_ = std::make_unique<Committer>(
        *SyncMode::from("never"), [this] { return database_->sync(); }, [](const auto&) {});
    journal_ = std::make_unique<Journal>(*database_, *committer_);
    forget_all();
  }

  void forget_all() {
    queues_ = std::make_unique<QueueDirectory>(*journal_, Floors{}, kCacheBytes, clock_);
  }

  static domain::QueueAddress address(int number) {
    return {domain::ProjectId("p"), *domain::QueueName::from("q" + std::to_string(number))};
  }

  /// Finds the queue a while later, made if missing, and posts messages that end in as many
  /// seconds.
  void post(int number, int seconds) {
    clock_.advance(kWhile);
    const auto queue = queues_
                           ->create(Patience::may_wait, address(number),
                                    std::make_shared<const domain::QueueMetadata>())
                           .value()
                           .queue;
    const std::scoped_lock lock(queue->mutex);
    ASSERT_TRUE(load(*queue));
    Batch batch(*database_);
    QueueChange change(*queue, batch, kNow);
    for (int i = 1; i <= seconds; ++i) {
      change.append({.expiry = kNow + i, .client = "tsomebody", .body = "1"});
    }
    change.finish();
    change.written(journal_->commit(Patience::may_wait, batch).value());
    remember(queue);
  }

  /// Finds the queue a while later and loads it. Whether it was in memory.
  bool look_at(int number, std::chrono::milliseconds later = kWhile) {
    clock_.advance(later);
    const auto queue = queues_->find(Patience::may_wait, address(number)).value();
    const std::scoped_lock lock(queue->mutex);
    const bool was_loaded = queue->is_loaded();
    EXPECT_TRUE(load(*queue));
    remember(queue);
    return was_loaded;
  }

  [[nodiscard]] bool load(Queue& queue) const {
    return queue.is_loaded() || queue.load(*database_, Patience::may_wait, kNow, 0, 0);
  }

  void remember(const SharedQueue& queue) {
    seen_.push_back(queue);
    largest_ = std::max(largest_, queue->memory());
  }

  /// The memory of all queues that are still there.
  [[nodiscard]] std::size_t memory() {
    std::vector<SharedQueue> there;
    for (const auto& seen : seen_) {
      if (auto queue = seen.lock()) there.push_back(std::move(queue));
    }
    std::ranges::sort(there);
    const auto repeated = std::ranges::unique(there);
    there.erase(repeated.begin(), repeated.end());
    std::size_t sum = 0;
    for (const auto& queue : there) sum += queue->memory();
    return sum;
  }

  /// What it may be: what the last user added is taken care of by the next.
  [[nodiscard]] std::size_t most_memory() const { return kCacheBytes + 2 * largest_; }

  base::ManualClock clock_{kNow * 1000};
  const TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<QueueDirectory> queues_;
  std::vector<std::weak_ptr<Queue>> seen_;
  std::size_t largest_ = 0;
};

TEST_F(QueueDirectoryTest, the_bound_holds_while_known_queues_grow) {
  constexpr int kQueues = 400;
  for (int i = 0; i < kQueues; ++i) post(i, 0);
  EXPECT_LT(memory(), kCacheBytes);
  for (int i = 0; i < kQueues; ++i) post(i, 100);
  EXPECT_LT(memory(), most_memory());
}

TEST_F(QueueDirectoryTest, the_bound_holds_while_queues_are_loaded_once_and_left) {
  constexpr int kQueues = 400;
  for (int i = 0; i < kQueues; ++i) post(i, 100);
  forget_all();
  for (int i = 0; i < kQueues; ++i) look_at(i);
  EXPECT_LT(memory(), most_memory());
}

TEST_F(QueueDirectoryTest, a_queue_with_much_to_know_stays_among_many_while_there_is_memory) {
  constexpr int kSmall = 4 * static_cast<int>(kShards);  // some in the shard of the large one
  post(0, 3000);
  for (int i = 1; i < kSmall; ++i) post(i, 0);
  ASSERT_GT(largest_, 4 * kCacheBytes / kShards);
  ASSERT_LT(memory(), kCacheBytes);
  for (int i = 1; i < kSmall; ++i) {
    EXPECT_TRUE(look_at(0)) << i;
    EXPECT_TRUE(look_at(i)) << i;
  }
}

TEST_F(QueueDirectoryTest, what_is_used_all_the_time_stays_although_it_is_more_than_should_be) {
  constexpr int kLarge = 6;
  for (int i = 0; i < kLarge; ++i) post(i, 3000);
  for (int i = 0; i < kLarge; ++i) look_at(i, kMoment);
  ASSERT_GT(memory(), kCacheBytes);
  for (int n = 0; n < 100; ++n) EXPECT_TRUE(look_at(n % kLarge, kMoment)) << n;
}

TEST_F(QueueDirectoryTest, what_is_looked_at_once_each_takes_twice_the_memory_at_most) {
  constexpr int kQueues = 400;
  for (int i = 0; i < kQueues; ++i) post(i, 100);
  forget_all();
  for (int i = 0; i < kQueues; ++i) {
    look_at(i, std::chrono::milliseconds(0));
    ASSERT_LT(memory(), 2 * kCacheBytes + 2 * largest_);
  }
  EXPECT_GT(memory(), kCacheBytes);
}

}  // namespace

}  // namespace marconi::storage::embedded
