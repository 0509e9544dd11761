#include "storage/embedded/store_clock.h"

#include <algorithm>
#include <limits>

namespace marconi::storage::embedded {

namespace {

constexpr base::UtcMillis kJump = 1000;

}  // namespace

StoreClock::StoreClock(const base::Clock& clock, const StoreMoment& latest)
    : clock_(clock), latest_(latest) {
  (void)now();
  last_jump_ = latest_.time > latest.time + kJump ? latest_.time : 0;
}

/// The wall clock is read first: what passes until the other one is read must not count twice.
base::UtcMillis StoreClock::now() {
  const std::scoped_lock lock(mutex_);
  const auto wall = clock_.utc_now();
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic_now() -
                                                                            latest_.monotonic);
  const auto expected = latest_.time + passed.count();
  latest_.time = std::max(wall, expected);
  if (latest_.time > expected + kJump) last_jump_ = latest_.time;
  latest_.monotonic += passed;  // the rest of a millisecond is not lost
  return latest_.time;
}

StoreMoment StoreClock::latest_moment() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

base::UtcSeconds saturating_add(base::UtcSeconds time, std::int64_t seconds) {
  constexpr auto kLimit = std::numeric_limits<base::UtcSeconds>::max() / 4;
  return std::clamp(time, -kLimit, kLimit) + std::clamp(seconds, -kLimit, kLimit);
}

base::UtcSeconds end_after(base::UtcMillis start, std::int64_t seconds) {
  return saturating_add((start + 999) / 1000, seconds);
}

}  // namespace marconi::storage::embedded
