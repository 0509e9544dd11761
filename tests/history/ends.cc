#include "history/ends.h"

#include <algorithm>

namespace marconi::history {

Time Ends::earliest(Time start, Time lasts) const {
  Time end = start + lasts - tolerance_.early;
  for (const ClockStep& step : steps_) {
    const Time from = std::max(step.start, start);
    if (step.end >= start && step.most > 0 && from < end) {
      end = std::max(from, end - step.most);
    }
  }
  return end;
}

Time Ends::latest(Time start, Time started_by, Time lasts) const {
  Time end = started_by + lasts + tolerance_.late;
  for (const ClockStep& step : steps_) {
    if (step.least < 0 && step.end >= start && step.start <= end) {
      end -= step.least;
    }
  }
  // A step that is over before the end, as it would be without that step, brings it forward.
  for (const ClockStep& step : steps_) {
    if (step.least > 0 && step.start >= started_by && step.end < end) {
      end = std::min(end, std::max(step.end + tolerance_.late, end - step.least));
    }
  }
  return end;
}

}  // namespace marconi::history
