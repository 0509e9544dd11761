// Histories written by hand: messages got by their ids.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/checker.h"
#include "history/script.h"

namespace marconi::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HistoryGet, what_is_there_is_shown) {
  Script script(3);
  script.get({5, 6}, {kA, kC, kA}, {kA, kC, kA});
  script.get({6, 7}, {kB}, {kB});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryGet, missing_a_message_that_is_shown_later_is_rejected) {
  Script script(2);
  script.get({5, 6}, {kA, kB}, {kA});
  script.page({7, 8}, 1, {kA, kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryGet, missing_an_acknowledged_message_that_is_never_shown_is_rejected) {
  Script script(1);
  script.get({5, 6}, {kA}, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryGet, a_message_held_by_a_claim_is_shown) {
  Script script(1);
  script.claim({3, 4}, 1, {kA});
  script.get({5, 6}, {kA}, {});
  script.page({7, 8}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryGet, a_delayed_message_is_shown) {
  Script script;
  script.post({1, 2}, 1).delay = 100;
  script.get({5, 6}, {kA}, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryGet, a_message_that_is_being_posted_or_deleted_may_be_missing) {
  Script script(1);
  script.post({5, 7}, 2);
  script.get({6, 8}, {kA, kB}, {});
  script.erase_many({7, 9}, {kA});
  script.page({10, 11}, 1, {kB});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryGet, a_deletion_without_an_answer_may_have_worked) {
  Script script(1);
  script.erase_many({5, 6}, {kA}, Outcome::lost);
  script.get({7, 8}, {kA}, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryGet, but_not_if_the_message_is_shown_later) {
  Script script(1);
  script.erase_many({5, 6}, {kA}, Outcome::lost);
  script.get({7, 8}, {kA}, {});
  script.get({9, 10}, {kA}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryGet, pops_without_an_answer_took_no_more_than_they_asked_for) {
  Script script(4);
  script.pop({5, 6}, {}, Outcome::lost);
  script.get({7, 8}, {kA, kB, kC}, {});
  EXPECT_THAT(script.broken(), IsEmpty());
  script.get({8, 9}, {kD}, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryGet, a_message_shown_after_its_deletion_is_rejected) {
  Script script(1);
  script.erase_many({5, 6}, {kA});
  script.get({7, 8}, {kA}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryGet, a_message_shown_during_its_deletion_is_not) {
  Script script(1);
  script.erase_many({5, 7}, {kA});
  script.get({6, 8}, {kA}, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryGet, a_message_shown_after_its_end_is_rejected) {
  Script script(1);
  script.get({kTtl + 10, kTtl + 11}, {kA}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryGet, a_message_that_may_have_ended_may_be_missing) {
  Script script(1);
  script.get({kTtl + 1, kTtl + 2}, {kA}, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryGet, a_step_of_the_clock_may_end_it) {
  Script script(1);
  script.step({2, 3}, 0, kTtl);
  script.get({4, 5}, {kA}, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryGet, a_scan_that_passes_what_was_got_of_a_lost_post_is_rejected) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::lost);
  script.get({3, 4}, {kA}, {kA});
  script.page({5, 6}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryGet, a_message_of_a_refused_post_is_rejected) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::refused);
  script.get({3, 4}, {kA}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::whole));
}

TEST(HistoryGet, another_message_than_the_one_that_has_the_id_is_rejected) {
  Script script(2);
  script.get({3, 4}, {kA}, {kA, kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryGet, coverage_counts_what_was_exercised) {
  Script script(3);
  script.erase_many({5, 6}, {kA});
  script.get({7, 8}, {kA, kB, kC}, {kB, kC});
  script.get({9, 10}, {kB}, {kB});
  const Coverage coverage = check(script.history()).coverage;
  EXPECT_EQ(coverage.gets, 2U);
  EXPECT_EQ(coverage.got, 3U);
  EXPECT_EQ(coverage.gone_when_asked, 1U);
}

}  // namespace
}  // namespace marconi::history
