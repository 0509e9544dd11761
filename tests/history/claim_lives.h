// How long the claims of a queue lived, for certain and possibly.
#pragma once

#include <unordered_map>
#include <vector>

#include "history/checker.h"
#include "history/ends.h"
#include "history/facts.h"
#include "history/history.h"

namespace marconi::history {

/// When a request has had its effect, if it has one.
[[nodiscard]] Time effect_by(const Event& event, const Tolerance& tolerance);

struct ClaimLives {
  std::unordered_map<std::uint32_t, ClaimFacts> claims;  ///< as in QueueFacts
  std::vector<Violation> violations;  ///< renewals after the end or refused before it
};

/// `events`: all of one queue, in order of their starts; `purges`: those that may have happened.
[[nodiscard]] ClaimLives establish_claim_lives(std::uint32_t queue,
                                               const std::vector<const Event*>& events,
                                               const std::vector<Deletion>& purges,
                                               const Tolerance& tolerance, const Ends& ends);

}  // namespace marconi::history
