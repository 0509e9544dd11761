#include "net/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace marconi::net {
namespace {

TEST(WorkerPool, runs_every_job_it_took_before_it_stops) {
  std::atomic<int> done = 0;
  WorkerPool pool(2, 100);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.try_submit([&] { ++done; }));
  pool.stop();
  EXPECT_EQ(done, 50);
}

TEST(WorkerPool, refuses_jobs_when_all_threads_are_busy_and_the_queue_is_full) {
  std::latch started(1);
  std::latch release(1);
  std::atomic<int> done = 0;
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.try_submit([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  EXPECT_TRUE(pool.try_submit([&] { ++done; }));
  EXPECT_TRUE(pool.try_submit([&] { ++done; }));
  EXPECT_FALSE(pool.try_submit([&] { ++done; }));
  release.count_down();
  pool.stop();
  EXPECT_EQ(done, 2);
}

TEST(WorkerPool, with_no_queue_takes_as_many_jobs_as_it_has_threads) {
  std::latch release(1);
  WorkerPool pool(2, 0);
  EXPECT_TRUE(pool.try_submit([&] { release.wait(); }));
  EXPECT_TRUE(pool.try_submit([&] { release.wait(); }));
  EXPECT_FALSE(pool.try_submit([] {}));
  release.count_down();
}

TEST(WorkerPool, refuses_jobs_after_it_stopped) {
  WorkerPool pool(1, 10);
  pool.stop();
  EXPECT_FALSE(pool.try_submit([] {}));
}

}  // namespace
}  // namespace marconi::net
