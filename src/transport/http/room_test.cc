// What clients may take from each other: places at the limit of connections, and turns.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "transport/http/access_log.h"
#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::get;
using testing::post;
using testing::Reply;
using testing::response;
using testing::Rig;

/// Room for two connections.
class Room : public ::testing::Test {
 protected:
  Room() { rig_.options.max_connections = 2; }

  /// A connection that the server has taken and that has sent something.
  std::unique_ptr<Client> occupy(std::string_view text) {
    const std::uint64_t before = rig_.count("bytes_received");
    auto client = rig_.connect();
    EXPECT_TRUE(client->send(text));
    EXPECT_TRUE(rig_.wait_for_count("bytes_received", before + text.size()));
    return client;
  }

  bool is_served(Client& client) {
    return client.send(get("/")) && client.read_reply().status == 200;
  }

  Rig rig_;
};

TEST_F(Room, is_made_by_the_connection_that_has_been_idle_longest) {
  rig_.start();
  const auto first = rig_.connect();
  ASSERT_TRUE(is_served(*first));
  const auto second = rig_.connect();
  ASSERT_TRUE(is_served(*second));
  ASSERT_TRUE(is_served(*first));
  const auto newcomer = rig_.connect();
  EXPECT_TRUE(is_served(*newcomer));
  EXPECT_TRUE(second->is_closed_by_server());
  EXPECT_TRUE(is_served(*first));
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_for_room", 1));
  EXPECT_EQ(rig_.count("connections_refused_total_limit"), 0);
}

TEST_F(Room, is_made_by_slow_heads_and_slow_bodies) {
  rig_.start();
  const auto slow_head = occupy("GET / HTTP/1.1\r\nHo");
  const auto slow_body = occupy("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n1");
  const auto third = rig_.connect();
  ASSERT_TRUE(is_served(*third));
  EXPECT_TRUE(slow_head->is_closed_by_server());
  const auto slow_chunks =
      occupy("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1");
  EXPECT_TRUE(slow_body->is_closed_by_server());
  const auto fourth = rig_.connect();
  ASSERT_TRUE(is_served(*fourth));
  EXPECT_TRUE(third->is_closed_by_server());
  const auto fifth = rig_.connect();
  ASSERT_TRUE(is_served(*fifth));
  EXPECT_TRUE(slow_chunks->is_closed_by_server());
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_for_room", 4));
}

TEST_F(Room, is_not_kept_by_a_byte_now_and_then) {
  rig_.start();
  const auto slow = occupy("GET");
  const auto second = rig_.connect();
  ASSERT_TRUE(is_served(*second));
  const std::uint64_t before = rig_.count("bytes_received");
  ASSERT_TRUE(slow->send(" "));
  ASSERT_TRUE(rig_.wait_for_count("bytes_received", before + 1));
  const auto newcomer = rig_.connect();
  EXPECT_TRUE(is_served(*newcomer));
  EXPECT_TRUE(slow->is_closed_by_server());
  EXPECT_TRUE(is_served(*second));
}

TEST_F(Room, is_not_made_by_requests_under_way) {
  rig_.handler.script = [](const api::Request& request, base::Patience) {
    api::Response result = response(request.method == "POST" ? 201 : 200);
    if (request.method == "POST") result.ticket = {1};
    return result;
  };
  rig_.start();
  auto first = occupy(post("/", "1"));
  const auto second = occupy(post("/", "2"));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 2));
  const auto third = rig_.connect();
  const Reply reply = third->read_reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "overload");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(third->is_closed_by_server());
  EXPECT_EQ(rig_.count("connections_refused_total_limit"), 1);
  rig_.feed.announce(1);
  EXPECT_EQ(first->read_reply().status, 201);
  EXPECT_EQ(second->read_reply().status, 201);
  // A place that becomes free is given to the next, without ending anybody's connection.
  first.reset();
  ASSERT_TRUE(rig_.wait_for_count("connections_active", 1));
  const auto fourth = rig_.connect();
  EXPECT_TRUE(is_served(*fourth));
  EXPECT_TRUE(is_served(*second));
}

/// A greedy client whose requests are all there before that of another, which is known already.
class SharedRoom : public ::testing::Test {
 protected:
  SharedRoom() {
    rig_.handler.script = [this](const api::Request& request, base::Patience) {
      if (request.target == "/first") {
        begun_.set_value();
        all_have_sent_.get_future().wait();
      }
      if (request.target == "/greedy") work_for(200us);  // more than several turns get together
      if (request.target == "/other" && !counted_.empty()) before_ = rig_.count(counted_);
      const std::lock_guard lock(mutex_);
      order_.emplace_back(request.target);
      return response(200);
    };
    rig_.start();
    other_ = rig_.connect("127.0.0.2");
    EXPECT_TRUE(other_->send(get("/")));
    EXPECT_EQ(other_->read_reply().status, 200);
  }

  /// Keeps the loop busy until the other has sent its request.
  void hold_up() {
    first_ = rig_.connect();
    EXPECT_TRUE(first_->send(get("/first")));
    begun_.get_future().wait();
  }

  /// What has been counted by the time the other's request, sent last, is handled.
  std::uint64_t counted_before_the_other(std::string name) {
    counted_ = std::move(name);
    EXPECT_TRUE(other_->send(get("/other")));
    all_have_sent_.set_value();
    EXPECT_EQ(other_->read_reply().status, 200);
    return before_;
  }

