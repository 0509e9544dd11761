// The ledger: a file with a line of JSON for each cycle ever run, so that runs add up.
#pragma once

#include <string>

#include "history/cycle.h"
#include "history/torture_options.h"

namespace marconi::history {

/// Appends a cycle, without the counts that are zero; false if the file cannot be written.
[[nodiscard]] bool append_to_ledger(const TortureOptions& options, const CycleResult& result);

/// Cycles by verdict and by fault, and the sums of all counts, in words; says so if the ledger
/// cannot be read.
[[nodiscard]] std::string sum_of_ledger(const std::string& path);

}  // namespace marconi::history
