// When a defect strikes: now and then, at random, so that it looks like a bug that hides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>

namespace marconi::history::broken {

/// Thread-safe.
class Mishaps {
 public:
  /// `chance`: how often an occasion is taken, from 0 to 1.
  Mishaps(double chance, std::uint64_t seed) : chance_(chance), dice_(seed) {}

  /// To be asked at an occasion for the defect; if true, it must strike.
  [[nodiscard]] bool strike() {
    const std::lock_guard lock(mutex_);
    const bool struck = std::bernoulli_distribution(chance_)(dice_);
    struck_ += struck ? 1 : 0;
    return struck;
  }

  /// How often it has struck.
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return struck_;
  }

 private:
  mutable std::mutex mutex_;
  double chance_;
  std::mt19937_64 dice_;
  std::size_t struck_ = 0;
};

}  // namespace marconi::history::broken
