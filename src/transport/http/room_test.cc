// What clients may take from each other: places at the limit of connections, and turns.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <vector>

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
      const std::lock_guard lock(mutex_);
      order_.emplace_back(request.target);
      return response(200);
    };
    rig_.start();
    other_ = rig_.connect("127.0.0.2");
    EXPECT_TRUE(other_->send(get("/")));
    EXPECT_EQ(other_->read_reply().status, 200);
  }

  /// How many requests are handled before that of the other.
  std::ptrdiff_t before_the_other(int connections, int requests_each) {
    const auto first = rig_.connect();
    EXPECT_TRUE(first->send(get("/first")));
    begun_.get_future().wait();
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
  std::unique_ptr<Client> other_;
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
