// Shows what a siege came to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "siege/attack.h"
#include "siege/trial.h"

namespace marconi::siege {

/// An attack, what came of it, and the quiet before and after it together.
struct Finding {
  const Attack* attack;
  TrialResult result;
  VictimsReport quiet;
};

/// The victims' 99th percentile under attack in relation to the quiet.
[[nodiscard]] double slowdown(const Finding& finding);

/// A line for a terminal, and the line above all of them.
[[nodiscard]] std::string line_of(const Finding& finding);
[[nodiscard]] std::string heading();

/// All of it as JSON.
[[nodiscard]] std::string as_json(const std::vector<Finding>& findings);

/// The page of the documentation.
[[nodiscard]] std::string as_page(const std::vector<Finding>& findings, std::string_view command);

}  // namespace marconi::siege
