// Histories written by hand: for every rule some that break it and are rejected by that rule
// alone, and some that only look bad.
#include "history/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "history/script.h"

namespace marconi::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Script with_posts(std::uint32_t count) { return Script(count); }

TEST(History, a_run_in_which_all_goes_well_passes) {
  Script script = with_posts(4);
  script.page({5, 6}, 1, {kA, kB, kC});
  script.page({6, 7}, 1, {kD});
  script.claim({7, 8}, 1, {kA, kB, kC});
  script.claim({8, 9}, 2, {kD});
  script.erase({9, 10}, kA, 1);
  script.renew({10, 11}, 1, 90);
  script.erase_many({11, 12}, {kB});
  script.release({12, 13}, 1);
  script.claim({14, 15}, 3, {kC});
  script.page({15, 16}, 2, {kC, kD});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P1 ----------------------------------------------------------------------------------------

TEST(HistoryOnce, a_scan_that_gets_a_message_on_two_pages_is_rejected) {
  Script script = with_posts(4);
  script.page({5, 6}, 1, {kA, kB, kC});
  script.page({6, 7}, 1, {kC, kD});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::once));
}

TEST(HistoryOnce, a_scan_that_gets_a_message_twice_on_one_page_is_rejected) {
  Script script = with_posts(1);
  script.page({5, 6}, 1, {kA, kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::once));
}

