// A moment of the store's time, and the rules of expiry (see the top of storage/store.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/clock.h"
#include "storage/mongodb/bson.h"

namespace marconi::storage::mongodb {

/// `a + b`, held at the limits of the type instead of overflowing.
[[nodiscard]] inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

/// The date of a second, held within the years that every client library can read.
[[nodiscard]] inline Date date_of(base::UtcSeconds second) {
  constexpr base::UtcSeconds kFirst = 0;
  constexpr base::UtcSeconds kLast = 253'402'300'799;  // 9999-12-31T23:59:59Z
  return {1000 * std::clamp(second, kFirst, kLast)};
}

class Moment {
 public:
  explicit Moment(base::UtcMillis millis) : millis_(millis) {}

  [[nodiscard]] Date date() const { return {millis_}; }
  [[nodiscard]] base::UtcMillis millis() const { return millis_; }
  /// The whole second this moment falls in.
  [[nodiscard]] base::UtcSeconds second() const { return millis_ / 1000; }

  /// The end of what starts now and lasts `seconds`: the start is rounded up, so that nothing ends
  /// early.
  [[nodiscard]] base::UtcSeconds end_after(std::int64_t seconds) const {
    return saturating_add(second() + (millis_ % 1000 > 0 ? 1 : 0), seconds);
  }

  /// Whole seconds passed since `start`, never negative.
  [[nodiscard]] std::int64_t age_seconds(Date start) const {
    return std::max<std::int64_t>(0, (millis_ - start.millis) / 1000);
  }

 private:
  base::UtcMillis millis_;
};

}  // namespace marconi::storage::mongodb
