#include "base/clock.h"

namespace marconi::base {

namespace chrono = std::chrono;

UtcMillis SystemClock::utc_now() const {
  return chrono::duration_cast<chrono::milliseconds>(chrono::system_clock::now().time_since_epoch())
      .count();
}

chrono::nanoseconds SystemClock::monotonic_now() const {
  return chrono::steady_clock::now().time_since_epoch();
}

UtcMillis ManualClock::utc_now() const { return utc_.load(); }

chrono::nanoseconds ManualClock::monotonic_now() const {
  return chrono::nanoseconds(monotonic_nanos_.load());
}

void ManualClock::advance(chrono::milliseconds by) {
  monotonic_nanos_ += chrono::nanoseconds(by).count();
  utc_ += by.count();
}

void ManualClock::step_wall(chrono::milliseconds by) { utc_ += by.count(); }

}  // namespace marconi::base