  /// How many requests are handled before that of the other.
  std::ptrdiff_t before_the_other(int connections, int requests_each) {
    hold_up();
    std::vector<std::unique_ptr<Client>> greedy;
    std::string requests;
    for (int i = 0; i < requests_each; ++i) requests += get("/greedy");
    for (int i = 0; i < connections; ++i) {
      greedy.push_back(rig_.connect());
      EXPECT_TRUE(greedy.back()->send(requests));
    }
    EXPECT_TRUE(other_->send(get("/other")));
    all_have_sent_.set_value();
    EXPECT_EQ(other_->read_reply().status, 200);
    for (const auto& client : greedy) {
      for (int i = 0; i < requests_each; ++i) EXPECT_EQ(client->read_reply().status, 200);
    }
    const std::lock_guard lock(mutex_);
    return std::ranges::find(order_, "/other") - std::ranges::find(order_, "/first");
  }

  Rig rig_;

 private:
  static void work_for(std::chrono::microseconds duration) {
    const auto end = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < end) continue;
  }

  std::mutex mutex_;
  std::vector<std::string> order_;
  std::promise<void> begun_;
  std::promise<void> all_have_sent_;
  std::unique_ptr<Client> first_;
  std::unique_ptr<Client> other_;
  std::string counted_;  // set before `all_have_sent_`
  std::atomic<std::uint64_t> before_ = 0;
};

TEST_F(SharedRoom, is_shared_with_one_that_sends_in_advance) {
  EXPECT_LT(before_the_other(1, 200), 10);
}

TEST_F(SharedRoom, is_shared_by_client_however_many_connections_send_in_advance) {
  EXPECT_LT(before_the_other(50, 20), 20);
  EXPECT_GT(rig_.count("requests_in_line"), 900);
}

TEST_F(SharedRoom, is_shared_by_client_however_many_connections_ask) {
  EXPECT_LT(before_the_other(200, 1), 100);
}

TEST_F(SharedRoom, is_shared_with_one_that_sends_requests_in_parts) {
  constexpr std::size_t kGreedy = 100;
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::uint64_t received = rig_.count("bytes_received");
  std::vector<std::unique_ptr<Client>> greedy;
  for (std::size_t i = 0; i < kGreedy; ++i) {
    greedy.push_back(rig_.connect());
    ASSERT_TRUE(greedy.back()->send(head));
  }
  ASSERT_TRUE(rig_.wait_for_count("bytes_received", received + kGreedy * head.size()));
  hold_up();
  for (const auto& client : greedy) ASSERT_TRUE(client->send("no chunk\r\n"));
  EXPECT_LT(counted_before_the_other("refused_bad_framing"), kGreedy / 2);
  for (const auto& client : greedy) EXPECT_EQ(client->read_reply().status, 400);
}

TEST(RoomAfterTimeouts, is_shared_with_connections_that_time_out_together) {
  constexpr std::size_t kGreedy = 200;
  /// Calls back with the first answer.
  class FirstAnswer final : public AccessLog {
   public:
    explicit FirstAnswer(std::function<void()> then) : then_(std::move(then)) {}
    void record(const AccessEntry& entry) noexcept override {
      if (entry.status == 408) std::exchange(then_, [] {})();
    }

   private:
    std::function<void()> then_;
  };

  std::unique_ptr<Client> other;
  Rig rig;
  std::atomic<std::uint64_t> timed_out = 0;
  std::promise<void> all_have_sent;
  std::promise<void> begun;
  rig.handler.script = [&](const api::Request& request, base::Patience) {
    if (request.target == "/first") {
      begun.set_value();
      all_have_sent.get_future().wait();
    }
    if (request.target == "/other") timed_out = rig.count("timeouts_header");
    return response(200);
  };
  rig.log = std::make_unique<FirstAnswer>([&] { EXPECT_TRUE(other->send(get("/other"))); });
  rig.options.header_timeout = 50ms;
  rig.start();
  other = rig.connect("127.0.0.2");
  const auto first = rig.connect();
  std::vector<std::unique_ptr<Client>> greedy;
  for (std::size_t i = 0; i < kGreedy; ++i) greedy.push_back(rig.connect());
  ASSERT_TRUE(rig.wait_for_count("connections_active", kGreedy + 2));
  ASSERT_TRUE(first->send(get("/first")));
  begun.get_future().wait();
  // So that the server begins to read them all at the same moment.
  for (const auto& client : greedy) ASSERT_TRUE(client->send("GET"));
  all_have_sent.set_value();
  EXPECT_EQ(other->read_reply().status, 200);
  EXPECT_LT(timed_out, kGreedy / 2);
  for (const auto& client : greedy) EXPECT_EQ(client->read_reply().status, 408);
}

TEST_F(Room, accounts_for_every_connection_that_ended) {
  rig_.start();
  const auto answered = occupy("no request\r\n\r\n");
  EXPECT_EQ(answered->read_reply().status, 400);
  answered->close_sending();
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_after_answer", 1));
  occupy("GET")->reset();
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_by_client", 1));
  occupy("GET").reset();
  EXPECT_TRUE(rig_.wait_for_count("responses_4xx", 2));
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_after_answer", 2));
  const auto idle = rig_.connect();
  ASSERT_TRUE(rig_.wait_for_count("connections_accepted", 4));
  rig_.server->drain_and_stop();
  EXPECT_EQ(rig_.count("connections_ended_by_stop"), 1);
  EXPECT_EQ(rig_.count("connections_active"), 0);
}

TEST_F(Room, accounts_for_a_connection_that_was_idle_too_long) {
  rig_.options.idle_timeout = 50ms;
  rig_.start();
  EXPECT_TRUE(rig_.connect()->is_closed_by_server());
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_by_timeout", 1));
}

}  // namespace
}  // namespace marconi::transport::http
