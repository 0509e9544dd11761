// Histories written by hand in which the server's clock is moved: what that excuses, and what it
// does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "history/script.h"

namespace marconi::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One message of the usual life, stored by 2, held by claim 1 from 4 to 63 at least.
Script with_a_claim() {
  Script script;
  script.post({1, 2}, 1);
  script.claim({3, 4}, 1, {kA});
  return script;
}

/// A message that lives for a minute from 2 at the latest.
Script with_a_short_life() {
  Script script;
  script.post({1, 2}, 1).ttl = 60;
  return script;
}

// ---- Forward: things end early -----------------------------------------------------------------

TEST(HistoryClockStep, a_step_forward_ends_a_claim) {
  Script script = with_a_claim();
  script.step({10, 11}, 3600, 3600);
  script.claim({12, 13}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClockStep, a_step_before_the_claim_is_no_excuse_for_a_second_owner) {
  Script script;
  script.post({0, 0.5}, 1).ttl = 86400;
  script.step({1, 2}, 3600, 3600);
  script.claim({3, 4}, 1, {kA});
  script.claim({12, 13}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryClockStep, a_step_after_the_second_claim_is_no_excuse) {
  Script script = with_a_claim();
  script.claim({12, 13}, 2, {kA});
  script.step({14, 15}, 3600, 3600);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryClockStep, a_step_ends_a_claim_by_no_more_than_its_size) {
  Script early = with_a_claim();
  early.step({10, 11}, 30, 30);
  early.claim({31, 32}, 2, {kA});
  EXPECT_THAT(early.broken(), ElementsAre(Rule::one_owner));

  Script late = with_a_claim();
  late.step({10, 11}, 30, 30);
  late.claim({33, 34}, 2, {kA});
  EXPECT_THAT(late.broken(), IsEmpty());
}

TEST(HistoryClockStep, two_steps_add_up) {
  Script script = with_a_claim();
  script.step({10, 11}, 30, 30);
  script.step({12, 13}, 20, 20);
  script.claim({14, 15}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClockStep, a_renewal_after_the_step_lasts_as_long_as_ever) {
  Script script = with_a_claim();
  script.step({10, 11}, 30, 30);
  script.renew({12, 13}, 1, 60);
  script.claim({40, 41}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryClockStep, a_message_may_be_gone_after_a_step_as_long_as_its_life) {
  Script script;
  script.post({1, 2}, 1);
  script.step({10, 11}, 3600, 3600);
  script.page({12, 13}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClockStep, a_message_with_a_longer_life_than_the_step_must_not_be_gone) {
  Script script;
  script.post({1, 2}, 1);
  script.step({10, 11}, 3500, 3500);
  script.page({12, 13}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryClockStep, a_message_posted_after_the_step_must_not_be_gone) {
  Script script;
  script.step({1, 2}, 3600, 3600);
  script.post({3, 4}, 1);
  script.page({12, 13}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryClockStep, a_holder_may_be_refused_after_a_step_but_not_before_it) {
  Script after = with_a_claim();
  after.step({10, 11}, 3600, 3600);
  after.renew({12, 13}, 1, 60, Outcome::refused);
  EXPECT_THAT(after.broken(), IsEmpty());

  Script before = with_a_claim();
  before.renew({6, 7}, 1, 60, Outcome::refused);
  before.step({10, 11}, 3600, 3600);
  EXPECT_THAT(before.broken(), ElementsAre(Rule::clock));
}

// ---- Forward for certain: things must have ended
// -------------------------------------------------

TEST(HistoryClockStep, a_message_shown_after_a_step_beyond_its_end_is_rejected) {
  Script script = with_a_short_life();
  script.step({10, 11}, 3600, 3600);
  script.page({14, 15}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClockStep, a_step_that_may_not_have_been_noticed_ends_nothing_for_certain) {
  Script script = with_a_short_life();
  script.step({10, 11}, 0, 3600);
  script.page({14, 15}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClockStep, a_message_that_outlives_the_step_may_be_shown) {
  Script script = with_a_short_life();
  script.step({10, 11}, 40, 40);
  script.page({14, 15}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClockStep, a_renewal_after_a_step_beyond_the_claims_end_is_rejected) {
  Script script = with_a_claim();
  script.step({10, 11}, 3600, 3600);
  script.renew({14, 15}, 1, 60);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryClockStep, a_message_that_is_not_free_after_such_a_step_is_rejected) {
  Script script;
  script.post({1, 2}, 1).ttl = 86400;
  script.claim({3, 4}, 1, {kA});
  script.step({10, 11}, 3600, 3600);
  script.claim({14, 15}, 2, {});
  script.page({16, 17}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

// ---- Back: the clock stood still for a while, in a restart
// ---------------------------------------

TEST(HistoryClockStep, what_the_clock_was_held_back_by_makes_a_life_longer) {
  Script script = with_a_short_life();
  script.step({20, 30}, -5, 0);
  script.page({67, 68}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClockStep, but_by_no_more_than_that) {
  Script script = with_a_short_life();
  script.step({20, 30}, -5, 0);
  script.page({70, 71}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClockStep, being_held_back_ends_nothing_early) {
  Script script = with_a_claim();
  script.step({20, 30}, -5, 0);
  script.claim({40, 41}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryClockStep, what_was_dead_does_not_come_back) {
  Script script = with_a_short_life();
  script.post({3, 4}, 2);
  script.page({70, 71}, 1, {kB});
  script.step({72, 80}, -5, 0);
  script.page({81, 82}, 2, {kA, kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

}  // namespace
}  // namespace marconi::history
