// The ledger: a file with a line of JSON for each cycle ever run, so that runs add up.
#pragma once

#include <string>

#include "history/cycle.h"
#include "history/torture_options.h"

namespace marconi::history {

/// Appends a cycle; false if the file cannot be written.
[[nodiscard]] bool append_to_ledger(const TortureOptions& options, const CycleResult& result);

/// The sums over a whole ledger, in words; says so if it cannot be read.
[[nodiscard]] std::string sum_of_ledger(const std::string& path);

}  // namespace marconi::history
