// The contract of time: expiry, delay, ages, the exactness of statistics, and clocks that step.
#include <gmock/gmock.h>

#include <algorithm>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- expiry and delay ---------------------------------------------------------------------

TEST_P(StoreContract, a_message_lives_its_ttl_from_the_next_whole_second) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 60});  // at …,250
  advance(60'749ms);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  EXPECT_THAT(bodies(get(queue, {id})), ElementsAre("1"));
  EXPECT_EQ(stats(queue).total, 1U);
  advance(1ms);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(pop(queue, 1), IsEmpty());
}

TEST_P(StoreContract, a_message_posted_on_the_second_lives_its_ttl_exactly) {
  const auto queue = new_queue("q");
  advance(750ms);
  post(queue, {"1"}, {.ttl_seconds = 60});
  advance(59'999ms);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  advance(1ms);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, messages_expire_in_the_order_of_their_ends_not_of_their_posts) {
  const auto queue = new_queue("q");
  post(queue, {"300"}, {.ttl_seconds = 300});
  post(queue, {"100"}, {.ttl_seconds = 100});
  post(queue, {"200"}, {.ttl_seconds = 200});
  EXPECT_THAT(alive(queue), ElementsAre("300", "100", "200"));
  advance(101s);
  EXPECT_THAT(alive(queue), ElementsAre("300", "200"));
  advance(100s);
  EXPECT_THAT(alive(queue), ElementsAre("300"));
  advance(100s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, a_delayed_message_appears_by_the_clock) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.delay_seconds = 30});
  advance(30'749ms);
  EXPECT_THAT(free(queue), IsEmpty());
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  EXPECT_EQ(get_one(queue, id).body, "1");
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(pop(queue, 1), IsEmpty());
  advance(1ms);
  EXPECT_THAT(free(queue), ElementsAre("1"));
  EXPECT_THAT(bodies(claim(queue).messages), ElementsAre("1"));
}

TEST_P(StoreContract, a_message_without_delay_is_there_at_once) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.delay_seconds = 0});
  EXPECT_THAT(free(queue), ElementsAre("1"));
}

TEST_P(StoreContract, a_delayed_message_keeps_its_place) {
  const auto queue = new_queue("q");
  post(queue, {"delayed"}, {.delay_seconds = 30});
  post(queue, {"now"});
  advance(31s);
  EXPECT_THAT(free(queue), ElementsAre("delayed", "now"));
  EXPECT_THAT(bodies(claim(queue, {.limit = 1}).messages), ElementsAre("delayed"));
}

TEST_P(StoreContract, a_delay_does_not_prolong_a_life) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.ttl_seconds = 60, .delay_seconds = 100});
  advance(61s);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
  advance(100s);
  EXPECT_THAT(free(queue), IsEmpty());
}

TEST_P(StoreContract, ages_count_whole_seconds_since_the_post) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  EXPECT_EQ(get_one(queue, id).age_seconds, 0);
  advance(999ms);
  EXPECT_EQ(get_one(queue, id).age_seconds, 0);
  advance(1ms);
  EXPECT_EQ(get_one(queue, id).age_seconds, 1);
  advance(1000s);
  EXPECT_EQ(list(queue).at(0).age_seconds, 1001);
}

TEST_P(StoreContract, collecting_garbage_changes_nothing_that_can_be_seen) {
  const auto queue = new_queue("q");
  post(queue, {"expiring 1"}, {.ttl_seconds = 60});
  post(queue, {"kept 1", "held"});
  post(queue, {"expiring 2"}, {.ttl_seconds = 60});
  post(queue, {"kept 2"});
  remove(queue, list(queue).at(1).id);
  const auto last = list(queue).back().marker;
  advance(61s);
  const auto held = claim(queue, {.limit = 1});
  store().collect_garbage();
  fixture().settle();
  EXPECT_THAT(alive(queue), ElementsAre("held", "kept 2"));
  EXPECT_THAT(bodies(find_claim(queue, held.id).value().messages), ElementsAre("held"));
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).claimed, 1U);
  EXPECT_THAT(list(queue, {.after = last}), IsEmpty());
  post(queue, {"new"});
  EXPECT_THAT(bodies(list(queue, {.after = last})), ElementsAre("new"));
}

