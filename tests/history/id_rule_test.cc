// Histories written by hand for P8: every id names one thing for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "history/script.h"

namespace marconi::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HistoryIds, a_message_keeps_its_id_in_every_answer) {
  Script script;
  script.post({1, 2}, 1, 2).ids = {7, 8};
  script.page({3, 4}, 1, {kA, {1, 1}}).ids = {7, 8};
  Event& claim = script.claim({5, 6}, 1, {kA, {1, 1}});
  claim.ids = {7, 8};
  claim.claim_id = 9;
  EXPECT_THAT(script.broken(), IsEmpty());
}

TEST(HistoryIds, an_id_acknowledged_for_two_posts_is_rejected) {
  Script script;
  script.post({1, 2}, 1).ids = {7};
  script.post({3, 4}, 2).ids = {7};
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryIds, an_id_used_again_after_the_message_was_deleted_is_rejected) {
  Script script;
  script.post({1, 2}, 1).ids = {7};
  script.erase_many({3, 4}, {kA});
  script.post({5, 6}, 2);
  script.page({7, 8}, 1, {kB}).ids = {7};
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryIds, an_id_used_again_in_another_queue_is_rejected) {
  Script script;
  script.post({1, 2}, 1).ids = {7};
  Event& elsewhere = script.post({3, 4}, 2);
  elsewhere.ids = {7};
  elsewhere.queue = 1;
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryIds, the_id_of_a_lost_post_that_was_shown_must_not_come_again) {
  Script script;
  script.post({1, 2}, 1, 1, Outcome::lost);
  script.page({3, 4}, 1, {kA}).ids = {7};
  script.post({5, 6}, 2).ids = {7};
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryIds, a_message_shown_with_a_second_id_is_rejected) {
  Script script;
  script.post({1, 2}, 1).ids = {7};
  script.page({3, 4}, 1, {kA}).ids = {8};
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryIds, two_claims_with_one_id_are_rejected_though_the_first_has_ended) {
  Script script;
  script.post({1, 2}, 1);
  script.claim({3, 4}, 1, {kA}).claim_id = 7;
  script.release({5, 6}, 1);
  script.claim({7, 8}, 2, {kA}).claim_id = 7;
  EXPECT_THAT(script.broken(), ElementsAre(Rule::ids));
}

TEST(HistoryIds, claims_with_ids_of_their_own_pass) {
  Script script;
  script.post({1, 2}, 1);
  script.claim({3, 4}, 1, {kA}).claim_id = 7;
  script.release({5, 6}, 1);
  script.claim({7, 8}, 2, {kA}).claim_id = 8;
  EXPECT_THAT(script.broken(), IsEmpty());
}

}  // namespace
}  // namespace marconi::history
