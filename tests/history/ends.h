// When things that last for a time end, by a server's clock that may be moved meanwhile.
#pragma once

#include <vector>

#include "history/checker.h"
#include "history/history.h"

namespace marconi::history {

/// Refers to the steps it is made of.
class Ends {
 public:
  Ends(const std::vector<ClockStep>& steps, const Tolerance& tolerance)
      : steps_(steps), tolerance_(tolerance) {}

  /// Before this instant nothing that began at `start` or later and lasts for `lasts` has ended.
  /// Only steps that may have happened meanwhile count.
  [[nodiscard]] Time earliest(Time start, Time lasts) const;

  /// By this instant whatever began between `start` and `started_by` has ended. A step forward
  /// counts only if it certainly happened meanwhile.
  [[nodiscard]] Time latest(Time start, Time started_by, Time lasts) const;

 private:
  const std::vector<ClockStep>& steps_;  // by their starts
  const Tolerance& tolerance_;
};

}  // namespace marconi::history
