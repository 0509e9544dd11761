// Is a server that breaks the promise found out? Real runs against real servers over stores with
// one defect each.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "history/broken/broken_store.h"
#include "history/broken/trial.h"

namespace marconi::history::broken {

/// How GoogleTest names a defect when it speaks of one.
void PrintTo(const Defect& defect, std::ostream* out) { *out << defect.name; }

namespace {

/// Shows a few violations of each rule.
std::string described(const Trial& trial) {
  constexpr std::size_t kShownOfRule = 3;
  std::string text = std::to_string(trial.mishaps) + " mishaps";
  std::map<Rule, std::size_t> found;
  for (const Violation& violation : trial.judgement.violations) {
    if (++found[violation.rule] > kShownOfRule) continue;
    text += "\n  " + std::string(to_string(violation.rule)) + ": " + violation.what;
    if (violation.about) {
      for (const Event* event : events_about(trial.recording.history, *violation.about)) {
        text += "\n      " + to_string(*event, 0);
      }
    }
  }
  for (const auto& [rule, times] : found) {
    text += "\n  " + std::string(to_string(rule)) + ": " + std::to_string(times) + " in all";
  }
  return text;
}

bool is_broken(const Trial& trial, Rule rule) {
  const auto& violations = trial.judgement.violations;
  return std::ranges::find(violations, rule, &Violation::rule) != violations.end();
}

std::vector<Defect> all_defects() {
  std::vector<Defect> all(message_defects().begin(), message_defects().end());
  all.insert(all.end(), get_defects().begin(), get_defects().end());
  all.insert(all.end(), claim_defects().begin(), claim_defects().end());
  all.insert(all.end(), removal_defects().begin(), removal_defects().end());
  all.insert(all.end(), dead_letter_defects().begin(), dead_letter_defects().end());
  return all;
}

class BrokenServer : public testing::TestWithParam<Defect> {};

TEST_P(BrokenServer, is_rejected_by_the_rule_it_breaks) {
  const Defect& defect = GetParam();
  // On a busy machine all mishaps of a run may happen where nobody looks, so there are further
  // runs.
  constexpr std::uint64_t kRuns = 8;
  for (std::uint64_t seed = 1;; ++seed) {
    const Trial trial = try_server(defect, seed);
    if (is_broken(trial, defect.breaks)) return;
    ASSERT_LT(seed, kRuns) << described(trial);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, BrokenServer, testing::ValuesIn(all_defects()),
                         [](const auto& tested) { return std::string(tested.param.name); });

class SoundServer : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SoundServer, is_not_rejected) {
  const bool odd = GetParam() % 2 == 1;
  const Trial trial = try_server(
      {.name = "none", .takes_time = true, .deletes_with_claims = odd, .make = make<BrokenStore>},
      GetParam());
  EXPECT_TRUE(trial.judgement.violations.empty()) << described(trial);
  EXPECT_EQ(trial.recording.surprises, std::vector<std::string>());
  const Coverage& coverage = trial.judgement.coverage;
  EXPECT_GT(coverage.taken_after_clock, 0U);
  EXPECT_GT(coverage.taken_after_delay, 0U);
  EXPECT_GT(coverage.popped, 0U);
  EXPECT_GT(coverage.purged, 0U);
  EXPECT_GT(coverage.got, 0U);
  EXPECT_GT(coverage.gone_when_asked, 0U);
  EXPECT_GT(coverage.removed, 0U);
  EXPECT_GT(coverage.posted_anew, 0U);
  EXPECT_GT(coverage.letters, 0U);
  EXPECT_GT(coverage.expired, 0U);
  EXPECT_GT(coverage.seen_late_in_life, 0U);
  EXPECT_EQ(coverage.claimed_deletions > 0, odd);
  EXPECT_EQ(coverage.claimed_refusals > 0, odd);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SoundServer, testing::Values(1, 2, 3));

}  // namespace
}  // namespace marconi::history::broken
