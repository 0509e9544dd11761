#include "net/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <vector>

namespace marconi::net {
namespace {

TEST(WorkerPool, runs_every_job_it_took_before_it_stops) {
  std::atomic<int> done = 0;
  WorkerPool pool(2, 100);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.try_submit("a", [&] { ++done; }));
  pool.stop();
  EXPECT_EQ(done, 50);
}

TEST(WorkerPool, a_client_may_take_half_of_the_places_that_others_have_left) {
  std::latch started(1);
  std::latch release(1);
  std::atomic<int> done = 0;
  WorkerPool pool(1, 12);
  ASSERT_TRUE(pool.try_submit("a", [&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  const auto taken_of_ten = [&](const std::string& client) {
    int taken = 0;
    for (int i = 0; i < 10; ++i) taken += pool.try_submit(client, [&] { ++done; }) ? 1 : 0;
    return taken;
  };
  EXPECT_EQ(taken_of_ten("a"), 6);
  EXPECT_EQ(taken_of_ten("b"), 3);
  EXPECT_EQ(taken_of_ten("c"), 2);
  EXPECT_EQ(taken_of_ten("d"), 1);
  EXPECT_EQ(taken_of_ten("e"), 0);
  release.count_down();
  pool.stop();
  EXPECT_EQ(done, 12);
}

TEST(WorkerPool, clients_take_turns_and_each_is_served_in_order) {
  std::latch started(1);
  std::latch release(1);
  std::vector<std::string> done;
  WorkerPool pool(1, 100);
  ASSERT_TRUE(pool.try_submit("a", [&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  const auto submit = [&](const std::string& client, const std::string& name) {
    ASSERT_TRUE(pool.try_submit(client, [&done, name] { done.push_back(name); }));
  };
  for (const auto* const name : {"a1", "a2", "a3", "a4"}) submit("a", name);
  for (const auto* const name : {"b1", "b2"}) submit("b", name);
  submit("c", "c1");
  release.count_down();
  pool.stop();
  EXPECT_EQ(done, (std::vector<std::string>{"a1", "b1", "c1", "a2", "b2", "a3", "a4"}));
}

TEST(WorkerPool, with_no_queue_takes_as_many_jobs_as_it_has_threads) {
  std::latch release(1);
  WorkerPool pool(2, 0);
  EXPECT_TRUE(pool.try_submit("a", [&] { release.wait(); }));
  EXPECT_TRUE(pool.try_submit("a", [&] { release.wait(); }));
  EXPECT_FALSE(pool.try_submit("a", [] {}));
  release.count_down();
}

TEST(WorkerPool, refuses_jobs_after_it_stopped) {
  WorkerPool pool(1, 10);
  pool.stop();
  EXPECT_FALSE(pool.try_submit("a", [] {}));
}

}  // namespace
}  // namespace marconi::net
