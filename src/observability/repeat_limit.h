// Keeps one fault that repeats a thousand times a second from filling the disk with its lines.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "observability/log.h"

namespace marconi::observability {

/// Lets at most `burst` equal lines pass in each `window`. Lines are equal if level, room and
/// message are; their fields do not count. Thread-safe.
class RepeatLimit {
 public:
  RepeatLimit(const base::Clock& clock, std::size_t burst, std::chrono::nanoseconds window)
      : clock_(clock), burst_(burst), window_(window) {}

  /// Nothing if this line is to be left out; otherwise how many equal ones were left out since
  /// the last that passed.
  std::optional<std::uint64_t> admit(const Record& record);

 private:
  struct Run {
    std::chrono::nanoseconds start{};
    std::size_t passed = 0;
    std::uint64_t suppressed = 0;
  };

  /// The run of equal lines that `key` belongs to; null if there are too many to keep track of.
  Run* find_run(const std::string& key, std::chrono::nanoseconds now);

  const base::Clock& clock_;
  const std::size_t burst_;
  const std::chrono::nanoseconds window_;
  std::mutex mutex_;
  std::map<std::string, Run> runs_;  // guarded by mutex_
};

}  // namespace marconi::observability
