// The defects: stores that break one rule of the promise each, now and then.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "history/broken/mishaps.h"
#include "history/checker.h"
#include "storage/store.h"

namespace marconi::history::broken {

struct Defect {
  std::string_view name;             ///< an identifier that says what goes wrong
  Rule breaks{};                     ///< others may suffer from what follows
  double chance = 0;                 ///< how often it strikes when it might, from 0 to 1
  bool takes_time = false;           ///< shows only after things have ended by the clock
  bool deletes_with_claims = false;  ///< deletions by ids need a claim
  std::unique_ptr<storage::Store> (*make)(const base::Clock& clock, base::Random& random,
                                          Mishaps& mishaps) = nullptr;
};

/// Those of posting and listing; of gets by ids; of claims and deletions; of pops, purges and
/// deleted queues; of moves to dead-letter queues.
[[nodiscard]] std::span<const Defect> message_defects();
[[nodiscard]] std::span<const Defect> get_defects();
[[nodiscard]] std::span<const Defect> claim_defects();
[[nodiscard]] std::span<const Defect> removal_defects();
[[nodiscard]] std::span<const Defect> dead_letter_defects();

}  // namespace marconi::history::broken
