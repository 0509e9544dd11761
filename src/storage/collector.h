// Collecting garbage from outside: for stores that leave it to a program of its own, marconi-gc.
#pragma once

#include <cstdint>
#include <functional>

#include "base/error.h"

namespace marconi::storage {

/// What a pass has done so far.
struct Collected {
  std::uint64_t queues = 0;             ///< it has looked at
  std::uint64_t expired_messages = 0;   ///< removed
  std::uint64_t orphaned_messages = 0;  ///< removed; their queue had been before them
  std::uint64_t completed_posts = 0;    ///< shown in full, as their poster died half-way
  std::uint64_t raised_counters = 0;    ///< of queues that a dead poster had stalled
  std::uint64_t failures = 0;           ///< steps that failed, which are left to the next pass

  friend bool operator==(const Collected&, const Collected&) = default;
};

/// Clears up behind all hosts that use a store. The correctness of the store never depends on it:
/// any number of collectors may be at work on the same store, at any moment, and each may be ended
/// at any instant.
class Collector {
 public:
  virtual ~Collector() = default;

  /// Told every so often how far a pass is; false ends the pass.
  using GoOn = std::function<bool(const Collected& so_far)>;

  /// One pass over the queues of all projects; `go_on` is told last what it did in all. A step that
  /// fails does not keep it from the others, unless the store seems to be away; the error is that
  /// of the first. Thread-safe; may wait for a network.
  virtual base::Result<void> collect(const GoOn& go_on) = 0;
};

}  // namespace marconi::storage
