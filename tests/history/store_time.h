// What is known of a store's clock while the wall clock under it is moved and the server dies.
#pragma once

#include <vector>

#include "history/history.h"

namespace marconi::history {

/// The store's clock follows the wall clock forward and never goes back, so it may be ahead of it.
/// It is written down once a second; a server that was killed begins with what was written down,
/// or with the wall clock if that is later. This class keeps bounds of how far it is ahead of true
/// time, and turns what happens into steps for the checker. For one thread.
class StoreTime {
 public:
  /// The wall clock is about to be set to `offset` ahead of true time.
  void moved(Time when, Time offset);

  /// The server was killed, after it had run undisturbed or not.
  void died(Time when);

  /// From `from` to `to` it could not write its time down: stopped, or its disk failing.
  void disturbed(Time from, Time to);

  /// By now the server has acted on its clock as it is.
  void seen(Time when);

  [[nodiscard]] Time wall_offset() const { return wall_; }
  [[nodiscard]] const std::vector<ClockStep>& steps() const { return steps_; }

 private:
  Time wall_ = 0;
  Time least_ahead_ = 0;  ///< of the store's clock
  Time most_ahead_ = 0;
  Time changed_ = kNever;  ///< when something happened that was not seen yet
  Time kept_by_ = kNever;  ///< the server died; its time was written down then, or later
  Time disturbed_from_ = 0;
  Time disturbed_to_ = 0;
  Time highest_wall_ = 0;  ///< since it was seen last
  std::vector<ClockStep> steps_;
};

}  // namespace marconi::history
