// Answers that wait for their commits, and requests that wait for a disk.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <string>
#include <vector>

#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using base::CommitOutcome;
using base::Patience;
using testing::Client;
using testing::get;
using testing::post;
using testing::Reply;
using testing::response;
using testing::Rig;

/// The number that a target such as `/7` names.
std::uint64_t number_in(const api::Request& request) {
  return std::stoull(std::string(request.target.substr(1)));
}

/// Answers with the ticket that the target names.
api::Response ticket_of_target(const api::Request& request, Patience) {
  api::Response result = response(201, std::string(request.target));
  result.ticket = {number_in(request)};
  return result;
}

class Commits : public ::testing::Test {
 protected:
  Commits() { rig_.handler.script = ticket_of_target; }

  Rig rig_;
};

TEST_F(Commits, an_answer_without_a_ticket_does_not_wait) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/0")));
  EXPECT_EQ(client->read_reply().status, 201);
  EXPECT_EQ(rig_.count("answers_held_back"), 0);
}

TEST_F(Commits, an_answer_waits_for_its_ticket_while_others_are_served) {
  rig_.start();
  const auto waiting = rig_.connect();
  const auto other = rig_.connect();
  ASSERT_TRUE(waiting->send(get("/5")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  rig_.feed.announce(4);
  ASSERT_TRUE(other->send(get("/4") + get("/0")));
  EXPECT_EQ(other->read_reply().body, "/4");
  EXPECT_EQ(other->read_reply().body, "/0");
  EXPECT_TRUE(rig_.wait_for_count("responses_2xx", 2));
  rig_.feed.announce(5);
  EXPECT_EQ(waiting->read_reply().body, "/5");
}

TEST_F(Commits, one_announcement_releases_all_answers_up_to_it) {
  rig_.start();
  std::vector<std::unique_ptr<testing::Client>> clients;
  for (int ticket : {3, 1, 4, 2, 5}) {
    clients.push_back(rig_.connect());
    ASSERT_TRUE(clients.back()->send(get("/" + std::to_string(ticket))));
  }
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 5));
  rig_.feed.announce(4);
  for (const int client : {0, 1, 2, 3}) EXPECT_EQ(clients[client]->read_reply().status, 201);
  EXPECT_TRUE(rig_.wait_for_count("responses_2xx", 4));
  rig_.feed.announce(5);
  EXPECT_EQ(clients[4]->read_reply().status, 201);
}

TEST_F(Commits, pipelined_answers_keep_their_order_whatever_their_tickets) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/9") + get("/2") + get("/0") + get("/10")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  rig_.feed.announce(9);
  EXPECT_EQ(client->read_reply().body, "/9");
  EXPECT_EQ(client->read_reply().body, "/2");
  EXPECT_EQ(client->read_reply().body, "/0");
  rig_.feed.announce(10);
  EXPECT_EQ(client->read_reply().body, "/10");
}

TEST_F(Commits, a_failed_commit_turns_the_answer_into_the_handlers_503) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(post("/5", " body")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  rig_.feed.announce(5, CommitOutcome::failed);
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "not stored: /5 body");
  EXPECT_TRUE(reply.has_header("Retry-After"));
  EXPECT_EQ(rig_.count("commit_failures"), 1);
  // The connection goes on, and so do commits.
  ASSERT_TRUE(client->send(get("/6")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 2));
  rig_.feed.announce(6);
  EXPECT_EQ(client->read_reply().body, "/6");
}

TEST_F(Commits, a_ticket_that_failed_before_the_answer_arrived_fails_it_still) {
  rig_.start();
  rig_.feed.announce(3);
  rig_.feed.announce(5, CommitOutcome::failed);
  rig_.feed.announce(9);
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/3") + get("/4") + get("/5") + get("/6")));
  EXPECT_EQ(client->read_reply().status, 201);
  EXPECT_EQ(client->read_reply().status, 503);
  EXPECT_EQ(client->read_reply().status, 503);
  EXPECT_EQ(client->read_reply().status, 201);
}

TEST_F(Commits, every_loop_hears_the_announcements) {
  rig_.options.event_loops = 4;
  rig_.start();
  std::vector<std::unique_ptr<testing::Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(rig_.connect());
    ASSERT_TRUE(clients.back()->send(get("/1")));
  }
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 20));
  rig_.feed.announce(1);
  for (const auto& client : clients) EXPECT_EQ(client->read_reply().status, 201);
}

TEST_F(Commits, a_client_that_left_while_its_answer_waited_harms_nobody) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/5")));
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  client->reset();
  rig_.feed.announce(5);
  EXPECT_TRUE(rig_.wait_for_count("connections_active", 0));
}

/// Blocks on the loop; on a worker says so, with the ticket of the target.
api::Response blocks_on_the_loop(const api::Request& request, Patience patience) {
  if (patience == Patience::immediate) {
    api::Response result;
    result.would_block = true;
    return result;
  }
  api::Response result = ticket_of_target(request, patience);
  result.body += " on a worker, " + std::string(request.body);
  return result;
}

TEST_F(Commits, a_request_that_would_block_is_handled_by_a_worker) {
  rig_.handler.script = blocks_on_the_loop;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(post("/0", "a") + post("/00", "b")));
  EXPECT_EQ(client->read_reply().body, "/0 on a worker, a");
  EXPECT_EQ(client->read_reply().body, "/00 on a worker, b");
  EXPECT_EQ(rig_.count("handled_by_workers"), 2);
}

