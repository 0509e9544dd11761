// One run of the load generator: some connections, one thread, and what was measured.

#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "histogram.h"

namespace marconi::load {

struct Plan {
  std::string protocol;
  Script script;
  std::uint16_t port = 0;
  unsigned connections = 1;
  std::chrono::duration<double> warm_up{0};
  std::chrono::duration<double> length{1};
  /// Requests a second, evenly spaced; a request's latency then counts from the moment it was due,
  /// whether a connection was free or not. 0: each connection sends as soon as it is answered.
  double rate = 0;
  /// Ends after that many requests; 0: after `length`.
  std::uint64_t requests = 0;
};

struct Measured {
  std::uint64_t all_requests = 0;  ///< answered ones, with those of the warm-up and the end
  std::uint64_t failed = 0;        ///< refused, cut off, or not answered
  bool dry = false;                ///< ended early, as there was nothing left to take
  double seconds = 0;              ///< from the end of the warm-up to the end
  Histogram latencies;             ///< of those answered in that time and done
};

/// Carries out the plan. Returns what went wrong as a sentence.
std::expected<Measured, std::string> run(const Plan& plan);

}  // namespace marconi::load
