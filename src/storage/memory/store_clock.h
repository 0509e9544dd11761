// The time a store lives by: wall-clock time that never goes back, and what follows from it.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace marconi::storage::memory {

/// A moment of the store's time, and the rules of expiry (see the top of storage/store.h).
class Instant {
 public:
  explicit Instant(base::UtcMillis millis) : millis_(millis) {}

  [[nodiscard]] base::UtcMillis millis() const { return millis_; }

  /// The whole second this moment falls in.
  [[nodiscard]] base::UtcSeconds second() const;

  /// Whether a thing with this end is over: it lives while now < end.
  [[nodiscard]] bool reached(base::UtcSeconds end) const { return second() >= end; }

  /// The end of what starts now and lasts `seconds`: the start is rounded up, so that nothing ends
  /// early. Lengths beyond all time give the end of time.
  [[nodiscard]] base::UtcSeconds end_after(std::int64_t seconds) const;

  /// Whole seconds passed since `start`.
  [[nodiscard]] std::int64_t age_seconds(Instant start) const {
    return (millis_ - start.millis_) / 1000;
  }

 private:
  base::UtcMillis millis_;
};

/// `a + b`, held at the limits of the type instead of overflowing.
[[nodiscard]] std::int64_t saturating_add(std::int64_t a, std::int64_t b);

/// Reads a clock so that time never goes back: while the wall clock lies behind what was read
/// before, time goes on at the pace of the monotonic clock. Not thread-safe.
class StoreClock {
 public:
  explicit StoreClock(const base::Clock& clock);

  [[nodiscard]] Instant now();

 private:
  const base::Clock& clock_;
  base::UtcMillis last_;
  std::chrono::nanoseconds last_monotonic_;  ///< what the monotonic clock showed at `last_`
};

}  // namespace marconi::storage::memory
