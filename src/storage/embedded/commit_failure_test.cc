// What happens when the disk fails under the log: nothing acknowledged is lost, nothing is handed
// out twice, and the store comes back by itself.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "storage/embedded/embedded_store.h"
#include "storage/embedded/failing_disk.h"
#include "storage/embedded/journal.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using namespace std::chrono_literals;

using base::Patience;
using domain::NewMessage;

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

  /// Whether a caller with this result is answered with it: once what it rests on is durable.
  template <class Value>
  bool is_answered(const Call& call, const base::Result<Value>& result) {
    return result && waiter_.wait_for(call.ticket());
  }

  /// The marker of a message posted to a queue.
  Marker post_to(const QueueAddress& queue) {
    Call call(Patience::may_wait);
    const NewMessage message{.body = "1", .ttl_seconds = 3600, .delay_seconds = 0, .checksum = {}};
    const auto ids = store_->messages().post(call, queue, std::span(&message, 1), client_).value();
    EXPECT_TRUE(waiter_.wait_for(call.ticket()));
    return store_->messages().position(call, queue, ids.front()).value().value();
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

TEST_F(CommitFailure, time_goes_on_while_the_store_is_away) {
  ASSERT_TRUE(post("1").acknowledged);
  clock_.step_wall(-1h);
  disk_->syncs_fail = true;
  EXPECT_FALSE(post("2").acknowledged);
  while (!post("3").id.empty()) std::this_thread::yield();
  clock_.advance(3600s);  // as long as the first message lives
  disk_->syncs_fail = false;
  wait_until_writable();
  EXPECT_EQ(listed_ids().size(), 1u);  // of the message that was posted just now
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

TEST_F(CommitFailure, what_a_failed_append_left_behind_is_not_shown) {
  for (int round = 0; round < 10; ++round) {
    const auto posted = post("\"kept\"");
    ASSERT_TRUE(posted.acknowledged);
    const MessageId id{posted.id};
    disk_->appends_fail = true;
    Call removal(Patience::may_wait);
    const auto removed = store_->messages().remove(removal, queue_, id, std::nullopt);
    Call reading(Patience::may_wait);
    const auto seen = store_->messages().get(reading, queue_, std::span(&id, 1));
    EXPECT_FALSE(is_answered(removal, removed));
    if (is_answered(reading, seen)) EXPECT_EQ(seen->size(), 1u) << "a refused removal was shown";
    Call creation(Patience::may_wait);
    const QueueAddress other{ProjectId("project"), *domain::QueueName::from("other")};
    const auto created = store_->queues().create(creation, other, {});
    Call finding(Patience::may_wait);
    const auto found = store_->queues().find(finding, other);
    EXPECT_FALSE(is_answered(creation, created));
    if (is_answered(finding, found)) EXPECT_EQ(*found, nullptr) << "a refused creation was shown";
    disk_->appends_fail = false;
    wait_until_writable();
    Call again(Patience::may_wait);
    EXPECT_EQ(store_->messages().get(again, queue_, std::span(&id, 1)).value().size(), 1u);
  }
}

TEST_F(CommitFailure, markers_of_a_recreated_queue_go_on_after_a_reopening_and_a_restart) {
  const QueueAddress other{ProjectId("project"), *domain::QueueName::from("other")};
  Call creation(Patience::may_wait);
  ASSERT_TRUE(store_->queues().create(creation, other, {}).value());
  const auto before = post_to(other);
  Call purging(Patience::may_wait);
  ASSERT_TRUE(store_->messages().purge(purging, other));
  disk_->syncs_fail = true;
  EXPECT_FALSE(post("1").acknowledged);
  disk_->syncs_fail = false;
  wait_until_writable();
  Call removal(Patience::may_wait);
  ASSERT_TRUE(store_->queues().remove(removal, other));
  ASSERT_TRUE(waiter_.wait_for(removal.ticket()));
  store_->commits().unsubscribe(waiter_);
  store_.reset();
  waiter_.start_anew();
  store_ = std::move(*open(options_, clock_, random_));
  store_->commits().subscribe(waiter_);
  Call recreation(Patience::may_wait);
  ASSERT_TRUE(store_->queues().create(recreation, other, {}).value());
  EXPECT_GT(post_to(other), before);
}

TEST(Journal, says_yes_only_to_what_it_wrote) {
  TemporaryDirectory directory;
  DatabaseOptions options;
  options.path = directory.path() / "db";
  const auto database = std::move(*Database::open(options));
  std::atomic<int> failures{0};
  Committer committer(
      {}, [&] { return database->sync(); }, [&](const base::Error&) { ++failures; });
  Journal journal(*database, committer);
  std::atomic<bool> over{false};
  std::atomic<int> phantoms{0};
  std::vector<std::jthread> writers;
  for (std::uint64_t writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      for (std::uint64_t number = 0; !over; ++number) {
        Batch batch(*database);
        const NumberKey<2> key{writer, number};
        batch.put(Table::meta, key, "x");
        std::string value;
        if (journal.commit(Patience::may_wait, batch) &&
            !*database->get(Patience::may_wait, Table::meta, key, value)) {
          ++phantoms;
        }
      }
    });
  }
  for (int round = 0; round < 500; ++round) {
    const int before = failures;
    committer.fail({base::ErrorKind::unavailable, {}, "injected"});
    while (failures == before) std::this_thread::yield();
    committer.resume();
    std::this_thread::yield();
  }
  over = true;
  writers.clear();
  EXPECT_EQ(phantoms, 0);
}

}  // namespace

}  // namespace marconi::storage::embedded
