// Time as a dependency: everything that looks at a clock is given one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace marconi::base {

/// Milliseconds since the Unix epoch, UTC.
using UtcMillis = std::int64_t;
/// Whole seconds since the Unix epoch, UTC.
using UtcSeconds = std::int64_t;

/// Reads the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall-clock time. May step in either direction.
  [[nodiscard]] virtual UtcMillis utc_now() const = 0;

  /// Never goes back; for measuring and waiting only.
  [[nodiscard]] virtual std::chrono::nanoseconds monotonic_now() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] UtcMillis utc_now() const override;
  [[nodiscard]] std::chrono::nanoseconds monotonic_now() const override;
};

/// A clock that moves only when told to, for tests. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcMillis start) : utc_(start) {}

  [[nodiscard]] UtcMillis utc_now() const override;
  [[nodiscard]] std::chrono::nanoseconds monotonic_now() const override;

  /// Lets time pass: both clocks move forward.
  void advance(std::chrono::milliseconds by);

  /// Steps the wall clock alone, forward or back, as an administrator or NTP might.
  void step_wall(std::chrono::milliseconds by);

 private:
  std::atomic<UtcMillis> utc_;
  std::atomic<std::int64_t> monotonic_nanos_{0};
};

}  // namespace marconi::base
