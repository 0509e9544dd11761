#include "storage/embedded/store_clock.h"

#include <gtest/gtest.h>

#include <chrono>

#include "storage/contract/held_up_clock.h"

namespace marconi::storage::embedded {
namespace {

using namespace std::chrono_literals;

TEST(StoreClock, is_not_ahead_after_it_was_held_up_between_its_readings) {
  contract::HeldUpClock clock;
  StoreClock time(clock, StoreMoment{.monotonic = clock.monotonic_now()});
  clock.advance(1s);
  clock.hold_up(70s);
  (void)time.now();
  clock.advance(1s);
  EXPECT_EQ(time.now(), clock.utc_now());
}

}  // namespace
}  // namespace marconi::storage::embedded
