#include "storage/memory/store_clock.h"

#include <gtest/gtest.h>

#include <chrono>

#include "storage/contract/held_up_clock.h"

namespace marconi::storage::memory {
namespace {

using namespace std::chrono_literals;

TEST(StoreClock, is_not_ahead_after_it_was_held_up_between_its_readings) {
  contract::HeldUpClock clock;
  StoreClock time(clock);
  clock.advance(1s);
  clock.hold_up(70s);
  (void)time.now().millis();
  clock.advance(1s);
  EXPECT_EQ(time.now().millis(), clock.utc_now());
}

}  // namespace
}  // namespace marconi::storage::memory