TEST(HistoryOnce, two_scans_may_get_the_same_message) {
  Script script = with_posts(1);
  script.page({5, 6}, 1, {kA});
  script.page({6, 7}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P2 ----------------------------------------------------------------------------------------

TEST(HistoryNoGap, a_scan_that_passes_a_message_is_rejected) {
  Script script = with_posts(4);
  script.page({5, 6}, 1, {kA, kC, kD});
  script.page({6, 7}, 2, {kA, kB, kC});
  script.page({7, 8}, 2, {kD});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, a_short_page_that_leaves_out_the_last_message_is_rejected) {
  Script script = with_posts(2);
  script.page({5, 6}, 1, {kA});
  script.page({7, 8}, 2, {kA, kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, an_order_that_only_another_scan_shows_reveals_the_gap) {
  Script script;
  script.post({1, 9}, 1);  // all at once: real time says nothing about their order
  script.post({1, 9}, 2);
  script.post({1, 9}, 3);
  script.post({1, 9}, 4);
  script.page({10, 11}, 1, {kA, kB, kC});
  script.page({5, 6}, 2, {kA, kC, kD});
  script.page({12, 13}, 1, {kD});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, deletion_after_the_scan_passed_by_is_no_excuse) {
  Script script = with_posts(4);
  script.page({5, 6}, 1, {kA, kC, kD});
  script.page({6, 6.5}, 2, {kA, kB, kC});
  script.erase_many({7, 8}, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, a_message_that_was_being_deleted_may_be_missing) {
  Script script = with_posts(4);
  script.erase_many({5.5, 9}, {kB});
  script.page({5, 6}, 1, {kA, kC, kD});
  script.page({6, 7}, 2, {kA, kB, kC});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryNoGap, a_deletion_without_an_answer_may_have_worked) {
  Script script = with_posts(3);
  script.erase({4, 5}, kB, kNoClaim, Outcome::lost);
  script.page({5, 6}, 1, {kA, kC});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryNoGap, one_that_has_not_worked_by_then_is_no_excuse) {
  Script script(2);
  script.erase_many({5, 6}, {kA}, Outcome::lost);
  script.page({5.2, 5.8}, 1, {kB});
  script.page({20, 21}, 2, {kA, kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, also_if_it_may_have_worked_later) {
  Script script(2);
  script.erase_many({5, 6}, {kA}, Outcome::lost);
  script.page({5.2, 5.8}, 1, {kB});
  script.page({6, 7}, 2, {kA, kB});
  script.page({20, 21}, 3, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, a_refused_deletion_is_no_excuse) {
  Script script = with_posts(3);
  script.erase({4, 5}, kB, kNoClaim, Outcome::refused);
  script.page({5, 6}, 1, {kA, kC});
  script.page({6, 7}, 2, {kA, kB, kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::no_gap));
}

TEST(HistoryNoGap, an_expired_message_may_be_missing) {
  Script script = with_posts(3);
  script.post({4, 5}, 4).ttl = 60;
  script.page({64.2, 65}, 1, {kA, kB, kC});
  script.page({65, 66}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryNoGap, a_message_posted_while_the_page_was_made_may_be_missing) {
  Script script = with_posts(1);
  script.post({4, 5.5}, 2);
  script.page({5, 6}, 1, {kA});
  script.page({7, 8}, 1, {kB});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryNoGap, a_scan_that_is_not_finished_owes_only_what_it_passed) {
  Script script = with_posts(4);
  script.page({5, 6}, 1, {kA, kB, kC});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P3 ----------------------------------------------------------------------------------------

TEST(HistoryOrder, a_later_post_before_an_earlier_one_is_rejected) {
  Script script = with_posts(2);
  script.page({5, 6}, 1, {kB, kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::order));
}

TEST(HistoryOrder, a_post_in_another_order_than_its_list_is_rejected) {
  Script script;
  script.post({1, 2}, 1, 2);
  script.page({5, 6}, 1, {{1, 1}, {1, 0}});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::order));
}

TEST(HistoryOrder, scans_that_disagree_are_rejected) {
  Script script;
  script.post({1, 3}, 1);
  script.post({2, 4}, 2);
  script.page({5, 6}, 1, {kA, kB});
  script.page({5, 6}, 2, {kB, kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::order));
}

TEST(HistoryOrder, a_contradiction_that_needs_three_scans_is_rejected) {
  Script script;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    script.post({1, 2}, number);
  }
  const auto deleted = [&](MessageKey key) { script.erase_many({2, 3}, {key}, Outcome::lost); };
  deleted(kA);  // each may be missing anywhere
  deleted(kB);
  deleted(kC);
  script.page({5, 6}, 1, {kA, kB});
  script.page({5, 6}, 2, {kB, kC});
  script.page({5, 6}, 3, {kC, kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::order));
}

TEST(HistoryOrder, a_post_sent_after_another_was_seen_comes_after_it) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::lost);
  script.page({2, 3}, 1, {kA});
  script.post({4, 5}, 2);
  script.page({5, 6}, 2, {kB, kA});
  script.page({6, 7}, 1, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::order));
}

TEST(HistoryOrder, posts_at_the_same_time_may_come_in_any_order) {
  Script script;
  script.post({1, 3}, 1);
  script.post({2, 4}, 2);
  script.page({5, 6}, 1, {kB, kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOrder, a_post_without_an_answer_may_come_late) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::lost);
  script.post({3, 4}, 2);
  script.page({5, 6}, 1, {kB, kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOrder, posts_may_be_interleaved_if_they_overlap) {
  Script script;
  script.post({1, 4}, 1, 2);
  script.post({2, 3}, 2);
  script.page({5, 6}, 1, {kA, kB, {1, 1}});
  script.page({6, 7}, 1, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P4 ----------------------------------------------------------------------------------------

TEST(HistoryWhole, half_of_a_post_without_an_answer_is_rejected) {
  Script script;
  script.post({1, 2}, 1, 2, Outcome::lost);
  script.page({5, 6}, 1, {{1, 1}});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::whole));
}

TEST(HistoryWhole, its_missing_end_is_rejected_too) {
  Script script;
  script.post({1, 2}, 1, 2, Outcome::lost);
  script.page({5, 6}, 1, {kA});
  script.page({7, 8}, 1, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::whole));
}

TEST(HistoryWhole, a_message_of_a_refused_post_is_rejected) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::refused);
  script.page({5, 6}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::whole));
}

TEST(HistoryWhole, a_message_that_nobody_posted_is_rejected) {
  Script script;
  script.post({1, 2}, 1);
  script.page({5, 6}, 1, {kA, {1, 1}});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::whole));
}

