// What happens when the disk fails under the log: nothing acknowledged is lost, nothing is handed
// out twice, and the store comes back by itself.
#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "storage/embedded/embedded_store.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;
using domain::NewMessage;

/// Passes everything on, except that syncs of the log fail while told to.
class FailingDisk final : public rocksdb::FileSystemWrapper {
 public:
  FailingDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "failing disk"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    auto status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (status.ok() && name.ends_with(".log")) {
      *file = std::make_unique<Log>(std::move(*file), syncs_fail);
    }
    return status;
  }

  std::atomic<bool> syncs_fail{false};

 private:
  class Log final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Log(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<bool>& syncs_fail)
        : FSWritableFileOwnerWrapper(std::move(file)), syncs_fail_(syncs_fail) {}

    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      if (syncs_fail_) return rocksdb::IOStatus::IOError("injected");
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* context) override {
      if (syncs_fail_) return rocksdb::IOStatus::IOError("injected");
      return FSWritableFileOwnerWrapper::Fsync(options, context);
    }
    bool IsSyncThreadSafe() const override { return true; }

   private:
    const std::atomic<bool>& syncs_fail_;
  };
};

class CommitFailure : public testing::Test {
 protected:
  CommitFailure() {
    options_.path = directory_.path() / "store";
    options_.min_free_bytes = 0;
    options_.file_system = disk_;
    store_ = std::move(*open(options_, clock_, random_));
    store_->commits().subscribe(waiter_);
    Call call(Patience::may_wait);
    EXPECT_TRUE(store_->queues().create(call, queue_, {}).value());
    EXPECT_TRUE(waiter_.wait_for(call.ticket()));
  }
  ~CommitFailure() override {
    if (store_) store_->commits().unsubscribe(waiter_);
  }

  struct Posted {
    std::string id;
    bool acknowledged = false;
  };

  /// Posts one message and waits for its fate; no id if the store refused at once.
  Posted post(const std::string& body) {
    Call call(Patience::may_wait);
    const NewMessage message{.body = body, .ttl_seconds = 3600, .checksum = {}};
    auto ids = store_->messages().post(call, queue_, std::span(&message, 1), client_);
    if (!ids) {
      EXPECT_EQ(ids.error().kind, base::ErrorKind::unavailable);
      return {};
    }
    return {ids->front().text, waiter_.wait_for(call.ticket())};
  }

  void wait_until_writable() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!post("\"again\"").acknowledged) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the store did not come back";
      std::this_thread::yield();
    }
  }

  std::set<std::string> listed_ids() {
    std::set<std::string> ids;
    MessageListRequest request{
        .after = {}, .limit = 1'000'000, .include_claimed = true, .include_delayed = true};
    Call call(Patience::may_wait);
    for (const auto& message : store_->messages().list(call, queue_, request).value()) {
      ids.insert(message.id.text);
    }
    return ids;
  }

  TemporaryDirectory directory_;
  std::shared_ptr<FailingDisk> disk_ = std::make_shared<FailingDisk>();
  Options options_;
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  TicketWaiter waiter_;
  std::unique_ptr<Store> store_;
  const QueueAddress queue_{ProjectId("project"), *domain::QueueName::from("queue")};
  const ClientId client_{"3381af92-2b9e-11e3-b191-71861300734c"};
};

TEST_F(CommitFailure, failed_sync_fails_the_post_and_the_store_comes_back_by_itself) {
  ASSERT_TRUE(post("1").acknowledged);
  disk_->syncs_fail = true;
  EXPECT_FALSE(post("2").acknowledged);
  disk_->syncs_fail = false;
  wait_until_writable();
}

TEST_F(CommitFailure, nothing_acknowledged_is_lost_and_no_id_is_used_twice) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5;
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::set<std::string> all_ids;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::jthread> posters;
    std::atomic<int> posts{0};
    for (int thread = 0; thread < kThreads; ++thread) {
      posters.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          if (++posts == 100) disk_->syncs_fail = true;
          const auto posted = post("\"x\"");
          if (posted.id.empty()) return;
          const std::scoped_lock lock(mutex);
          EXPECT_TRUE(all_ids.insert(posted.id).second) << "an id was handed out twice";
          if (posted.acknowledged) acknowledged.insert(posted.id);
        }
      });
    }
    posters.clear();
    disk_->syncs_fail = false;
    wait_until_writable();
    const auto listed = listed_ids();
    for (const auto& id : acknowledged) EXPECT_TRUE(listed.contains(id)) << "lost " << id;
    EXPECT_GE(acknowledged.size(), 50u * static_cast<unsigned>(round + 1) / 2);
  }
}

TEST_F(CommitFailure,
       while_the_disk_keeps_failing_calls_are_refused_and_reads_show_nothing_unsynced) {
  const auto before = post("1");
  ASSERT_TRUE(before.acknowledged);
  disk_->syncs_fail = true;
  EXPECT_FALSE(post("2").acknowledged);
  EXPECT_FALSE(post("3").acknowledged);
  disk_->syncs_fail = false;
  wait_until_writable();
  EXPECT_TRUE(listed_ids().contains(before.id));
}

}  // namespace

}  // namespace marconi::storage::embedded
