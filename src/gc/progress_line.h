// How far a pass is, for whoever watches a terminal.
#pragma once

#include <ostream>
#include <string>

#include "base/clock.h"
#include "gc/pass.h"

namespace marconi::gc {

/// Keeps one line up to date, some times a second, and wipes it at the end of the pass. Both
/// arguments must outlive it.
class ProgressLine final : public PassListener {
 public:
  ProgressLine(std::ostream& terminal, const base::Clock& clock)
      : terminal_(terminal), clock_(clock) {}

  void on_progress(const storage::Collected& so_far) override;
  void on_end(const Pass& pass) override;

 private:
  std::ostream& terminal_;
  const base::Clock& clock_;
  std::chrono::nanoseconds next_{0};  ///< when to write again; monotonic
};

}  // namespace marconi::gc