TEST(HistoryWhole, a_post_without_an_answer_may_be_there_or_not) {
  Script script;
  script.post({1, 2}, 1, 2, Outcome::lost);
  script.post({1, 2}, 2, 2, Outcome::lost);
  script.page({5, 6}, 1, {{2, 0}, {2, 1}});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryWhole, it_may_appear_between_two_scans) {
  Script script;
  script.post({1, 2}, 1, 2, Outcome::lost);
  script.page({2, 3}, 1, {});
  script.page({5, 6}, 2, {{1, 0}, {1, 1}});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryWhole, a_part_that_may_have_been_deleted_may_be_missing) {
  Script script;
  script.post({1, 2}, 1, 2, Outcome::lost);
  script.erase({3, 4}, kA, kNoClaim, Outcome::lost);
  script.page({5, 6}, 1, {{1, 1}});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P5 ----------------------------------------------------------------------------------------

TEST(HistoryOneOwner, two_live_claims_of_one_message_are_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.claim({10, 11}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, also_if_they_were_taken_at_the_same_time) {
  Script script = with_posts(1);
  script.claim({5, 7}, 1, {kA});
  script.claim({6, 8}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, a_renewed_claim_still_owns) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.renew({50, 51}, 1, 60);
  script.claim({80, 81}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, deleting_with_an_ended_claim_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.erase({69, 70}, kA, 1);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, deleting_with_a_released_claim_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.release({7, 8}, 1);
  script.erase({9, 10}, kA, 1);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, deleting_with_the_claim_of_something_else_is_rejected) {
  Script script = with_posts(2);
  script.claim({5, 6}, 1, {kA});
  script.erase({7, 8}, kB, 1);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, deleting_a_held_message_without_a_claim_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.erase({7, 8}, kA);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, renewing_an_ended_claim_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.renew({69, 70}, 1, 60);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, a_claim_may_follow_an_ended_one) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.claim({65.5, 66}, 2, {kA});  // the first was granted between 5 and 6
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOneOwner, a_claim_may_follow_a_release_under_way) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.release({7, 20}, 1);
  script.claim({8, 9}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOneOwner, a_claim_may_follow_a_release_without_an_answer) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.release({7, 8}, 1, Outcome::lost);
  script.claim({10, 11}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOneOwner, a_renewal_without_an_answer_may_have_shortened_a_claim) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA}).ttl = 300;
  script.renew({10, 11}, 1, 60, Outcome::lost);
  script.claim({71, 72}, 2, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOneOwner, a_renewal_without_an_answer_may_have_kept_a_claim_alive) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.renew({60, 61}, 1, 60, Outcome::lost);
  script.erase({100, 101}, kA, 1);
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOneOwner, deleting_what_may_be_gone_is_fine_with_any_claim) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.erase_many({7, 8}, {kA}, Outcome::lost);
  script.erase({69, 70}, kA, 1);
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P6 ----------------------------------------------------------------------------------------

