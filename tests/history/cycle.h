// One cycle of a torture run: a fresh server, clients at work, faults, and the judgement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "history/checker.h"
#include "history/fault_driver.h"
#include "history/torture_options.h"

namespace marconi::history {

enum class Verdict : std::uint8_t {
  passed,
  failed,
  caught,  ///< violations were expected and found
  missed,  ///< they were expected and not found
};

[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] inline bool is_failure(Verdict verdict) {
  return verdict == Verdict::failed || verdict == Verdict::missed;
}

struct CycleResult {
  Verdict verdict = Verdict::passed;
  std::uint64_t seed = 0;
  std::size_t events = 0;
  double seconds = 0;  ///< in all
  FaultCounts faults;
  Collections collections;
  std::size_t posts_before = 0;  ///< acknowledged before the first fault
  std::size_t posts_after = 0;   ///< acknowledged after the server was well for good
  Coverage coverage;
  std::size_t violations = 0;
  std::vector<std::string> problems;  ///< for a person
  std::string evidence;  ///< where history, store and log were left; empty if it did not fail
};

/// The faults of the cycle with this seed. If they are mixed, as many cycles in a row as there are
/// faults have each of them once at least, and up to two others with it.
[[nodiscard]] std::vector<std::string> faults_of(const TortureOptions& options, std::uint64_t seed);

[[nodiscard]] CycleResult run_cycle(const TortureOptions& options, std::uint64_t seed);

/// What a run with these options should have exercised and did not.
[[nodiscard]] std::vector<std::string> shortcomings(const TortureOptions& options,
                                                    const Coverage& coverage,
                                                    const FaultCounts& faults,
                                                    const Collections& collections,
                                                    std::size_t posts_after);

}  // namespace marconi::history
