// What a pass of the collector came to, and who wants to know.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "storage/collector.h"

namespace marconi::gc {

/// A pass that is over.
struct Pass {
  storage::Collected collected;
  base::UtcMillis ended = 0;
  std::chrono::nanoseconds duration{0};
  std::optional<std::string> failure{};  ///< why something was not done
};

/// Told of passes, from the thread that makes them.
class PassListener {
 public:
  virtual ~PassListener() = default;

  /// Many times during a pass.
  virtual void on_progress(const storage::Collected& /*so_far*/) {}

  /// At its end, whatever that is.
  virtual void on_end(const Pass& pass) = 0;
};

}  // namespace marconi::gc
