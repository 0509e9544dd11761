// One cycle of a torture run: a fresh server, clients at work, faults, and the judgement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "history/checker.h"
#include "history/torture_options.h"

namespace marconi::history {

struct FaultCounts {
  std::size_t kills = 0;
  std::size_t stops = 0;
  std::size_t cuts = 0;
  std::size_t full_disks = 0;

  void add(const FaultCounts& other);
};

struct CycleResult {
  std::uint64_t seed = 0;
  std::size_t events = 0;
  double seconds = 0;  ///< in all
  FaultCounts faults;
  Coverage coverage;
  std::vector<std::string> problems;  ///< for a person; empty: passed
  std::string evidence;  ///< where history, store and log were left; empty if it passed
};

[[nodiscard]] CycleResult run_cycle(const TortureOptions& options, std::uint64_t seed);

/// What a run with these options should have exercised and did not.
[[nodiscard]] std::vector<std::string> shortcomings(const TortureOptions& options,
                                                    const Coverage& coverage,
                                                    const FaultCounts& faults);

}  // namespace marconi::history
