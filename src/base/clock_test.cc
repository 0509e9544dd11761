#include "base/clock.h"

#include <gtest/gtest.h>

namespace marconi::base {
namespace {

using namespace std::chrono_literals;

constexpr UtcMillis kStart = 1'700'000'000'000;

TEST(ManualClock, StandsStillUntilTold) {
  const ManualClock clock(kStart);
  const auto monotonic = clock.monotonic_now();
  EXPECT_EQ(clock.utc_now(), kStart);
  EXPECT_EQ(clock.utc_now(), kStart);
  EXPECT_EQ(clock.monotonic_now(), monotonic);
}

TEST(ManualClock, AdvancesBothClocks) {
  ManualClock clock(kStart);
  const auto monotonic = clock.monotonic_now();
  clock.advance(1500ms);
  clock.advance(1ms);
  EXPECT_EQ(clock.utc_now(), kStart + 1501);
  EXPECT_EQ(clock.monotonic_now() - monotonic, 1501ms);
}

TEST(ManualClock, StepsTheWallClockAlone) {
  ManualClock clock(kStart);
  const auto monotonic = clock.monotonic_now();
  clock.step_wall(-1h);
  EXPECT_EQ(clock.utc_now(), kStart - 3'600'000);
  clock.step_wall(2h);
  EXPECT_EQ(clock.utc_now(), kStart + 3'600'000);
  EXPECT_EQ(clock.monotonic_now(), monotonic);
}

TEST(SystemClock, TellsTheTimeInMillisecondsSinceTheEpoch) {
  const SystemClock clock;
  const auto before = std::chrono::system_clock::now();
  const UtcMillis now = clock.utc_now();
  const auto after = std::chrono::system_clock::now();
  using std::chrono::floor, std::chrono::milliseconds;
  EXPECT_GE(now, floor<milliseconds>(before).time_since_epoch().count());
  EXPECT_LE(now, floor<milliseconds>(after).time_since_epoch().count());
}

TEST(SystemClock, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  auto last = clock.monotonic_now();
  for (int i = 0; i < 10'000; ++i) {
    const auto now = clock.monotonic_now();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace marconi::base
