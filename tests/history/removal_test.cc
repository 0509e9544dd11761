// Histories written by hand: pops, purges, delays, and deletions by ids with a claim.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/checker.h"
#include "history/script.h"

namespace marconi::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- Pops --------------------------------------------------------------------------------------

TEST(HistoryPop, popped_messages_may_be_missing) {
  Script script(4);
  script.pop({5, 6}, {kA, kB, kC});
  script.page({7, 8}, 1, {kD});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPop, a_message_that_is_popped_twice_is_rejected) {
  Script script(1);
  script.pop({5, 7}, {kA});
  script.pop({6, 8}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryPop, a_popped_message_that_is_claimed_is_rejected) {
  Script script(1);
  script.pop({5, 6}, {kA});
  script.claim({7, 8}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryPop, a_popped_message_that_is_listed_is_rejected) {
  Script script(1);
  script.pop({5, 6}, {kA});
  script.page({7, 8}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryPop, popping_what_a_claim_holds_is_rejected) {
  Script script(1);
  script.claim({5, 6}, 1, {kA});
  script.pop({7, 8}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryPop, a_claim_that_is_being_released_does_not_hold) {
  Script script(1);
  script.claim({5, 6}, 1, {kA});
  script.release({7.5, 9}, 1);
  script.pop({7, 8}, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPop, a_pop_with_room_that_leaves_a_free_message_is_rejected) {
  Script script(2);
  script.pop({5, 6}, {kA});
  script.page({7, 8}, 1, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryPop, a_pop_that_may_have_been_cut_is_accepted_but_not_a_claim) {
  Script script(2);
  script.pop({5, 6}, {kA});
  script.page({7, 8}, 1, {kB});
  EXPECT_THAT(check(script.history(), {.cut_pops = true}).violations, IsEmpty());
  script.claim({9, 10}, 1, {});
  script.page({11, 12}, 2, {kB});
  EXPECT_THAT(check(script.history(), {.cut_pops = true}).violations, SizeIs(1));
}

TEST(HistoryErase, what_a_slow_claim_took_may_be_deleted_before_its_answer) {
  Script script(4);
  script.claim({5, 9}, 1, {kA});
  script.erase_many({6, 7}, {kB, kC});
  script.page({10, 11}, 1, {kA, kD});
  EXPECT_THAT(check(script.history(), {.slow_claims = true}).violations, IsEmpty());
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryErase, a_slow_claim_with_room_besides_must_not_leave_a_message) {
  Script script(4);
  script.claim({5, 9}, 1, {kA});
  script.erase_many({3, 4.5}, {kB});  // before it
  script.erase_many({6, 7}, {kC});
  script.page({10, 11}, 1, {kA, kD});
  EXPECT_THAT(check(script.history(), {.slow_claims = true}).violations, SizeIs(1));
}

TEST(HistoryPop, a_pop_without_an_answer_may_have_taken_what_is_missing) {
  Script script(4);
  script.pop({5, 6}, {}, Outcome::lost);
  script.page({7, 8}, 1, {kB});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPop, but_not_more_than_it_asked_for) {
  Script script(5);
  script.pop({6, 7}, {}, Outcome::lost);
  script.page({8, 9}, 1, {kA});
  script.page({9, 10}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryPop, nor_what_is_shown_later_on) {
  Script script(3);
  script.pop({5, 6}, {}, Outcome::lost);
  script.page({7, 8}, 1, {kA, kC});
  script.page({9, 10}, 2, {kA, kB, kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryPop, nor_what_was_posted_later) {
  Script script(1);
  script.pop({2, 3}, {}, Outcome::lost);
  script.post({9, 10}, 2);
  script.page({11, 12}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

// ---- Purges ------------------------------------------------------------------------------------

TEST(HistoryPurge, a_purge_empties_the_queue) {
  Script script(3);
  script.purge({4, 5});
  script.page({6, 7}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPurge, a_message_that_a_purge_left_is_rejected) {
  Script script(3);
  script.purge({4, 5});
  script.page({6, 7}, 1, {kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryPurge, a_message_posted_during_a_purge_may_be_there_or_not) {
  Script script;
  script.post({1, 4}, 1);
  script.post({1, 4}, 2);
  script.purge({2, 3});
  script.page({6, 7}, 1, {kB});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPurge, a_purge_is_no_excuse_for_what_was_posted_later) {
  Script script(1);
  script.purge({2, 3});
  script.post({4, 5}, 2);
  script.page({6, 7}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryPurge, a_purge_without_an_answer_may_have_worked) {
  Script script(3);
  script.purge({4, 5}, Outcome::lost);
  script.page({6, 7}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPurge, or_not) {
  Script script(3);
  script.purge({4, 5}, Outcome::lost);
  script.page({6, 7}, 1, {kA, kB, kC});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPurge, what_is_shown_after_one_without_an_answer_was_there_before) {
  Script script(1);
  script.purge({5, 8}, Outcome::lost);
  script.post({5.1, 5.3}, 2);
  script.page({5.5, 5.8}, 1, {kA});
  script.page({9, 10}, 2, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryPurge, only_a_slow_one_may_have_worked_by_half) {
  Script script(3);
  script.purge({4, 5}, Outcome::lost);
  script.page({6, 7}, 1, {kC});
  script.page({8, 9}, 2, {kC});
  EXPECT_THAT(check(script.history(), {.slow_purges = true}).violations, IsEmpty());
}

TEST(HistoryPurge, but_not_by_half) {
  Script script(3);
  script.purge({4, 5}, Outcome::lost);
  script.page({6, 7}, 1, {kC});
  script.page({8, 9}, 2, {kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryPurge, a_purge_may_end_claims) {
  Script script(1);
  script.claim({4, 5}, 1, {kA});
  script.purge({6, 7});
  script.renew({8, 9}, 1, 60, Outcome::refused);
  script.erase({9, 10}, kA, 1, Outcome::refused);
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryPurge, a_refused_purge_may_not) {
  Script script(1);
  script.claim({4, 5}, 1, {kA});
  script.purge({6, 7}, Outcome::refused);
  script.renew({8, 9}, 1, 60, Outcome::refused);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

// ---- Queues deleted and made anew --------------------------------------------------------------

TEST(HistoryRemoveQueue, what_is_posted_later_is_all_there_is) {
  Script script(2);
  script.page({3, 4}, 1, {kA, kB});
  script.remove_queue({5, 6});
  script.post({7, 8}, 3);
  script.page({9, 10}, 1, {kC});
  script.page({9, 10}, 2, {kC});
  script.get({9, 10}, {kA, kB, kC}, {kC});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryRemoveQueue, an_old_message_in_the_new_queue_is_rejected) {
  Script script(2);
  script.remove_queue({5, 6});
  script.post({7, 8}, 3);
  script.page({9, 10}, 1, {kB, kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryRemoveQueue, a_claim_of_an_old_message_in_the_new_queue_is_rejected) {
  Script script(1);
  script.remove_queue({5, 6});
  script.claim({9, 10}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryRemoveQueue, a_scan_that_goes_on_and_misses_a_new_message_is_rejected) {
  Script script(2);
  script.page({3, 4}, 1, {kA, kB});
  script.remove_queue({5, 6});
  script.post({7, 8}, 3);
  script.page({9, 10}, 1, {});  // its marker lies behind the new message
  script.page({11, 12}, 2, {kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryRemoveQueue, a_scan_that_goes_on_and_repeats_a_new_message_is_rejected) {
  Script script(2);
  script.page({3, 4}, 1, {kA, kB});
  script.remove_queue({5, 6});
  script.post({7, 8}, 3);
  script.page({9, 10}, 1, {kC});
  script.page({11, 12}, 1, {kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::once));
}

TEST(HistoryRemoveQueue, ids_that_begin_anew_are_rejected) {
  Script script;
  script.post({1, 2}, 1).ids = {7};
  script.remove_queue({5, 6});
  script.post({7, 8}, 2).ids = {7};
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryRemoveQueue, a_deletion_without_an_answer_may_have_worked) {
  Script script(2);
  script.remove_queue({5, 6}, Outcome::lost);
  script.page({9, 10}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryRemoveQueue, or_not_but_not_by_half) {
  Script script(2);
  script.remove_queue({5, 6}, Outcome::lost);
  script.page({20, 21}, 1, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
  EXPECT_THAT(check(script.history(), {.slow_purges = true}).violations, IsEmpty());
}

TEST(HistoryRemoveQueue, a_deletion_is_no_excuse_for_what_was_posted_later) {
  Script script(1);
  script.remove_queue({5, 6});
  script.post({7, 8}, 2);
  script.page({9, 10}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryRemoveQueue, its_claims_may_end) {
  Script script(1);
  script.claim({3, 4}, 1, {kA});
  script.remove_queue({5, 6});
  script.renew({7, 8}, 1, 60, Outcome::refused);
  script.erase({8, 9}, kA, 1);
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryRemoveQueue, coverage_counts_what_was_exercised) {
  Script script(2);
  script.remove_queue({5, 6});
  script.post({7, 8}, 3, 3);
  const Coverage coverage = check(script.history()).coverage;
  EXPECT_EQ(coverage.removals, 1U);
  EXPECT_EQ(coverage.removed, 2U);
  EXPECT_EQ(coverage.posted_anew, 3U);
}

// ---- Delays ------------------------------------------------------------------------------------

TEST(HistoryDelay, a_message_that_is_claimed_before_its_delay_is_over_is_rejected) {
  Script script;
  script.post({1, 2}, 1).delay = 5;
  script.claim({4, 5}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryDelay, so_is_one_that_is_popped) {
  Script script;
  script.post({1, 2}, 1).delay = 5;
  script.pop({4, 5}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryDelay, a_message_may_be_listed_at_once_and_taken_after_its_delay) {
  Script script;
  script.post({1, 2}, 1).delay = 5;
  script.page({3, 4}, 1, {kA});
  script.claim({4, 5}, 1, {});
  script.claim({5, 6}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDelay, a_message_that_is_not_free_after_its_delay_is_rejected) {
  Script script;
  script.post({1, 2}, 1).delay = 5;
  script.claim({9.5, 10}, 1, {});
  script.page({11, 12}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryDelay, a_step_of_the_clock_may_end_it) {
  Script script;
  script.post({1, 2}, 1).delay = 5;
  script.step({2, 3}, 60, 60);
  script.claim({4, 5}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- Deletions by ids with a claim
// ---------------------------------------------------------------

TEST(HistoryEraseClaimed, a_claim_deletes_what_it_holds) {
  Script script(2);
  script.claim({4, 5}, 1, {kA, kB});
  script.erase_claimed({6, 7}, {kA, kB}, 1);
  script.page({8, 9}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryEraseClaimed, deleting_one_that_the_claim_does_not_hold_is_rejected) {
  Script script(2);
  script.claim({4, 5}, 1, {kA});
  script.erase_claimed({6, 7}, {kA, kB}, 1);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryEraseClaimed, being_refused_for_one_of_them_leaves_all) {
  Script script(2);
  script.claim({4, 5}, 1, {kA}).limit = 1;
  script.erase_claimed({6, 7}, {kA, kB}, 1, Outcome::refused);
  script.page({8, 9}, 1, {kB});
  script.page({10, 11}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryEraseClaimed, being_refused_although_the_claim_holds_all_is_rejected) {
  Script script(2);
  script.claim({4, 5}, 1, {kA, kB});
  script.erase_claimed({6, 7}, {kA, kB}, 1, Outcome::refused);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

// ---- What is exercised -------------------------------------------------------------------------

TEST(HistoryRemoval, coverage_counts_what_was_exercised) {
  Script script(2);
  script.pop({5, 6}, {kA, kB});
  script.post({7, 8}, 3).delay = 1;
  script.claim({10, 11}, 1, {kC});
  script.erase_claimed({11, 12}, {kC}, 1);
  script.erase_claimed({12, 13}, {kC}, 1, Outcome::refused);
  script.post({14, 15}, 4);
  script.purge({16, 17});
  script.post({20, 21}, 5).ttl = 60;
  script.page({70, 71}, 1, {MessageKey{5, 0}});
  script.page({90, 91}, 2, {});
  const Coverage coverage = check(script.history()).coverage;
  EXPECT_EQ(coverage.pops, 1U);
  EXPECT_EQ(coverage.popped, 2U);
  EXPECT_EQ(coverage.taken_after_delay, 1U);
  EXPECT_EQ(coverage.claimed_deletions, 1U);
  EXPECT_EQ(coverage.claimed_refusals, 1U);
  EXPECT_EQ(coverage.purges, 1U);
  EXPECT_EQ(coverage.purged, 1U);
  EXPECT_EQ(coverage.expired, 1U);
  EXPECT_EQ(coverage.seen_late_in_life, 1U);
}

TEST(HistoryRemoval, coverage_counts_a_purge_that_follows_a_lost_one) {
  Script script(2);
  script.purge({4, 5}, Outcome::lost);
  script.purge({6, 7});
  EXPECT_EQ(check(script.history()).coverage.purged, 2U);
}

}  // namespace
}  // namespace marconi::history
