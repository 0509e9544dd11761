// What survives when the power goes: everything acknowledged under `sync = always`.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "storage/embedded/embedded_store.h"
#include "storage/embedded/lossy_disk.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;
using domain::NewMessage;

/// What the clients of one life of the store were told.
struct History {
  std::mutex mutex;
  std::set<std::string> posted;                   ///< bodies of acknowledged posts
  std::set<std::string> unanswered;               ///< bodies of posts whose answer never came
  std::set<std::string> deleted;                  ///< ids whose deletion was acknowledged
  std::map<std::string, std::size_t> post_sizes;  ///< by the bodies' common prefix

  void tell(const std::string& prefix, std::size_t count, bool acknowledged) {
    const std::scoped_lock lock(mutex);
    post_sizes[prefix] = count;
    for (std::size_t i = 0; i < count; ++i) {
      (acknowledged ? posted : unanswered).insert(body(prefix, i));
    }
  }

  static std::string body(const std::string& prefix, std::size_t index) {
    return "\"" + prefix + "/" + std::to_string(index) + "\"";
  }
};

class PowerLoss : public testing::Test {
 protected:
  void open_store(std::string_view sync) {
    options_.path = directory_.path() / "store";
    options_.sync = *SyncMode::from(sync);
    options_.min_free_bytes = 0;
    options_.file_system = disk_ = std::make_shared<LossyDisk>();
    store_ = std::move(*open(options_, clock_, random_));
    waiter_ = std::make_unique<TicketWaiter>();
    store_->commits().subscribe(*waiter_);
    Call call(Patience::may_wait);
    ASSERT_TRUE(store_->queues().create(call, queue_, {}).has_value());
    ASSERT_TRUE(waiter_->wait_for(call.ticket()));
  }

  /// Cuts the power under a running store, and comes back on the same disk.
  std::uint64_t lose_power_and_reopen(std::string_view sync, std::vector<std::jthread>& clients) {
    disk_->crash();
    log_files_ += disk_->log_files();
    clients.clear();
    store_->commits().unsubscribe(*waiter_);
    store_.reset();
    const auto lost = disk_->forget_unsynced();
    open_store(sync);
    return lost;
  }

  void post_until_refused(int producer, History& history, std::atomic<int>& acknowledged) {
    for (int n = 0;; ++n) {
      const auto prefix =
          std::to_string(life_) + "/" + std::to_string(producer) + "/" + std::to_string(n);
      const std::size_t count = 1 + static_cast<std::size_t>(n % 5);
      std::vector<std::string> bodies;
      for (std::size_t i = 0; i < count; ++i) bodies.push_back(History::body(prefix, i));
      std::vector<NewMessage> messages;
      for (const auto& body : bodies) {
        messages.push_back({.body = body, .ttl_seconds = 3600, .delay_seconds = 0, .checksum = {}});
      }
      Call call(Patience::may_wait);
      const auto ids = store_->messages().post(call, queue_, messages, client_);
      const bool done = ids && waiter_->wait_for(call.ticket());
      history.tell(prefix, count, done);
      if (!done) return;
      ++acknowledged;
      if (n % 3 == 0 && !delete_one(ids->front(), history)) return;
    }
  }

  bool delete_one(const MessageId& id, History& history) {
    Call call(Patience::may_wait);
    const auto removed = store_->messages().remove(call, queue_, id, std::nullopt);
    if (!removed || !waiter_->wait_for(call.ticket())) return false;
    const std::scoped_lock lock(history.mutex);
    history.deleted.insert(id.text);
    return true;
  }

  /// Everything in the queue: body → id.
  std::map<std::string, std::string> content() {
    Call call(Patience::may_wait);
    const MessageListRequest all{
        .after = {}, .limit = 10'000'000, .include_claimed = true, .include_delayed = true};
    std::map<std::string, std::string> found;
    for (const auto& message : store_->messages().list(call, queue_, all).value()) {
      EXPECT_TRUE(found.emplace(message.body, message.id.text).second)
          << "listed twice: " << message.body;
    }
    return found;
  }

