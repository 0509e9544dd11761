// The store's time: UTC that never goes back, whatever the wall clock does.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "base/clock.h"

namespace marconi::storage::embedded {

/// A moment, by a store's time and by the monotonic clock of this process.
struct StoreMoment {
  base::UtcMillis time = 0;
  std::chrono::nanoseconds monotonic{};
};

/// Follows the wall clock forward and, where that stands behind what was seen before, goes on at
/// the pace of the monotonic clock. So a wall clock stepped back revives nothing, and one stepped
/// forward ends things early by no more than the step. Thread-safe.
class StoreClock {
 public:
  /// `latest`: when the store last looked at its time. It has gone on since.
  StoreClock(const base::Clock& clock, const StoreMoment& latest);

  [[nodiscard]] base::UtcMillis now();

  /// What `now` returned last.
  [[nodiscard]] base::UtcMillis latest() const { return latest_moment().time; }

  /// When that was.
  [[nodiscard]] StoreMoment latest_moment() const;

  /// The time after the last jump forward of more than a second, be it at the start; 0 if there
  /// was none. No later than what `now` returned last.
  [[nodiscard]] base::UtcMillis last_jump() const { return last_jump_.load(); }

 private:
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  StoreMoment latest_;
  std::atomic<base::UtcMillis> last_jump_{0};
};

/// The second in which a thing that starts now and lasts `seconds` ends: rounded up, so that
/// nothing ends early. Saturates.
[[nodiscard]] base::UtcSeconds end_after(base::UtcMillis start, std::int64_t seconds);

/// The whole second that `now` lies in. A thing with end E lives while whole_seconds(now) < E.
[[nodiscard]] inline base::UtcSeconds whole_seconds(base::UtcMillis now) { return now / 1000; }

/// Adds without overflow; stays well away from the ends of the range.
[[nodiscard]] base::UtcSeconds saturating_add(base::UtcSeconds time, std::int64_t seconds);

}  // namespace marconi::storage::embedded
