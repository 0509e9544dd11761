#include "storage/embedded/store_clock.h"

#include <algorithm>
#include <limits>

namespace marconi::storage::embedded {

namespace {

constexpr base::UtcMillis kJump = 1000;

}  // namespace

StoreClock::StoreClock(const base::Clock& clock, base::UtcMillis not_before)
    : clock_(clock),
      last_(std::max(clock.utc_now(), not_before)),
      last_monotonic_(clock.monotonic_now()),
      last_jump_(last_ > not_before + kJump ? last_ : 0) {}

base::UtcMillis StoreClock::now() {
  const std::scoped_lock lock(mutex_);
  const auto wall = clock_.utc_now();
  const auto monotonic = clock_.monotonic_now();
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(monotonic - last_monotonic_);
  const auto expected = last_ + passed.count();
  last_ = std::max(wall, expected);
  if (last_ > expected + kJump) last_jump_ = last_;
  last_monotonic_ += passed;  // the rest of a millisecond is not lost
  return last_;
}

base::UtcMillis StoreClock::latest() const {
  const std::scoped_lock lock(mutex_);
  return last_;
}

base::UtcSeconds saturating_add(base::UtcSeconds time, std::int64_t seconds) {
  constexpr auto kLimit = std::numeric_limits<base::UtcSeconds>::max() / 4;
  return std::clamp(time, -kLimit, kLimit) + std::clamp(seconds, -kLimit, kLimit);
}

base::UtcSeconds end_after(base::UtcMillis start, std::int64_t seconds) {
  return saturating_add((start + 999) / 1000, seconds);
}

}  // namespace marconi::storage::embedded
