// Histories written by hand: messages that move to a dead-letter queue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/checker.h"
#include "history/script.h"

namespace marconi::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One post, claimed from 2 to 3 and from 6 to 7 seconds and given back a second later each time.
Script claimed_twice(std::uint32_t max_claims) {
  Script script(1);
  script.dead_letters(max_claims);
  script.claim({2, 3}, 1, {kA});
  script.release({4, 5}, 1);
  script.claim({6, 7}, 2, {kA});
  script.release({8, 9}, 2);
  return script;
}

Event& there(Event& event) {
  event.queue = 1;
  return event;
}

TEST(HistoryDeadLetter, a_message_moves_once_its_claims_are_counted_out) {
  Script script = claimed_twice(2);
  script.page({9, 10}, 1, {kA});
  script.claim({10, 11}, 3, {});
  script.page({12, 13}, 2, {});
  there(script.page({14, 15}, 3, {kA}));
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDeadLetter, moving_a_claim_too_early_is_rejected) {
  Script script = claimed_twice(3);
  script.claim({10, 11}, 3, {});
  there(script.page({14, 15}, 3, {kA}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryDeadLetter, moving_what_a_claim_holds_is_rejected) {
  Script script(1);
  script.dead_letters(1);
  script.claim({2, 3}, 1, {kA});
  script.claim({10, 11}, 2, {});
  there(script.page({14, 15}, 3, {kA}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryDeadLetter, moving_it_without_a_claim_is_rejected) {
  Script script = claimed_twice(2);
  there(script.page({14, 15}, 3, {kA}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryDeadLetter, being_gone_before_its_claims_are_counted_out_is_rejected) {
  Script script = claimed_twice(3);
  script.claim({10, 11}, 3, {});
  script.page({12, 13}, 2, {});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryDeadLetter, a_claim_too_many_is_rejected) {
  Script script = claimed_twice(1);
  EXPECT_THAT(script.broken(), ElementsAre(Rule::one_owner));
}

TEST(HistoryDeadLetter, a_claim_without_an_answer_may_count) {
  Script script(1);
  script.dead_letters(2);
  script.claim({2, 3}, 1, {}, Outcome::lost);
  script.claim({70, 71}, 2, {kA});
  script.release({72, 73}, 2);
  script.claim({74, 75}, 3, {});
  script.page({76, 77}, 1, {});
  there(script.page({78, 79}, 2, {kA}));
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDeadLetter, a_claim_without_an_answer_may_move_it) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {}, Outcome::lost);
  there(script.page({12, 13}, 2, {kA}));
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDeadLetter, a_message_that_is_in_neither_queue_is_rejected) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  script.page({12, 13}, 2, {});
  there(script.page({14, 15}, 3, {}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryDeadLetter, it_may_arrive_while_the_other_queue_is_looked_at) {
  Script script = claimed_twice(2);
  script.claim({10, 13}, 3, {});
  there(script.page({11, 12}, 3, {}));
  script.page({12, 13}, 2, {});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDeadLetter, a_message_that_is_in_both_queues_is_rejected) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA}));
  script.page({14, 15}, 3, {kA});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryDeadLetter, a_message_that_arrives_twice_is_rejected) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA, kA}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::once));
}

TEST(HistoryDeadLetter, a_letter_with_another_id_is_rejected) {
  Script script = claimed_twice(2);
  script.page({9, 10}, 1, {kA}).ids = {7};
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA})).ids = {8};
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryDeadLetter, a_letter_that_is_gone_again_is_rejected) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA}));
  there(script.page({14, 15}, 3, {}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::survives));
}

TEST(HistoryDeadLetter, a_letter_may_be_deleted) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA}));
  there(script.erase_many({13, 14}, {kA}));
  there(script.page({14, 15}, 3, {}));
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDeadLetter, a_letter_is_free_at_once) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA}));
  there(script.claim({14, 15}, 4, {}));
  there(script.page({16, 17}, 3, {kA}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryDeadLetter, a_letter_that_outlives_its_end_is_rejected) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({kTtl + 10, kTtl + 11}, 2, {kA}));
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryDeadLetter, a_claim_gets_less_for_what_it_moves) {
  Script script(2);
  script.dead_letters(1);
  script.claim({3, 4}, 1, {kA}).limit = 1;
  script.release({5, 6}, 1);
  Event& mover = script.claim({7, 8}, 2, {});
  mover.limit = 1;
  there(script.page({9, 10}, 1, {kA}));
  script.page({9, 10}, 2, {kB});
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryDeadLetter, but_not_still_less) {
  Script script(2);
  script.dead_letters(1);
  script.claim({3, 4}, 1, {kA}).limit = 1;
  script.release({5, 6}, 1);
  script.claim({7, 8}, 2, {}).limit = 2;
  there(script.page({9, 10}, 1, {kA}));
  script.page({9, 10}, 2, {kB});
  EXPECT_THAT(script.broken(), ElementsAre(Rule::clock));
}

TEST(HistoryDeadLetter, coverage_counts_letters) {
  Script script = claimed_twice(2);
  script.claim({10, 11}, 3, {});
  there(script.page({12, 13}, 2, {kA}));
  const Coverage coverage = check(script.history()).coverage;
  EXPECT_EQ(coverage.letters, 1U);
  EXPECT_EQ(coverage.messages_stored, 1U);
}

}  // namespace
}  // namespace marconi::history
