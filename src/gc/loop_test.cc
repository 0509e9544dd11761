#include "gc/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "observability/memory_log.h"

namespace marconi::gc {
namespace {

using namespace std::chrono_literals;
using storage::Collected;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Collects one message more in each pass, in five steps that take a second each.
class SlowCollector final : public storage::Collector {
 public:
  explicit SlowCollector(base::ManualClock& clock) : clock_(clock) {}

  base::Result<void> collect(const GoOn& go_on) override {
    ++passes;
    Collected so_far;
    for (steps = 0; steps < 5;) {
      clock_.advance(1s);
      so_far.queues = static_cast<std::uint64_t>(++steps);
      so_far.expired_messages = static_cast<std::uint64_t>(passes);
      if (!go_on(so_far)) return {};
    }
    if (failures.empty()) return {};
    auto failure = std::move(failures.front());
    failures.pop_front();
    if (failure.empty()) return {};
    return base::fail(base::ErrorKind::unavailable, std::move(failure));
  }

  int passes = 0;
  int steps = 0;                     ///< of the last pass
  std::deque<std::string> failures;  ///< of the passes to come; empty: success

 private:
  base::ManualClock& clock_;
};

/// Gives the same octet for ever.
class ConstantRandom final : public base::Random {
 public:
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, octet); }
  std::byte octet{0};
};

class Recorder final : public PassListener {
 public:
  void on_progress(const Collected& so_far) override {
    ++progress;
    if (at_progress) at_progress(so_far);
  }
  void on_end(const Pass& pass) override { passes.push_back(pass); }

  int progress = 0;
  std::function<void(const Collected&)> at_progress;
  std::vector<Pass> passes;
};

class LoopTest : public testing::Test {
 protected:
  /// Runs the loop until it has waited so many times; that wait does not end before the stop.
  base::Result<void> run(Schedule schedule, std::size_t waits = 1'000) {
    Loop loop(collector_, schedule,
              {.clock = clock_,
               .random = random_,
               .wait =
                   [&](std::chrono::nanoseconds pause, const std::stop_token& stop) {
                     pauses_.push_back(pause);
                     clock_.advance(std::chrono::duration_cast<std::chrono::milliseconds>(pause));
                     if (pauses_.size() == waits) stop_.request_stop();
                     return !stop.stop_requested();
                   }},
              {&recorder_}, {log_, "gc"});
    return loop.run(stop_.get_token());
  }

  base::ManualClock clock_{1'900'000'000'000};
  SlowCollector collector_{clock_};
  ConstantRandom random_;
  Recorder recorder_;
  observability::MemoryLog log_;
  std::stop_source stop_;
  std::vector<std::chrono::nanoseconds> pauses_;
};

TEST_F(LoopTest, passes_follow_each_other_with_the_interval_between) {
  EXPECT_TRUE(run({.interval = 300s}, 4));
  EXPECT_EQ(collector_.passes, 3);
  EXPECT_THAT(pauses_, ElementsAre(0s, 300s, 300s, 300s));
}

TEST_F(LoopTest, the_first_pass_comes_at_a_random_moment_within_the_interval) {
  random_.octet = std::byte{0x80};  // a little more than a half
  EXPECT_TRUE(run({.interval = 300s}, 2));
  EXPECT_GT(pauses_[0], 150s);
  EXPECT_LT(pauses_[0], 151s);
  random_.octet = std::byte{0xff};
  stop_ = {};
  pauses_.clear();
  EXPECT_TRUE(run({.interval = 300s}, 2));
  EXPECT_GT(pauses_[0], 299s);
  EXPECT_LT(pauses_[0], 300s);
}

TEST_F(LoopTest, once_means_one_pass_at_once) {
  random_.octet = std::byte{0xff};
  EXPECT_TRUE(run({.interval = 300s, .once = true}));
  EXPECT_EQ(collector_.passes, 1);
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(LoopTest, a_single_pass_that_fails_says_so) {
  collector_.failures = {"the database is away"};
  const auto done = run({.once = true});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().description, "the database is away");
}

TEST_F(LoopTest, a_pass_that_fails_is_logged_and_the_loop_goes_on) {
  collector_.failures = {"", "the database is away", ""};
  EXPECT_TRUE(run({.interval = 300s}, 4));
  EXPECT_EQ(collector_.passes, 3);
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("warning gc: a pass could not do everything")));
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("the database is away")));
  ASSERT_EQ(recorder_.passes.size(), 3U);
  EXPECT_FALSE(recorder_.passes[0].failure);
  EXPECT_EQ(recorder_.passes[1].failure, "the database is away");
  EXPECT_FALSE(recorder_.passes[2].failure);
}

TEST_F(LoopTest, a_stop_during_a_pause_ends_it_without_a_pass) {
  EXPECT_TRUE(run({.interval = 300s}, 1));
  EXPECT_EQ(collector_.passes, 0);
}

TEST_F(LoopTest, a_stop_during_a_pass_ends_it_between_two_steps) {
  recorder_.at_progress = [this](const Collected& so_far) {
    if (so_far.queues == 2) stop_.request_stop();
  };
  EXPECT_TRUE(run({.interval = 300s}));
  EXPECT_EQ(collector_.passes, 1);
  EXPECT_EQ(collector_.steps, 2);
}

TEST_F(LoopTest, listeners_and_the_log_are_told_what_a_pass_did) {
  EXPECT_TRUE(run({.once = true}));
  EXPECT_EQ(recorder_.progress, 5);
  ASSERT_EQ(recorder_.passes.size(), 1U);
  EXPECT_EQ(recorder_.passes[0].collected, (Collected{.queues = 5, .expired_messages = 1}));
  EXPECT_EQ(recorder_.passes[0].duration, 5s);
  EXPECT_EQ(recorder_.passes[0].ended, clock_.utc_now());
  EXPECT_THAT(log_.lines(),
              Contains(HasSubstr("info gc: a pass has ended queues=5 expired_messages=1")));
}

}  // namespace
}  // namespace marconi::gc
