// One attack on a server, and whether the server bore it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "siege/attack.h"
#include "siege/crowd.h"
#include "siege/server_watch.h"
#include "siege/victims.h"

namespace marconi::siege {

/// What is fixed for all attacks of a run.
struct Siege {
  std::uint16_t port = 0;
  int server = 0;                         ///< its process
  std::chrono::milliseconds duration{0};  ///< of the measurement
  std::uint64_t buffered_bytes = 0;       ///< the server's `max_buffered_bytes`
};

struct TrialResult {
  VictimsReport victims;
  CrowdCounts crowd;
  std::size_t held = 0;        ///< connections when the measurement began
  std::uint64_t readings = 0;  ///< of the counters, each over a connection
  ServerCounters during;       ///< what the counters rose by
  std::uint64_t memory_before = 0;
  std::uint64_t memory_peak = 0;
  std::uint64_t memory_bound = 0;
  std::vector<std::string> problems;  ///< sentences; none: the server bore it
};

/// Lets the victims work while the attack runs, ends it, waits until the server has dealt with it
/// and compares what the server counted with what happened. The victims have worked before. Errors
/// are sentences.
[[nodiscard]] std::expected<TrialResult, std::string> try_attack(const Siege& siege,
                                                                 const Attack& attack,
                                                                 Victims& victims,
                                                                 CountersReader& counters);

}  // namespace marconi::siege
