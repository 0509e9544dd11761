#include "storage/memory/store_clock.h"

#include <limits>

namespace marconi::storage::memory {

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

base::UtcSeconds Instant::second() const { return millis_ / 1000; }

base::UtcSeconds Instant::end_after(std::int64_t seconds) const {
  const base::UtcSeconds rounded_up = second() + (millis_ % 1000 > 0 ? 1 : 0);
  return saturating_add(rounded_up, seconds);
}

StoreClock::StoreClock(const base::Clock& clock)
    : clock_(clock), last_(clock.utc_now()), last_monotonic_(clock.monotonic_now()) {}

/// The wall clock is read first: what passes until the other one is read must not count twice.
Instant StoreClock::now() {
  const base::UtcMillis wall = clock_.utc_now();
  const auto passed =
      std::chrono::floor<std::chrono::milliseconds>(clock_.monotonic_now() - last_monotonic_);
  last_ += passed.count();
  last_monotonic_ += passed;  // keeps the rest of a millisecond for the next reading
  if (wall > last_) last_ = wall;
  return Instant(last_);
}

}  // namespace marconi::storage::memory
