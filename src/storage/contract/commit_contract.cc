// The contract of commit tickets: what an answer rests on is announced once it is durable.
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;

/// Remembers how far the store has told it changes are durable.
class Listener final : public base::CommitListener {
 public:
  void settled(base::CommitTicket up_to, base::CommitOutcome outcome) noexcept override {
    const std::lock_guard lock(mutex_);
    if (up_to < durable_ || outcome != base::CommitOutcome::durable) in_order_ = false;
    durable_ = up_to;
    ++announcements_;
    changed_.notify_all();
  }

  /// Whether the ticket is announced as durable before the test gives up.
  bool hears_of(base::CommitTicket ticket) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return durable_ >= ticket; });
  }

  [[nodiscard]] bool in_order() {
    const std::lock_guard lock(mutex_);
    return in_order_;
  }

  [[nodiscard]] std::size_t announcements() {
    const std::lock_guard lock(mutex_);
    return announcements_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  base::CommitTicket durable_;
  bool in_order_ = true;
  std::size_t announcements_ = 0;
};

/// Subscribes for as long as it lives.
class Subscription {
 public:
  Subscription(base::CommitFeed& feed, base::CommitListener& listener)
      : feed_(feed), listener_(listener) {
    feed_.subscribe(listener_);
  }
  ~Subscription() { feed_.unsubscribe(listener_); }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  base::CommitFeed& feed_;
  base::CommitListener& listener_;
};

TEST_P(StoreContract, every_listener_hears_when_the_tickets_of_its_writes_are_durable) {
  const auto queue = new_queue("q");
  Listener one;
  Listener other;
  const Subscription first(store().commits(), one);
  const Subscription second(store().commits(), other);
  const domain::NewMessage message{.body = "1", .ttl_seconds = 60, .checksum = ""};
  for (int i = 0; i < 10; ++i) {
    Call call(base::Patience::may_wait);
    ASSERT_TRUE(store().messages().post(call, queue, {&message, 1}, kAlice));
    ASSERT_TRUE(store().claims().create(call, queue, {60, 60}, 1));
    EXPECT_TRUE(one.hears_of(call.ticket()));
    EXPECT_TRUE(other.hears_of(call.ticket()));
    EXPECT_EQ(stats(queue).total, i + 1U) << "what is announced can be read";
    EXPECT_EQ(stats(queue).claimed, i + 1U);
  }
  EXPECT_TRUE(one.in_order());
  EXPECT_TRUE(other.in_order());
}

TEST_P(StoreContract, an_answer_that_rests_on_a_pending_change_waits_for_it) {
  const auto queue = address("q");
  Listener listener;
  const Subscription subscription(store().commits(), listener);
  Call first(base::Patience::may_wait);
  ASSERT_EQ(store().queues().create(first, queue, {}), true);
  Call second(base::Patience::may_wait);
  ASSERT_EQ(store().queues().create(second, queue, {}), false);
  EXPECT_TRUE(listener.hears_of(second.ticket()));
  EXPECT_TRUE(exists(queue)) << "once the answer `it exists` is out, it must";
  EXPECT_TRUE(listener.hears_of(first.ticket()));
}

TEST_P(StoreContract, a_listener_that_left_hears_nothing_more) {
  const auto queue = new_queue("q");
  Listener listener;
  {
    const Subscription subscription(store().commits(), listener);
  }
  const auto heard = listener.announcements();
  post(queue, {"1"});
  EXPECT_EQ(listener.announcements(), heard);
}

TEST_P(StoreContract, reading_what_is_settled_leaves_nothing_to_wait_for) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  Call call(base::Patience::may_wait);
  ASSERT_TRUE(store().messages().list(call, queue, {.after = std::nullopt, .limit = 10}));
  ASSERT_TRUE(store().queues().stats(call, queue));
  ASSERT_TRUE(store().queues().find(call, queue));
  EXPECT_TRUE(call.ticket().is_complete());
}

}  // namespace

}  // namespace marconi::storage::contract
