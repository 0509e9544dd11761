// Collecting again and again.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/wait.h"
#include "gc/pass.h"
#include "observability/log.h"

namespace marconi::gc {

struct Schedule {
  std::chrono::seconds interval{300};
  bool once = false;  ///< one pass, at once
};

/// What the loop needs of the world. Everything must outlive it.
struct Surroundings {
  const base::Clock& clock;
  base::Random& random;
  base::Wait wait = base::wait_unless_stopped;
};

/// Begins at a random moment of the first interval, so that instances do not run together, then
/// makes a pass, waits for the interval, and so on. A pass that fails is logged, and the next one
/// tried in its time.
class Loop {
 public:
  Loop(storage::Collector& collector, Schedule schedule, Surroundings surroundings,
       std::vector<PassListener*> listeners, observability::Logger logger);

  /// Returns when a stop is requested, which also ends a pass between two of its steps; or, of one
  /// pass only, how that went.
  base::Result<void> run(const std::stop_token& stop);

 private:
  base::Result<void> make_pass(const std::stop_token& stop);
  void log(const Pass& pass) const;

  storage::Collector& collector_;
  Schedule schedule_;
  Surroundings surroundings_;
  std::vector<PassListener*> listeners_;
  observability::Logger logger_;
};

}  // namespace marconi::gc
