// How the server stops.
#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using namespace std::chrono_literals;
using testing::get;
using testing::Reply;
using testing::response;
using testing::Rig;

api::Response needs_ticket_one(const api::Request& request, base::Patience) {
  api::Response result = response(201, std::string(request.target));
  result.ticket = {1};
  return result;
}

class Draining : public ::testing::Test {
 protected:
  std::future<bool> drain() {
    return std::async(std::launch::async, [this] { return rig_.server->drain_and_stop(); });
  }

  Rig rig_;
};

TEST_F(Draining, closes_idle_connections_and_listens_no_more) {
  rig_.start();
  const auto fresh = rig_.connect();
  const auto used = rig_.connect();
  ASSERT_TRUE(used->send(get("/")));
  EXPECT_EQ(used->read_reply().status, 200);
  EXPECT_TRUE(rig_.server->drain_and_stop());
  EXPECT_TRUE(fresh->is_closed_by_server());
  EXPECT_TRUE(used->is_closed_by_server());
  EXPECT_FALSE(rig_.connect()->is_connected());
  EXPECT_EQ(rig_.count("connections_active"), 0);
}

TEST_F(Draining, answers_the_request_whose_commit_is_under_way_and_no_later_one) {
  rig_.handler.script = needs_ticket_one;
  rig_.start();
  const auto idle = rig_.connect();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/first") + get("/second")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  auto drained = drain();
  EXPECT_TRUE(idle->is_closed_by_server());  // the drain has begun
  rig_.feed.announce(1);
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.body, "/first");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client->is_closed_by_server());
  client->close_sending();
  EXPECT_TRUE(drained.get());
}

TEST_F(Draining, answers_the_request_that_a_worker_is_at) {
  std::latch handling(1);
  std::latch release(1);
  rig_.handler.script = [&](const api::Request&, base::Patience patience) {
    api::Response result = response(200, "done");
    result.would_block = patience == base::Patience::immediate;
    if (result.would_block) return result;
    handling.count_down();
    release.wait();
    return result;
  };
  rig_.start();
  const auto idle = rig_.connect();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  handling.wait();
  auto drained = drain();
  EXPECT_TRUE(idle->is_closed_by_server());
  release.count_down();
  EXPECT_EQ(client->read_reply().body, "done");
  client->close_sending();
  EXPECT_TRUE(drained.get());
}

TEST_F(Draining, lets_a_request_arrive_whose_beginning_is_there) {
  rig_.start();
  const auto idle = rig_.connect();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/warm") + "GET /late HTTP"));
  EXPECT_EQ(client->read_reply().status, 200);
  auto drained = drain();
  EXPECT_TRUE(idle->is_closed_by_server());
  ASSERT_TRUE(client->send("/1.1\r\nHost: h\r\n\r\n"));
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.body, "/late");
  EXPECT_EQ(reply.header("Connection"), "close");
  client->close_sending();
  EXPECT_TRUE(drained.get());
}

TEST_F(Draining, cuts_off_what_has_not_ended_in_time) {
  rig_.options.drain_timeout = 50ms;
  rig_.handler.script = needs_ticket_one;
  rig_.start();
  const auto waiting = rig_.connect();
  const auto half = rig_.connect();
  ASSERT_TRUE(waiting->send(get("/never")));
  ASSERT_TRUE(half->send("GET / HTTP"));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  ASSERT_TRUE(rig_.wait_for_count("connections_active", 2));
  EXPECT_FALSE(rig_.server->drain_and_stop());
  EXPECT_EQ(waiting->read_reply().status, 0);
  EXPECT_EQ(rig_.count("connections_active"), 0);
}

TEST_F(Draining, waits_for_a_worker_but_not_for_the_commit_of_what_is_cut_off) {
  rig_.options.drain_timeout = 50ms;
  std::latch handling(1);
  std::latch release(1);
  rig_.handler.script = [&](const api::Request& request, base::Patience patience) {
    api::Response result = needs_ticket_one(request, patience);
    result.would_block = patience == base::Patience::immediate;
    if (result.would_block) return result;
    handling.count_down();
    release.wait();
    return result;
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  handling.wait();
  auto drained = drain();
  EXPECT_TRUE(client->is_closed_by_server());
  release.count_down();
  EXPECT_FALSE(drained.get());
}

TEST_F(Draining, a_server_that_is_destroyed_leaves_nothing_behind) {
  rig_.handler.script = needs_ticket_one;
  rig_.start();
  const auto waiting = rig_.connect();
  const auto idle = rig_.connect();
  ASSERT_TRUE(waiting->send(get("/never")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  rig_.server.reset();
  rig_.feed.announce(1);  // nobody listens
  EXPECT_TRUE(idle->is_closed_by_server());
}

}  // namespace
}  // namespace marconi::transport::http