TEST_P(StoreContract, collected_claims_leave_their_messages_free) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto held = claim(queue, {.ttl_seconds = 60});
  advance(61s);
  store().collect_garbage();
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_THAT(free(queue), ElementsAre("1"));
}

// ---- statistics ---------------------------------------------------------------------------

TEST_P(StoreContract, an_empty_queue_has_empty_statistics) {
  const auto queue = new_queue("q");
  const auto empty = stats(queue);
  EXPECT_EQ(empty.total, 0U);
  EXPECT_EQ(empty.claimed, 0U);
  EXPECT_FALSE(empty.oldest);
  EXPECT_FALSE(empty.newest);
}

TEST_P(StoreContract, statistics_count_free_claimed_and_delayed_messages) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  claim(queue, {.limit = 2});
  post(queue, {"4"}, {.delay_seconds = 100});
  EXPECT_EQ(stats(queue).total, 4U);
  EXPECT_EQ(stats(queue).claimed, 2U);
}

TEST_P(StoreContract, statistics_name_the_first_and_the_last_message) {
  const auto queue = new_queue("q");
  const auto start = clock().utc_now();
  const auto first = post_one(queue, "1");
  const auto held = claim(queue);
  advance(10s);
  post(queue, {"2"});
  advance(10s);
  const auto last = post_one(queue, "3", {.delay_seconds = 100});
  advance(5s);
  const auto both = stats(queue);
  ASSERT_TRUE(both.oldest && both.newest);
  EXPECT_EQ(both.oldest->id, first);
  EXPECT_EQ(both.oldest->age_seconds, 25);
  EXPECT_EQ(both.oldest->created_utc_seconds, start / 1000);
  EXPECT_EQ(both.newest->id, last);
  EXPECT_EQ(both.newest->age_seconds, 5);
  EXPECT_EQ(both.newest->created_utc_seconds, start / 1000 + 20);
}

TEST_P(StoreContract, the_only_message_is_both_the_oldest_and_the_newest) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  remove(queue, posted[0]);
  remove(queue, posted[2]);
  EXPECT_EQ(stats(queue).oldest.value().id, posted[1]);
  EXPECT_EQ(stats(queue).newest.value().id, posted[1]);
}

TEST_P(StoreContract, oldest_and_newest_are_never_expired_messages) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.ttl_seconds = 60});
  const auto first = post_one(queue, "2", {.ttl_seconds = 200});
  const auto last = post_one(queue, "3", {.ttl_seconds = 200});
  post(queue, {"4", "5"}, {.ttl_seconds = 60});
  advance(61s);
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).oldest.value().id, first);
  EXPECT_EQ(stats(queue).newest.value().id, last);
  advance(200s);
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_FALSE(stats(queue).oldest);
  EXPECT_FALSE(stats(queue).newest);
}

TEST_P(StoreContract, statistics_follow_the_clock_without_any_traffic) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.ttl_seconds = 1000});
  post(queue, {"2"}, {.ttl_seconds = 1000});
  claim(queue, {.limit = 1, .ttl_seconds = 100});
  post(queue, {"3"}, {.ttl_seconds = 50});
  EXPECT_EQ(stats(queue).total, 3U);
  EXPECT_EQ(stats(queue).claimed, 1U);
  advance(51s);
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).claimed, 1U);
  advance(50s);
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  advance(900s);
  EXPECT_EQ(stats(queue).total, 0U);
}

TEST_P(StoreContract, a_message_that_expires_under_a_claim_leaves_both_counts) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"}, {.ttl_seconds = 100});
  const auto held = claim(queue, {.limit = 1, .ttl_seconds = 60});
  renew(queue, held.id, {200, -190});  // the message is left ten seconds
  advance(11s);
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  advance(200s);
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(StoreContract, deleting_a_message_after_its_claim_ended_is_counted_once) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  claim(queue, {.ttl_seconds = 60});
  advance(61s);
  remove(queue, posted[0]);
  remove_many(queue, {posted[0], posted[1], posted[1]});
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(StoreContract, deleting_an_expired_message_is_not_counted) {
  const auto queue = new_queue("q");
  const auto expired = post_one(queue, "1", {.ttl_seconds = 60});
  post(queue, {"2"});
  advance(61s);
  remove(queue, expired);
  remove_many(queue, {expired});
  EXPECT_EQ(stats(queue).total, 1U);
}

