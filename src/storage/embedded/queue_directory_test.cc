#include "storage/embedded/queue_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
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

class QueueDirectoryTest : public testing::Test {
 protected:
  QueueDirectoryTest() {
    DatabaseOptions options;
    options.path = directory_.path() / "store";
    database_ = std::move(*Database::open(options));
    committer_ = std::make_unique<Committer>(
        *SyncMode::from("never"), [this] { return database_->sync(); }, [](const auto&) {});
    journal_ = std::make_unique<Journal>(*database_, *committer_);
    queues_ = std::make_unique<QueueDirectory>(*journal_, Floors{}, kCacheBytes);
  }

  static domain::QueueAddress address(int number) {
    return {domain::ProjectId("p"), *domain::QueueName::from("q" + std::to_string(number))};
  }

  /// Finds the queue, made if missing, and posts messages that end in as many seconds.
  void post(int number, int seconds) {
    const auto queue = queues_
                           ->create(Patience::may_wait, address(number),
                                    std::make_shared<const domain::QueueMetadata>())
                           .value()
                           .queue;
    const std::scoped_lock lock(queue->mutex);
    ASSERT_TRUE(load(*queue));
    Batch batch;
    QueueChange change(*queue, batch, kNow);
    for (int i = 1; i <= seconds; ++i) {
      change.append({.expiry = kNow + i, .client = "tsomebody", .body = "1"});
    }
    change.finish();
    change.written(journal_->commit(Patience::may_wait, batch).value());
    remember(queue);
  }

  /// Finds the queue and loads it.
  void look_at(int number) {
    const auto queue = queues_->find(Patience::may_wait, address(number)).value();
    const std::scoped_lock lock(queue->mutex);
    ASSERT_TRUE(load(*queue));
    remember(queue);
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

  /// What it may be: what the last user of each shard added is taken care of by the next.
  [[nodiscard]] std::size_t most_memory() const { return kCacheBytes + kShards * largest_; }

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
  queues_ = std::make_unique<QueueDirectory>(*journal_, Floors{}, kCacheBytes);
  for (int i = 0; i < kQueues; ++i) look_at(i);
  EXPECT_LT(memory(), most_memory());
}

}  // namespace

}  // namespace marconi::storage::embedded
