// The bound on what all connections buffer together.
#include "transport/http/memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using testing::Client;
using testing::get;
using testing::post;
using testing::Reply;
using testing::response;
using testing::Rig;

constexpr std::size_t kFree = Reservation::kFreeBytes;

TEST(MemoryBudget, is_shared_by_reservations_and_gets_everything_back) {
  MemoryBudget budget(100'000);
  Reservation first(budget);
  {
    Reservation second(budget);
    EXPECT_TRUE(first.try_hold(60'000));
    EXPECT_FALSE(second.try_hold(40'001));
    EXPECT_EQ(budget.used(), 60'000);
    EXPECT_TRUE(second.try_hold(40'000));
    EXPECT_FALSE(first.try_hold(60'001));
    EXPECT_EQ(budget.used(), 100'000);
  }
  EXPECT_EQ(budget.used(), 60'000);
  EXPECT_TRUE(first.try_hold(30'000));
  EXPECT_EQ(budget.used(), 30'000);
  first.hold(0);
  EXPECT_EQ(budget.used(), 0);
}

TEST(MemoryBudget, does_not_count_what_every_connection_may_have) {
  MemoryBudget budget(0);
  Reservation reservation(budget);
  EXPECT_TRUE(reservation.try_hold(kFree));
  EXPECT_FALSE(reservation.try_hold(kFree + 1));
  EXPECT_EQ(budget.used(), 0);
}

TEST(MemoryBudget, is_exceeded_only_by_what_has_to_be_kept) {
  MemoryBudget budget(100'000);
  Reservation wanted(budget);
  Reservation kept(budget);
  EXPECT_TRUE(wanted.try_hold(100'000));
  EXPECT_FALSE(budget.is_exceeded());
  kept.hold(50'000);
  EXPECT_TRUE(budget.is_exceeded());
  EXPECT_TRUE(wanted.try_hold(90'000)) << "less than before is always granted";
  EXPECT_FALSE(wanted.try_hold(90'001));
  EXPECT_EQ(budget.used(), 140'000);
}

TEST(MemoryBudget, never_gives_more_than_it_has_to_many_threads) {
  constexpr std::size_t kPiece = 20'000;
  MemoryBudget budget(2 * kPiece);
  std::atomic<int> holders = 0;
  std::atomic<int> granted = 0;
  std::atomic<bool> overdrawn = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 10'000; ++turn) {
          Reservation reservation(budget);
          if (!reservation.try_hold(kPiece)) continue;
          if (++holders > 2) overdrawn = true;
          ++granted;
          --holders;
        }
      });
    }
  }
  EXPECT_FALSE(overdrawn);
  EXPECT_GT(granted, 0);
  EXPECT_EQ(budget.used(), 0);
}

std::string head_of_post(std::size_t length, std::string_view more = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(more) + "\r\n";
}

std::string chunk(std::size_t size) {
  char length[20];
  std::snprintf(length, sizeof length, "%zx\r\n", size);
  return length + std::string(size, 'x') + "\r\n";
}

void expect_refused_for_good(Client& client) {
  const Reply reply = client.read_reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "overload");
  EXPECT_TRUE(reply.has_header("Retry-After"));
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client.is_closed_by_server());
}

/// A budget of a million bytes, of which one client holds 600,000 for a body that it does not
/// finish. Answers are the size of the body.
class BufferedBodies : public ::testing::Test {
 protected:
  static constexpr std::size_t kHeld = 600'000;

  BufferedBodies() {
    rig_.options.max_buffered_bytes = 1'000'000;
    rig_.handler.limit = 900'000;
    rig_.handler.script = [](const api::Request& request, base::Patience) {
      return response(200, std::to_string(request.body.size()));
    };
    rig_.start();
    holder_ = rig_.connect();
    EXPECT_TRUE(holder_->send(head_of_post(kHeld) + std::string(kHeld / 2, 'x')));
    EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", head_of_post(kHeld).size() + kHeld));
  }

  /// The unfinished body can still be finished, and then nothing is held any more.
  void expect_holder_to_finish() {
    ASSERT_TRUE(holder_->send(std::string(kHeld - kHeld / 2, 'x')));
    EXPECT_EQ(holder_->read_reply().body, std::to_string(kHeld));
    EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
  }

  Rig rig_;
  std::unique_ptr<Client> holder_;
};

TEST_F(BufferedBodies, over_budget_are_refused_unread_and_others_go_on) {
  const auto refused = rig_.connect();
  ASSERT_TRUE(refused->send(head_of_post(500'000)));
  expect_refused_for_good(*refused);
  const auto other = rig_.connect();
  ASSERT_TRUE(other->send(post("/", "small") + post("/", std::string(300'000, 'x'))));
  EXPECT_EQ(other->read_reply().body, "5");
  EXPECT_EQ(other->read_reply().body, "300000");
  EXPECT_EQ(rig_.count("refused_no_memory"), 1);
  expect_holder_to_finish();
}

TEST_F(BufferedBodies, over_budget_are_refused_although_they_are_being_sent) {
  const auto refused = rig_.connect();
  ASSERT_TRUE(refused->send(post("/", std::string(500'000, 'x'))));
  expect_refused_for_good(*refused);
  expect_holder_to_finish();
}

TEST_F(BufferedBodies, over_budget_are_not_asked_for) {
  const auto refused = rig_.connect();
  ASSERT_TRUE(refused->send(head_of_post(500'000, "Expect: 100-continue\r\n")));
  expect_refused_for_good(*refused);
  expect_holder_to_finish();
}

TEST_F(BufferedBodies, that_are_chunked_are_refused_once_they_grow_over_budget) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto refused = rig_.connect();
  ASSERT_TRUE(refused->send(head + chunk(250'000) + chunk(250'000)));
  expect_refused_for_good(*refused);
  const auto other = rig_.connect();
  ASSERT_TRUE(other->send(head + chunk(250'000) + chunk(20'000) + "0\r\n\r\n" + get("/")));
  EXPECT_EQ(other->read_reply().body, "270000");
  EXPECT_EQ(other->read_reply().body, "0");
  EXPECT_EQ(rig_.count("refused_no_memory"), 1);
  expect_holder_to_finish();
}

TEST_F(BufferedBodies, give_back_their_memory_when_the_client_leaves) {
  holder_->reset();
  EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
  const auto other = rig_.connect();
  ASSERT_TRUE(other->send(post("/", std::string(500'000, 'x'))));
  EXPECT_EQ(other->read_reply().body, "500000");
}

TEST_F(BufferedBodies, give_back_their_memory_although_the_next_request_has_begun) {
  ASSERT_TRUE(holder_->send(std::string(kHeld - kHeld / 2, 'x') + "GET / HT"));
  EXPECT_EQ(holder_->read_reply().body, std::to_string(kHeld));
  EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
  ASSERT_TRUE(holder_->send("TP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(holder_->read_reply().body, "0");
}

TEST(BufferedHeads, over_budget_are_refused) {
  Rig rig;
  rig.options.max_header_bytes = 100'000;
  rig.options.max_buffered_bytes = 50'000;
  rig.start();
  const auto client = rig.connect();
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(90'000, 'x')));
  expect_refused_for_good(*client);
  EXPECT_TRUE(rig.wait_for_count("buffered_bytes", 0));
}

/// A budget for one large answer and a half. Answers to `/large` and `/held` are large, the latter
/// with a ticket.
class BufferedAnswers : public ::testing::Test {
 protected:
  BufferedAnswers() {
    rig_.options.max_buffered_bytes = large_.size() * 3 / 2;
    rig_.handler.script = [this](const api::Request& request, base::Patience) {
      if (request.method == "POST") ++posts_;
      auto result = response(200, request.target == "/" ? std::string("small") : large_);
      if (request.target == "/held") result.ticket = {1};
      return result;
    };
    rig_.start();
  }

  /// A client that has asked for something large and does not read the answer.
  std::unique_ptr<Client> make_holder(std::string_view request) {
    const std::uint64_t before = rig_.count("buffered_bytes");
    auto client = rig_.connect();
    EXPECT_TRUE(client->send(request));
    EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", before + large_.size()));
    return client;
  }

  // More than the system takes for a client that does not read.
  const std::string large_ = std::string(20'000'000, 'x');
  std::atomic<int> posts_ = 0;
  Rig rig_;
};

TEST_F(BufferedAnswers, over_budget_are_replaced_and_the_connection_goes_on) {
  const auto holder = make_holder(get("/large"));
  const auto other = rig_.connect();
  ASSERT_TRUE(other->send(get("/large") + get("/") + post("/", "x")));
  const Reply reply = other->read_reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "overload");
  EXPECT_TRUE(reply.has_header("Retry-After"));
  EXPECT_FALSE(reply.has_header("Connection"));
  EXPECT_EQ(other->read_reply().body, "small");
  EXPECT_EQ(other->read_reply().body, "small");
  EXPECT_EQ(rig_.count("refused_no_memory"), 1);
  EXPECT_TRUE(holder->read_reply().body == large_);
  EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
  ASSERT_TRUE(other->send(get("/large")));
  EXPECT_TRUE(other->read_reply().body == large_);
}

TEST_F(BufferedAnswers, leave_nothing_behind_once_taken) {
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/large")));
  EXPECT_TRUE(client->read_reply().body == large_);
  ASSERT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
  const auto holder = make_holder(get("/large"));
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(client->read_reply().body, "small") << "needs no memory of the budget";
}

TEST_F(BufferedAnswers, to_what_may_have_changed_something_are_sent_over_budget) {
  const auto holder = make_holder(get("/large"));
  const auto other = rig_.connect();
  ASSERT_TRUE(other->send(post("/large", "x")));
  EXPECT_TRUE(other->read_reply().body == large_);
  EXPECT_EQ(rig_.count("refused_no_memory"), 0);
}

TEST_F(BufferedAnswers, that_exceed_the_budget_stop_further_changes_before_they_are_made) {
  const auto reader = make_holder(get("/large"));
  auto changer = make_holder(post("/large", "x"));
  const auto other = rig_.connect();
  ASSERT_TRUE(other->send(post("/", "x") + get("/")));
  EXPECT_EQ(other->read_reply().status, 503);
  EXPECT_EQ(other->read_reply().status, 200);
  EXPECT_EQ(posts_, 1) << "the second one must not be handled";
  changer->reset();
  ASSERT_TRUE(rig_.wait_for_count("buffered_bytes", large_.size()));
  ASSERT_TRUE(other->send(post("/", "x")));
  EXPECT_EQ(other->read_reply().status, 200);
}

TEST_F(BufferedAnswers, that_wait_for_a_commit_are_counted_until_they_are_replaced) {
  const auto client = make_holder(post("/held", "x"));
  rig_.feed.announce(1, base::CommitOutcome::failed);
  EXPECT_EQ(client->read_reply().status, 503);
  EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
}

TEST_F(BufferedAnswers, give_back_their_memory_when_they_are_not_taken_in_time) {
  rig_.server.reset();
  rig_.options.write_timeout = std::chrono::milliseconds(50);
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/large")));
  EXPECT_TRUE(rig_.wait_for_count("timeouts_write", 1));
  EXPECT_TRUE(rig_.wait_for_count("buffered_bytes", 0));
}

}  // namespace
}  // namespace marconi::transport::http