TEST_P(StoreContract, renewals_keep_the_counts_exact) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"}, {.ttl_seconds = 100});
  const auto held = claim(queue, {.limit = 2, .ttl_seconds = 60});
  for (int i = 0; i < 4; ++i) {
    renew(queue, held.id, {150, 100});
    advance(40s);
  }
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).claimed, 2U);
  advance(111s);
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  advance(100s);
  EXPECT_EQ(stats(queue).total, 0U);
}

// ---- clocks that step ---------------------------------------------------------------------

TEST_P(StoreContract, a_wall_clock_stepped_back_revives_nothing) {
  const auto queue = new_queue("q");
  const auto expired = post_one(queue, "expired", {.ttl_seconds = 60});
  post(queue, {"held"}, {.ttl_seconds = 8000});
  const auto ended = claim(queue, {.ttl_seconds = 60});
  advance(200s);
  EXPECT_FALSE(find_claim(queue, ended.id));
  clock().step_wall(-1h);
  EXPECT_THAT(get(queue, {expired}), IsEmpty());
  EXPECT_FALSE(find_claim(queue, ended.id));
  EXPECT_FALSE(renew(queue, ended.id, {60, 60}));
  EXPECT_THAT(alive(queue), ElementsAre("held"));
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(StoreContract, a_wall_clock_stepped_back_does_not_stop_time) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 300});
  post(queue, {"delayed"}, {.delay_seconds = 100});
  const auto held = claim(queue, {.ttl_seconds = 60});
  advance(30s);
  EXPECT_EQ(get_one(queue, id).age_seconds, 30);
  clock().step_wall(-1h);
  EXPECT_EQ(get_one(queue, id).age_seconds, 30);
  EXPECT_EQ(find_claim(queue, held.id).value().age_seconds, 30);
  advance(31s);
  EXPECT_EQ(get_one(queue, id).age_seconds, 61);
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_THAT(free(queue), ElementsAre("1"));
  advance(40s);
  EXPECT_THAT(free(queue), ElementsAre("1", "delayed"));
  advance(200s);
  EXPECT_THAT(alive(queue), ElementsAre("delayed"));
}

TEST_P(StoreContract, what_is_posted_after_a_step_back_lives_its_full_time) {
  const auto queue = new_queue("q");
  post(queue, {"before"});
  clock().step_wall(-1h);
  post(queue, {"after"}, {.ttl_seconds = 60});
  EXPECT_EQ(list(queue).at(1).age_seconds, 0);
  advance(60s);
  EXPECT_THAT(alive(queue), ElementsAre("before", "after"));
  advance(1s);
  EXPECT_THAT(alive(queue), ElementsAre("before"));
}

TEST_P(StoreContract, a_wall_clock_stepped_forward_kills_early_by_no_more_than_the_step) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 300});
  clock().step_wall(100s);
  EXPECT_EQ(get_one(queue, id).age_seconds, 100);
  advance(200s);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  advance(1s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, a_step_forward_that_is_taken_back_revives_nothing) {
  const auto queue = new_queue("q");
  post(queue, {"dead"}, {.ttl_seconds = 60});
  post(queue, {"alive"});
  clock().step_wall(100s);
  EXPECT_THAT(alive(queue), ElementsAre("alive"));
  clock().step_wall(-100s);
  EXPECT_THAT(alive(queue), ElementsAre("alive"));
  EXPECT_EQ(stats(queue).total, 1U);
}

TEST_P(StoreContract, order_does_not_depend_on_the_clock) {
  const auto queue = new_queue("q");
  const Posting for_long{.ttl_seconds = 90'000};
  post(queue, {"1"}, for_long);
  clock().step_wall(-1h);
  post(queue, {"2"}, for_long);
  clock().step_wall(2h);
  post(queue, {"3"}, for_long);
  EXPECT_THAT(alive(queue), ElementsAre("1", "2", "3"));
  EXPECT_TRUE(std::ranges::is_sorted(markers(list(queue))));
}

}  // namespace

}  // namespace marconi::storage::contract