  void expect_what_was_acknowledged(const History& history) {
    const auto found = content();
    std::set<std::string> ids;
    for (const auto& [body, id] : found) ids.insert(id);
    // A body that is missing must be one whose deletion was asked for: the first of its post.
    for (const auto& body : history.posted) {
      if (body.ends_with("/0\"")) continue;
      EXPECT_TRUE(found.contains(body)) << "acknowledged, then lost: " << body;
    }
    for (const auto& id : history.deleted)
      EXPECT_FALSE(ids.contains(id)) << "deleted, then back: " << id;
    for (const auto& [prefix, count] : history.post_sizes) {
      std::size_t present = 0;
      for (std::size_t i = 0; i < count; ++i) present += found.contains(History::body(prefix, i));
      const bool acknowledged = history.posted.contains(History::body(prefix, 0));
      if (!acknowledged) EXPECT_TRUE(present == 0 || present == count) << "half a post: " << prefix;
    }
  }

  /// Runs producers until some posts are acknowledged, and `enough`, then cuts the power.
  std::uint64_t live_and_crash(
      std::string_view sync, History& history,
      const std::function<bool()>& enough = [] { return true; }) {
    ++life_;
    std::atomic<int> acknowledged{0};
    std::vector<std::jthread> producers;
    for (int i = 0; i < 8; ++i) {
      producers.emplace_back([&, i] { post_until_refused(i, history, acknowledged); });
    }
    while (acknowledged < 200 || !enough()) std::this_thread::yield();
    return lose_power_and_reopen(sync, producers);
  }

  TemporaryDirectory directory_;
  std::shared_ptr<LossyDisk> disk_;
  Options options_;
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  std::unique_ptr<TicketWaiter> waiter_;
  std::unique_ptr<Store> store_;
  int life_ = 0;
  std::size_t log_files_ = 0;
  const QueueAddress queue_{ProjectId("project"), *domain::QueueName::from("queue")};
  const ClientId client_{"3381af92-2b9e-11e3-b191-71861300734c"};
};

TEST_F(PowerLoss, synced_always_keeps_what_it_acknowledged_and_posts_are_whole_or_absent) {
  open_store("always");
  History history;
  for (int life = 0; life < 10; ++life) live_and_crash("always", history);
  expect_what_was_acknowledged(history);
  EXPECT_GT(history.posted.size(), 2000u);
}

TEST_F(PowerLoss, keeps_it_too_while_the_log_goes_on_in_further_files_and_tables_are_written) {
  options_.write_buffer_bytes = 512u << 10;  // full again and again
  open_store("always");
  History history;
  // Once at least until it goes on in a file that was made ahead of time.
  live_and_crash("always", history, [this] { return disk_->spare_log_files() > 0; });
  for (int life = 1; life < 4; ++life) live_and_crash("always", history);
  expect_what_was_acknowledged(history);
  EXPECT_GT(log_files_, 12u) << "no more than each life begins with";
}

TEST_F(PowerLoss, statistics_agree_with_the_messages_afterwards) {
  open_store("always");
  History history;
  for (int life = 0; life < 3; ++life) {
    live_and_crash("always", history);
    Call call(Patience::may_wait);
    EXPECT_EQ(store_->queues().stats(call, queue_).value()->total, content().size());
  }
}

TEST_F(PowerLoss, what_a_step_of_the_wall_clock_ended_stays_ended) {
  open_store("always");
  Call posting(Patience::may_wait);
  const NewMessage message{.body = "1", .ttl_seconds = 60, .checksum = {}};
  ASSERT_TRUE(store_->messages().post(posting, queue_, std::span(&message, 1), client_));
  ASSERT_TRUE(waiter_->wait_for(posting.ticket()));
  ASSERT_EQ(content().size(), 1u);

  clock_.step_wall(std::chrono::hours(1));
  Call reading(Patience::may_wait);
  ASSERT_TRUE(store_->messages().list(reading, queue_, {.after = {}, .limit = 10})->empty());
  ASSERT_TRUE(waiter_->wait_for(reading.ticket()));

  std::vector<std::jthread> nobody;
  disk_->crash();
  clock_.step_wall(-std::chrono::hours(1));
  lose_power_and_reopen("always", nobody);
  EXPECT_EQ(content().size(), 0u) << "shown as ended, then back";
}

TEST_F(PowerLoss, never_synced_loses_what_it_acknowledged) {
  open_store("never");
  History history;
  EXPECT_GT(live_and_crash("never", history), 0u) << "the disk forgot nothing";
  // That not even the queue is left is what `never` means, and shows that this disk is lossy.
  const auto found = content();
  std::size_t lost = 0;
  for (const auto& body : history.posted) lost += !body.ends_with("/0\"") && !found.contains(body);
  EXPECT_GT(lost, 0u);
}

}  // namespace

}  // namespace marconi::storage::embedded