TEST(HistorySurvives, an_acknowledged_message_that_is_nowhere_is_rejected) {
  Script script = with_posts(3);
  script.page({5, 6}, 1, {kA, kC});
  script.page({7, 8}, 2, {kA, kC});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistorySurvives, a_message_that_was_seen_once_and_is_gone_is_rejected) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::lost);
  script.page({5, 6}, 1, {kA});
  script.page({7, 8}, 2, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistorySurvives, a_deleted_message_that_comes_back_is_rejected) {
  Script script = with_posts(2);
  script.erase_many({5, 6}, {kA});
  script.page({7, 8}, 1, {kA, kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistorySurvives, a_deleted_message_that_is_claimed_is_rejected) {
  Script script = with_posts(1);
  script.claim({2, 3}, 1, {kA});
  script.erase({5, 6}, kA, 1);
  script.claim({7, 8}, 2, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistorySurvives, a_page_under_way_may_show_what_is_being_deleted) {
  Script script = with_posts(1);
  script.erase_many({5, 6}, {kA});
  script.page({5.5, 9}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistorySurvives, a_deletion_without_an_answer_may_not_have_worked) {
  Script script = with_posts(1);
  script.erase_many({5, 6}, {kA}, Outcome::lost);
  script.page({7, 8}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- P7 ----------------------------------------------------------------------------------------

TEST(HistoryClock, a_message_that_is_not_free_after_its_claim_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.claim({69, 70}, 2, {});
  script.page({71, 72}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_message_that_is_not_free_after_a_release_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.release({7, 8}, 1);
  script.claim({9, 10}, 2, {});
  script.page({11, 12}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_claim_that_cannot_be_renewed_before_its_end_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.renew({50, 51}, 1, 60, Outcome::refused);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_claim_that_cannot_delete_before_its_end_is_rejected) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.erase({50, 51}, kA, 1, Outcome::refused);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_message_that_outlives_its_ttl_is_rejected) {
  Script script;
  script.post({1, 2}, 1).ttl = 60;
  script.page({65, 66}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_message_may_be_held_until_the_latest_end_of_its_claim) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.claim({67, 67.5}, 2, {});
  script.page({71, 72}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClock, a_claim_without_an_answer_may_hold_anything) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {}, Outcome::lost);
  script.claim({20, 21}, 2, {});
  script.page({22, 23}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClock, but_not_for_ever) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {}, Outcome::lost);
  script.claim({80, 81}, 2, {});
  script.page({82, 83}, 1, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_claim_without_an_answer_holds_no_message_that_came_after_it) {
  const auto broken = [](double posted) {
    Script script;
    script.claim({5, 6}, 1, {}, Outcome::lost);
    script.post({posted, posted + 1}, 1);
    script.claim({20, 21}, 2, {});
    script.page({22, 23}, 1, {kA});
    return script.broken();
  };
  EXPECT_THAT(broken(10), IsEmpty());  // it may come into force as late as this
  EXPECT_THAT(broken(12), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_claim_without_an_answer_holds_no_message_that_another_one_took_after_it) {
  const auto broken = [](double taken) {
    Script script = with_posts(1);
    script.claim({5, 6}, 1, {}, Outcome::lost);
    script.claim({taken, taken + 0.5}, 2, {kA});
    script.release({taken + 1, taken + 1.5}, 2);
    script.claim({20, 21}, 3, {});
    script.page({22, 23}, 1, {kA});
    return script.broken();
  };
  EXPECT_THAT(broken(9), IsEmpty());  // the other one comes first, and is released in time
  EXPECT_THAT(broken(12), ElementsAre(Rule::clock));
}

TEST(HistoryClock, nor_one_that_another_one_takes_while_it_would_last) {
  const auto broken = [](double taken) {
    Script script = with_posts(1);
    script.claim({5, 6}, 1, {}, Outcome::lost);
    script.claim({20, 21}, 2, {});
    script.claim({taken, taken + 0.5}, 3, {kA});
    return script.broken();
  };
  EXPECT_THAT(broken(64), ElementsAre(Rule::clock));
  EXPECT_THAT(broken(65), IsEmpty());
}

TEST(HistoryClock, nor_one_that_is_popped_while_it_would_last) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {}, Outcome::lost);
  script.claim({20, 21}, 2, {});
  script.pop({30, 31}, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryClock, unless_a_purge_may_have_ended_it) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {}, Outcome::lost);
  script.claim({20, 21}, 2, {});
  script.purge({22, 23}, Outcome::lost);
  script.claim({30, 31}, 3, {kA});
  EXPECT_THAT(check(script.history(), {.slow_purges = true}).violations, IsEmpty());
}

TEST(HistoryClock, claims_without_an_answer_hold_no_more_messages_than_they_asked_for) {
  const auto broken = [](std::uint32_t posts, unsigned lost_claims) {
    Script script = with_posts(posts);
    for (unsigned i = 1; i <= lost_claims; ++i) script.claim({9, 10}, i, {}, Outcome::lost);
    script.claim({20, 21}, 9, {});
    for (std::uint32_t i = 1; i <= posts; ++i) script.page({21.0 + i, 21.5 + i}, 1, {{i, 0}});
    return script.broken();
  };
  EXPECT_THAT(broken(3, 1), IsEmpty());
  EXPECT_THAT(broken(4, 1), ElementsAre(Rule::clock));
  EXPECT_THAT(broken(6, 2), IsEmpty());
  EXPECT_THAT(broken(7, 2), ElementsAre(Rule::clock));
}

TEST(HistoryClock, a_claim_without_an_answer_explains_what_a_claim_beside_it_did_not_get) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {}, Outcome::lost);
  script.claim({4, 5.5}, 2, {});
  script.page({22, 23}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClock, a_full_claim_may_leave_messages_behind) {
  Script script = with_posts(4);
  script.claim({5, 6}, 1, {kA, kB, kC});
  script.page({7, 8}, 1, {kA, kB, kC});
  script.page({8, 9}, 1, {kD});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClock, a_claim_lengthens_the_life_of_its_message) {
  Script script;
  script.post({1, 2}, 1).ttl = 60;
  script.claim({50, 51}, 1, {kA});
  script.page({170, 171}, 1, {kA});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryClock, an_ended_claim_is_refused_rightly) {
  Script script = with_posts(1);
  script.claim({5, 6}, 1, {kA});
  script.renew({65.5, 66}, 1, 60, Outcome::refused);
  script.erase({66, 67}, kA, 1, Outcome::refused);
  EXPECT_THAT(script.broken(), IsEmpty());
}

// ---- Messages that are named twice -------------------------------------------------------------

TEST(HistoryOneOwner, a_deletion_that_names_a_message_twice_is_judged_like_any_other) {
  Script script = with_posts(1);
  script.claim({3, 4}, 1, {kA});
  script.claim({4, 5}, 2, {});
  script.erase_claimed({5, 6}, {kA, kA}, 2);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryOneOwner, another_deletion_excuses_one_that_names_a_message_twice) {
  Script script = with_posts(1);
  script.claim({3, 4}, 1, {kA});
  script.erase_many({4, 5}, {kA, kA}, Outcome::lost);
  script.erase_claimed({5, 6}, {kA, kA}, 2);
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryOneOwner, a_claim_that_shows_a_message_twice_is_rejected) {
  Script script = with_posts(1);
  script.claim({3, 4}, 1, {kA, kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

// ---- The checker itself ------------------------------------------------------------------------

TEST(History, queues_are_judged_apart) {
  Script script;
  script.post({1, 2}, 1);
  script.post({3, 4}, 2).queue = 1;
  script.page({5, 6}, 1, {kA});
  script.page({5, 6}, 2, {kB}).queue = 1;
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(History, a_violation_names_the_message_and_its_story_can_be_told) {
  Script script = with_posts(3);
  script.page({5, 6}, 1, {kA, kC});
  const auto violations = check(script.history()).violations;
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].about, kB);
  EXPECT_EQ(to_string(violations[0].rule), "P6 survives");
  const auto story = events_about(script.history(), kB);
  ASSERT_EQ(story.size(), 1u);
  EXPECT_EQ(story[0]->post, 2u);
}

TEST(History, coverage_counts_what_was_exercised) {
  Script script = with_posts(2);
  script.post({3, 4}, 3, 2, Outcome::lost);
  script.claim({5, 6}, 1, {kA, kB});
  script.renew({6, 7}, 1, 60);
  script.erase({7, 8}, kB, 1);
  script.claim({80, 81}, 2, {kA, {3, 0}, {3, 1}});
  script.renew({82, 83}, 1, 60, Outcome::refused);
  script.page({83, 84}, 1, {kA, {3, 0}, {3, 1}});
  const Judgement judgement = check(script.history());
  EXPECT_THAT(judgement.violations, IsEmpty());
  const Coverage& coverage = judgement.coverage;
  EXPECT_EQ(coverage.posts, 2u);
  EXPECT_EQ(coverage.messages_stored, 4u);
  EXPECT_EQ(coverage.lost_posts, 1u);
  EXPECT_EQ(coverage.lost_posts_stored, 1u);
  EXPECT_THAT(coverage.seen_by_scan, ElementsAre(3u));
  EXPECT_EQ(coverage.claims, 2u);
  EXPECT_EQ(coverage.claims_ended_by_clock, 1u);
  EXPECT_EQ(coverage.taken_after_clock, 1u);
  EXPECT_EQ(coverage.deletions, 1u);
  EXPECT_EQ(coverage.late_refusals, 1u);
}

/// A long good history and the time it takes: quadratic work would not end.
TEST(History, a_million_events_are_judged_in_time_and_one_gap_is_found) {
  constexpr std::uint32_t kPosts = 900'000;
  History history;
  const auto add = [&](Event event, Time at) {
    event.start = at * kSecond / 1000;
    event.end = event.start + 3 * kSecond / 1000;
    history.events.push_back(std::move(event));
  };
  for (std::uint32_t post = 0; post < kPosts; ++post) {
    Event event;
    event.post = post;
    event.parts = 1;
    event.ttl = kTtl;
    add(event, post);
  }
  const auto scan = [&](std::uint32_t number, std::uint32_t left_out) {
    for (std::uint32_t first = 0; first < kPosts; first += 20) {
      Event event;
      event.action = Action::list;
      event.scan = number;
      event.limit = 20;
      for (std::uint32_t post = first; post < first + 20; ++post) {
        if (post != left_out) {
          event.messages.push_back({post, 0});
        }
      }
      event.limit = static_cast<std::uint32_t>(event.messages.size());
      add(event, first + 100);
    }
  };
  scan(1, kPosts);
  scan(2, 500'000);
  const Judgement judgement = check(history);
  ASSERT_EQ(judgement.violations.size(), 1u);
  EXPECT_EQ(judgement.violations[0].rule, Rule::no_gap);
  EXPECT_EQ(judgement.violations[0].about, (MessageKey{500'000, 0}));
}

}  // namespace
}  // namespace marconi::history
