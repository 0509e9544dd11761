// The rules, each a pure function of one queue's facts. checker.h says what they demand.
#pragma once

#include <map>
#include <vector>

#include "history/checker.h"
#include "history/facts.h"

namespace marconi::history {

struct ScanJudgement {
  std::vector<Violation> violations;
  /// Messages that pages passed and only a move to the dead-letter queue explains, each with the
  /// end of the first such page.
  std::map<MessageKey, Time> moved_by;
};

/// P1 to P4, and of P6 what scans show.
[[nodiscard]] ScanJudgement judge_scans(const QueueFacts& facts);

/// P5; of P6 and P7 what claims, deletions and late answers show.
[[nodiscard]] std::vector<Violation> judge_lives(const QueueFacts& facts,
                                                 const std::vector<const Event*>& events,
                                                 const Tolerance& tolerance, const Ends& ends);

/// P8, over all queues.
[[nodiscard]] std::vector<Violation> judge_ids(const History& history);

}  // namespace marconi::history
