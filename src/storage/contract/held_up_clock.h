// For tests of what reads two clocks: a machine that stands still between two readings.
#pragma once

#include <chrono>
#include <utility>

#include "base/clock.h"

namespace marconi::storage::contract {

/// Both clocks stand still but for what a test asks for. For one thread.
class HeldUpClock final : public base::Clock {
 public:
  [[nodiscard]] base::UtcMillis utc_now() const override {
    return kStart + std::chrono::duration_cast<std::chrono::milliseconds>(read()).count();
  }
  [[nodiscard]] std::chrono::nanoseconds monotonic_now() const override { return read(); }

  /// So much time passes right after the next reading of either clock.
  void hold_up(std::chrono::milliseconds time) { hold_up_ = time; }

  void advance(std::chrono::milliseconds time) { passed_ += time; }

 private:
  static constexpr base::UtcMillis kStart = 1'700'000'000'000;

  [[nodiscard]] std::chrono::nanoseconds read() const {
    const auto now = passed_;
    passed_ += std::exchange(hold_up_, {});
    return now;
  }

  mutable std::chrono::nanoseconds passed_{};
  mutable std::chrono::milliseconds hold_up_{};
};

}  // namespace marconi::storage::contract