TEST_F(Commits, an_announcement_made_while_a_worker_was_busy_is_remembered) {
  std::latch handling(1);
  std::latch release(1);
  rig_.handler.script = [&](const api::Request& request, Patience patience) {
    if (patience == Patience::may_wait) {
      handling.count_down();
      release.wait();
    }
    return blocks_on_the_loop(request, patience);
  };
  rig_.start();
  const auto client = rig_.connect();
  const auto other = rig_.connect();
  ASSERT_TRUE(client->send(post("/5", "")));
  handling.wait();
  rig_.feed.announce(5, CommitOutcome::failed);
  rig_.feed.announce(7);
  release.count_down();
  EXPECT_EQ(client->read_reply().body, "not stored: /5");
}

TEST_F(Commits, a_full_worker_pool_is_answered_503) {
  std::latch release(1);
  rig_.options.worker_threads = 1;
  rig_.options.worker_queue_length = 1;
  rig_.handler.script = [&](const api::Request& request, Patience patience) {
    if (patience == Patience::may_wait) release.wait();
    return blocks_on_the_loop(request, patience);
  };
  rig_.start();
  const auto running = rig_.connect();
  const auto queued = rig_.connect();
  const auto too_many = rig_.connect();
  ASSERT_TRUE(running->send(get("/0")));
  ASSERT_TRUE(rig_.handler.wait_for_calls(2));
  ASSERT_TRUE(queued->send(get("/0")));
  ASSERT_TRUE(rig_.wait_for_count("handled_by_workers", 2));
  ASSERT_TRUE(too_many->send(get("/0")));
  const Reply reply = too_many->read_reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "overload");
  EXPECT_TRUE(reply.has_header("Retry-After"));
  release.count_down();
  EXPECT_EQ(running->read_reply().status, 201);
  EXPECT_EQ(queued->read_reply().status, 201);
  EXPECT_EQ(rig_.count("overloads"), 1);
}

TEST_F(Commits, a_client_that_keeps_the_workers_busy_keeps_nobody_out_and_nobody_waiting) {
  std::latch release(1);
  std::mutex mutex;
  std::vector<std::string> handled;
  rig_.options.worker_threads = 1;
  rig_.options.worker_queue_length = 8;
  rig_.handler.script = [&](const api::Request& request, Patience patience) {
    if (patience == Patience::immediate) return blocks_on_the_loop(request, patience);
    release.wait();
    const std::lock_guard lock(mutex);
    handled.emplace_back(request.target);
    return response(201);
  };
  rig_.start();
  const auto running = rig_.connect();
  ASSERT_TRUE(running->send(get("/running")));
  ASSERT_TRUE(rig_.wait_for_count("handled_by_workers", 1));
  std::vector<std::unique_ptr<Client>> greedy;
  for (int i = 0; i < 12; ++i) {
    greedy.push_back(rig_.connect());
    ASSERT_TRUE(greedy.back()->send(get("/greedy")));
  }
  ASSERT_TRUE(rig_.handler.wait_for_calls(2 + 12));
  std::vector<std::unique_ptr<Client>> others;
  for (const auto* const from : {"127.0.0.2", "127.0.0.3"}) {
    others.push_back(rig_.connect(from));
    ASSERT_TRUE(others.back()->send(get("/other")));
  }
  ASSERT_TRUE(rig_.handler.wait_for_calls(2 + 12 + 2));
  release.count_down();
  for (const auto& other : others) EXPECT_EQ(other->read_reply().status, 201);
  int refused = 0;
  for (const auto& one : greedy) refused += one->read_reply().status == 503 ? 1 : 0;
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 12);
  const std::lock_guard lock(mutex);
  ASSERT_GT(handled.size(), 4U);
  handled.resize(4);  // of which the first may be any that came before the others
  EXPECT_EQ(std::ranges::count(handled, "/other"), 2) << "others wait behind all of one client's";
}

TEST_F(Commits, a_busy_store_and_many_clients_lose_no_answer) {
  // A committer of its own thread settles tickets as they are handed out; some fail.
  std::atomic<std::uint64_t> last = 0;
  std::atomic<bool> stopping = false;
  rig_.options.event_loops = 2;
  rig_.handler.script = [&](const api::Request& request, Patience patience) {
    if (request.target == "/slow" && patience == Patience::immediate) {
      api::Response again;
      again.would_block = true;
      return again;
    }
    api::Response result = response(201);
    result.ticket = {++last};
    return result;
  };
  rig_.start();
  std::thread committer([&] {
    std::uint64_t settled = 0;
    while (!stopping) {
      const std::uint64_t now = last;
      if (now == settled) continue;
      rig_.feed.announce(now, now % 7 == 0 ? CommitOutcome::failed : CommitOutcome::durable);
      settled = now;
    }
  });
  std::vector<std::thread> threads;
  std::atomic<int> answers = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto client = rig_.connect();
      for (int n = 0; n < 100; ++n) {
        if (!client->send(get(n % 3 == i % 3 ? "/slow" : "/") + get("/"))) return;
        if (client->read_reply().status != 0) ++answers;
        if (client->read_reply().status != 0) ++answers;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stopping = true;
  committer.join();
  EXPECT_EQ(answers, 800);
}

}  // namespace
}  // namespace marconi::transport::http
