// What others notice of a pass while it runs.
#include "storage/embedded/sweeper.h"

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/embedded/claim_store.h"
#include "storage/embedded/log_disk.h"
#include "storage/embedded/message_store.h"
#include "storage/embedded/queue_store.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;
using namespace std::chrono_literals;

/// A disk that tells, on the threads that do it, of what the test's own thread reads and writes.
class WatchedDisk final : public LogDisk {
 public:
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override {
    auto status = FileSystemWrapper::NewRandomAccessFile(name, options, file, context);
    if (status.ok()) *file = std::make_unique<Rows>(std::move(*file), *this);
    return status;
  }

  std::function<void()> on_read;
  std::function<void(std::size_t size)> on_write;  ///< to the log, zeros ahead of it left out

 private:
  class Log final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Log(std::unique_ptr<rocksdb::FSWritableFile> file, const WatchedDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
      const bool is_zero = std::all_of(data.data(), data.data() + data.size(),
                                       [](char byte) { return byte == '\0'; });
      if (!is_zero && disk_.is_own_thread() && disk_.on_write) disk_.on_write(data.size());
      return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
    }

   private:
    const WatchedDisk& disk_;
  };

  class Rows final : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    Rows(std::unique_ptr<rocksdb::FSRandomAccessFile> file, const WatchedDisk& disk)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), disk_(disk) {}

    rocksdb::IOStatus Read(std::uint64_t offset, std::size_t size,
                           const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* context) const override {
      if (disk_.is_own_thread() && disk_.on_read) disk_.on_read();
      return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, context);
    }

   private:
    const WatchedDisk& disk_;
  };

  std::unique_ptr<rocksdb::FSWritableFile> wrapped(std::unique_ptr<rocksdb::FSWritableFile> log,
                                                   const std::string&) override {
    return std::make_unique<Log>(std::move(log), *this);
  }

  [[nodiscard]] bool is_own_thread() const { return std::this_thread::get_id() == owner_; }

  const std::thread::id owner_ = std::this_thread::get_id();
};

class SweeperTest : public testing::Test {
 protected:
  SweeperTest() {
    options_.path = directory_.path() / "store";
    options_.sync = *SyncMode::from("never");  // the log is written with every change
    options_.file_system = disk_;
    start();
    Call call(Patience::may_wait);
    EXPECT_TRUE(*queues_.create(call, address_, *domain::QueueMetadata::from_json("{}")));
  }

  void start() {
    auto engine = Engine::open(options_, clock_, random_, committer_,
                               StoreMoment{.monotonic = clock_.monotonic_now()}, Floors{});
    ASSERT_TRUE(engine);
    engines_.set(std::move(*engine));
  }
  void restart() {
    engines_.set(nullptr);
    start();
  }

  std::uint64_t sweep() { return Sweeper(engines_.get()).run(); }

  Result<std::vector<MessageId>> post(std::size_t count, std::int64_t ttl,
                                      Patience patience = Patience::may_wait) {
    const std::vector<domain::NewMessage> messages(
        count, {.body = "1", .ttl_seconds = ttl, .delay_seconds = 0, .checksum = {}});
    Call call(patience);
    return messages_.post(call, address_, messages,
                          ClientId("3381af92-2b9e-11e3-b191-71861300734c"));
  }

  std::size_t count_living() {
    Call call(Patience::may_wait);
    return messages_
        .list(call, address_,
              {.after = {},
               .limit = 2 * kBlockSize,
               .hide_client = nullptr,
               .include_claimed = true,
               .include_delayed = true})
        .value()
        .size();
  }

  /// Runs a pass, and `act` on another thread, which begins to wait for the queue while the pass
  /// removes the first messages.
  void sweep_while(const std::function<void()>& act) {
    const auto queue = engines_.get()->directory.find(Patience::may_wait, address_).value();
    std::thread other;
    disk_->on_write = [&](std::size_t size) {
      if (size < kStepBytes / 2) return;
      if (++steps_ > 1) return;
      other = std::thread(act);
      while (!queue->mutex.is_awaited()) std::this_thread::yield();
    };
    sweep();
    disk_->on_write = nullptr;
    other.join();
  }

  /// What the removal of as many messages as go at once takes in the log.
  static constexpr std::size_t kStepBytes = Sweeper::kStep * 20;

  const TemporaryDirectory directory_;
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  const std::shared_ptr<WatchedDisk> disk_ = std::make_shared<WatchedDisk>();
  Options options_;
  Committer committer_{*SyncMode::from("never"), [] { return Result<void>{}; }, [](const auto&) {}};
  EngineHolder engines_;
  const std::atomic<bool> has_room_{true};
  EmbeddedQueueStore queues_{engines_};
  EmbeddedMessageStore messages_{engines_, has_room_};
  EmbeddedClaimStore claims_{engines_};
  const QueueAddress address_{ProjectId("project"), *domain::QueueName::from("q")};
  std::atomic<int> steps_{0};
};

TEST_F(SweeperTest, few_messages_are_removed_at_once) {
  ASSERT_TRUE(post(kBlockSize + 1, 60));
  clock_.advance(1h);
  std::size_t largest = 0;
  disk_->on_write = [&](std::size_t size) { largest = std::max(largest, size); };
  EXPECT_EQ(sweep(), kBlockSize + 1);
  disk_->on_write = nullptr;
  EXPECT_LT(largest, 2 * kStepBytes);
}

TEST_F(SweeperTest, whoever_waits_for_the_queue_has_a_turn_after_each_removal) {
  ASSERT_TRUE(post(kBlockSize + 1, 60));
  clock_.advance(1h);
  int steps_before = 0;
  sweep_while([&] {
    Call call(Patience::may_wait);
    const auto open = open_queue(engines_, call, address_);
    steps_before = steps_;
  });
  EXPECT_EQ(steps_before, 1);
  EXPECT_GT(steps_, 2);
}

TEST_F(SweeperTest, nobody_waits_for_what_is_read_from_the_disk) {
  ASSERT_TRUE(post(kBlockSize, 60));
  ASSERT_TRUE(post(1, 86400));
  restart();  // now it is in tables
  clock_.advance(1h);
  EXPECT_EQ(count_living(), 1U);
  int reads = 0;
  int posts = 0;
  disk_->on_read = [&] {
    ++reads;
    std::thread([&] { posts += post(1, 86400, Patience::immediate) ? 1 : 0; }).join();
  };
  EXPECT_EQ(sweep(), kBlockSize);
  disk_->on_read = nullptr;
  EXPECT_GT(reads, 0);
  EXPECT_EQ(posts, reads);
}

TEST_F(SweeperTest, a_life_that_a_claim_prolongs_meanwhile_is_not_cut_short) {
  ASSERT_TRUE(post(2 * Sweeper::kStep, 60));
  ASSERT_TRUE(post(kBlockSize - 2 * Sweeper::kStep, 3600));
  ASSERT_TRUE(post(1, 60));
  clock_.advance(2min);
  sweep_while([&] {
    Call call(Patience::may_wait);
    EXPECT_TRUE(claims_.create(call, address_, {36'000, 60}, 1).value());
  });
  clock_.advance(2h);
  EXPECT_EQ(count_living(), 1U);
}

TEST_F(SweeperTest, what_is_posted_meanwhile_is_swept_when_its_time_comes) {
  ASSERT_TRUE(post(2 * Sweeper::kStep, 60));
  clock_.advance(2min);
  sweep_while([&] { EXPECT_TRUE(post(1, 60)); });
  clock_.advance(2min);
  EXPECT_EQ(sweep(), 1U);
}

}  // namespace

}  // namespace marconi::storage::embedded
