// The contract of claims: who gets which message, for how long, and what it does to their lives.
#include <gmock/gmock.h>

#include <limits>
#include <set>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- taking -------------------------------------------------------------------------------

TEST_P(StoreContract, a_claim_takes_the_oldest_messages_up_to_its_limit) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"}, {.client = kAlice});
  post(queue, {"3"}, {.client = kBob});
  const auto taken = claim(queue, {.limit = 2, .ttl_seconds = 300});
  EXPECT_THAT(bodies(taken.messages), ElementsAre("1", "2"));
  EXPECT_EQ(taken.ttl_seconds, 300);
  EXPECT_EQ(taken.age_seconds, 0);
  for (const auto& message : taken.messages) EXPECT_EQ(message.claim, taken.id);
  EXPECT_THAT(free(queue), ElementsAre("3"));
}

TEST_P(StoreContract, a_claim_finds_nothing_in_an_empty_queue) {
  const auto queue = new_queue("q");
  EXPECT_FALSE(try_claim(queue));
  post(queue, {"1"});
  claim(queue);
  EXPECT_FALSE(try_claim(queue));
}

TEST_P(StoreContract, claims_are_exclusive) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3", "4", "5"});
  const auto one = claim(queue, {.limit = 2});
  const auto two = claim(queue, {.limit = 2});
  const auto three = claim(queue, {.limit = 2});
  EXPECT_THAT(bodies(one.messages), ElementsAre("1", "2"));
  EXPECT_THAT(bodies(two.messages), ElementsAre("3", "4"));
  EXPECT_THAT(bodies(three.messages), ElementsAre("5"));
  EXPECT_EQ((std::set{one.id, two.id, three.id}.size()), 3U);
  EXPECT_FALSE(try_claim(queue));
}

TEST_P(StoreContract, a_claim_passes_over_claimed_and_delayed_messages) {
  const auto queue = new_queue("q");
  post(queue, {"held"});
  claim(queue);
  post(queue, {"1"});
  post(queue, {"delayed"}, {.delay_seconds = 100});
  post(queue, {"2"});
  EXPECT_THAT(bodies(claim(queue).messages), ElementsAre("1", "2"));
}

TEST_P(StoreContract, a_claim_counts_only_what_it_takes_against_its_limit) {
  const auto queue = new_queue("q");
  for (int i = 0; i < 50; ++i) {
    post(queue, {"held"});
    claim(queue);
    post(queue, {"delayed"}, {.delay_seconds = 100});
  }
  post(queue, {"1", "2", "3"});
  EXPECT_THAT(bodies(claim(queue, {.limit = 2}).messages), ElementsAre("1", "2"));
}

TEST_P(StoreContract, a_claim_shows_its_messages_in_order_of_delivery) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3", "4"});
  const auto taken = claim(queue);
  const auto found = find_claim(queue, taken.id).value();
  EXPECT_EQ(found.id, taken.id);
  EXPECT_EQ(ids(found.messages), ids(taken.messages));
  EXPECT_EQ(markers(found.messages), markers(list(queue)));
}

TEST_P(StoreContract, without_a_dead_letter_policy_the_claim_count_stays_zero) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  for (int i = 0; i < 5; ++i) {
    const auto taken = claim(queue);
    EXPECT_EQ(taken.messages[0].claim_count, 0);
    release(queue, taken.id);
  }
  EXPECT_EQ(get_one(queue, id).claim_count, 0);
  EXPECT_EQ(pop(queue, 1).at(0).claim_count, 0);
}

// ---- ending -------------------------------------------------------------------------------

TEST_P(StoreContract, a_claim_expires_then_its_messages_are_free) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto id = claim(queue, {.ttl_seconds = 60}).id;
  advance(60'749ms);  // a start at …,250 counts from the next whole second
  EXPECT_TRUE(find_claim(queue, id));
  EXPECT_THAT(free(queue), IsEmpty());
  EXPECT_FALSE(try_claim(queue));
  advance(1ms);
  EXPECT_FALSE(find_claim(queue, id));
  EXPECT_THAT(free(queue), ElementsAre("1", "2"));
  for (const auto& message : list(queue)) EXPECT_FALSE(message.claim);
  EXPECT_THAT(bodies(claim(queue).messages), ElementsAre("1", "2"));
}

TEST_P(StoreContract, freed_messages_keep_their_places) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto before = markers(list(queue));
  const auto released = claim(queue, {.limit = 1});
  const auto expiring = claim(queue, {.limit = 1, .ttl_seconds = 60});
  post(queue, {"4"});
  release(queue, released.id);
  advance(61s);
  EXPECT_FALSE(find_claim(queue, expiring.id));
  const auto after = list(queue);
  EXPECT_THAT(bodies(after), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(markers({after.begin(), after.begin() + 3}), before);
  EXPECT_THAT(bodies(claim(queue, {.limit = 3}).messages), ElementsAre("1", "2", "3"));
}

TEST_P(StoreContract, claims_in_a_row_free_what_they_took_each_at_its_own_end) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3", "4"});
  claim(queue, {.limit = 1, .ttl_seconds = 200});
  claim(queue, {.limit = 1, .ttl_seconds = 100});
  claim(queue, {.limit = 1, .ttl_seconds = 400});
  advance(101s);
  EXPECT_THAT(bodies(claim(queue, {.limit = 1, .ttl_seconds = 400}).messages), ElementsAre("2"));
  advance(100s);
  EXPECT_THAT(bodies(claim(queue, {.limit = 2, .ttl_seconds = 400}).messages),
              ElementsAre("1", "4"));
  EXPECT_FALSE(try_claim(queue));
}

TEST_P(StoreContract, a_released_claim_frees_its_messages_at_once) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto taken = claim(queue);
  release(queue, taken.id);
  EXPECT_FALSE(find_claim(queue, taken.id));
  EXPECT_THAT(free(queue), ElementsAre("1", "2"));
  EXPECT_FALSE(get_one(queue, taken.messages[0].id).claim);
  EXPECT_EQ(stats(queue).claimed, 0U);
  release(queue, taken.id);
  EXPECT_THAT(free(queue), ElementsAre("1", "2"));
}

TEST_P(StoreContract, releasing_an_ended_claim_does_not_free_what_another_took_since) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto ended = claim(queue, {.ttl_seconds = 60});
  advance(61s);
  const auto live = claim(queue);
  release(queue, ended.id);
  EXPECT_THAT(free(queue), IsEmpty());
  EXPECT_THAT(bodies(find_claim(queue, live.id).value().messages), ElementsAre("1"));
}

TEST_P(StoreContract, unknown_claims_are_missing_and_harmless) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto live = claim(queue);
  for (const auto& text : {kForeignUuid, std::string("malformed"), std::string(),
                           std::string("\0\xff/.", 4), std::string(100'000, 'f')}) {
    EXPECT_FALSE(find_claim(queue, ClaimId{text}));
    EXPECT_FALSE(renew(queue, ClaimId{text}, {300, 60}));
    release(queue, ClaimId{text});
  }
  EXPECT_TRUE(find_claim(queue, live.id));
}

TEST_P(StoreContract, a_claim_is_known_only_in_its_own_queue_and_project) {
  const auto queue = new_queue("q");
  const auto sibling = new_queue("sibling");
  const auto abroad = address("q", ProjectId("other"));
  create(abroad);
  post(queue, {"1"});
  const auto taken = claim(queue);
  for (const auto& other : {sibling, abroad}) {
    post(other, {"own"});
    claim(other);
    EXPECT_FALSE(find_claim(other, taken.id));
    EXPECT_FALSE(renew(other, taken.id, {300, 60}));
    release(other, taken.id);
  }
  EXPECT_THAT(bodies(find_claim(queue, taken.id).value().messages), ElementsAre("1"));
}

// ---- what is left of a claim --------------------------------------------------------------

TEST_P(StoreContract, deleting_messages_shrinks_their_claim) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto taken = claim(queue);
  remove(queue, taken.messages[1].id, taken.id);
  EXPECT_THAT(bodies(find_claim(queue, taken.id).value().messages), ElementsAre("1", "3"));
  remove_many(queue, {taken.messages[0].id});
  EXPECT_THAT(bodies(find_claim(queue, taken.id).value().messages), ElementsAre("3"));
  EXPECT_EQ(stats(queue).claimed, 1U);
}

TEST_P(StoreContract, a_claim_whose_messages_are_all_deleted_lives_on) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto taken = claim(queue, {.ttl_seconds = 60});
  for (const auto& message : taken.messages) remove(queue, message.id, taken.id);
  EXPECT_THAT(find_claim(queue, taken.id).value().messages, IsEmpty());
  EXPECT_EQ(stats(queue).claimed, 0U);
  advance(30s);
  EXPECT_TRUE(renew(queue, taken.id, {60, 60}));
  advance(60s);
  EXPECT_THAT(find_claim(queue, taken.id).value().messages, IsEmpty());
  advance(1s);
  EXPECT_FALSE(find_claim(queue, taken.id));
}

TEST_P(StoreContract, an_emptied_claim_can_still_be_told_from_an_unknown_one) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto emptied = claim(queue, {.limit = 1});
  remove(queue, emptied.messages[0].id, emptied.id);
  const auto held = claim(queue);
  EXPECT_EQ(remove(queue, held.messages[0].id, emptied.id), DeleteOutcome::claimed);
}

// ---- renewing -----------------------------------------------------------------------------

TEST_P(StoreContract, a_renewed_claim_starts_anew) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto id = claim(queue, {.ttl_seconds = 60}).id;
  advance(50s);
  EXPECT_EQ(find_claim(queue, id).value().age_seconds, 50);
  EXPECT_TRUE(renew(queue, id, {100, 60}));
  const auto renewed = find_claim(queue, id).value();
  EXPECT_EQ(renewed.age_seconds, 0);
  EXPECT_EQ(renewed.ttl_seconds, 100);
  EXPECT_THAT(bodies(renewed.messages), ElementsAre("1"));
  advance(100s);
  EXPECT_TRUE(find_claim(queue, id));
  EXPECT_THAT(free(queue), IsEmpty());
  advance(1s);
  EXPECT_FALSE(find_claim(queue, id));
  EXPECT_THAT(free(queue), ElementsAre("1"));
}

TEST_P(StoreContract, a_renewal_may_bring_the_end_nearer) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto id = claim(queue, {.ttl_seconds = 1000}).id;
  EXPECT_TRUE(renew(queue, id, {60, 60}));
  advance(61s);
  EXPECT_FALSE(find_claim(queue, id));
  EXPECT_THAT(free(queue), ElementsAre("1"));
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(StoreContract, a_claim_that_has_ended_cannot_be_renewed) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto expired = claim(queue, {.ttl_seconds = 60}).id;
  advance(61s);
  EXPECT_FALSE(renew(queue, expired, {300, 60}));
  EXPECT_THAT(free(queue), ElementsAre("1"));
  const auto released = claim(queue).id;
  release(queue, released);
  EXPECT_FALSE(renew(queue, released, {300, 60}));
  EXPECT_THAT(free(queue), ElementsAre("1"));
}

TEST_P(StoreContract, the_age_of_a_claim_counts_whole_seconds) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto id = claim(queue).id;
  advance(999ms);
  EXPECT_EQ(find_claim(queue, id).value().age_seconds, 0);
  advance(1ms);
  EXPECT_EQ(find_claim(queue, id).value().age_seconds, 1);
}

// ---- the lives of claimed messages --------------------------------------------------------

TEST_P(StoreContract, a_claim_extends_the_life_of_a_message_that_would_not_outlive_it) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 100});
  advance(10s);
  const auto taken = claim(queue, {.ttl_seconds = 200, .grace_seconds = 60});
  EXPECT_EQ(taken.messages.at(0).ttl_seconds, 260);
  EXPECT_EQ(taken.messages.at(0).age_seconds, 10);
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 260);
  advance(260s);
  EXPECT_THAT(free(queue), ElementsAre("1"));
  EXPECT_EQ(get_one(queue, id).age_seconds, 270);
  advance(1s);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
}

TEST_P(StoreContract, a_claim_leaves_the_life_of_a_longer_lived_message_alone) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 400});
  claim(queue, {.ttl_seconds = 399, .grace_seconds = 1000});
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 400);
  advance(401s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, a_claim_extends_some_of_its_messages_and_not_others) {
  const auto queue = new_queue("q");
  post(queue, {"short"}, {.ttl_seconds = 100});
  post(queue, {"long"}, {.ttl_seconds = 1000});
  const auto taken = claim(queue, {.ttl_seconds = 300, .grace_seconds = 70});
  EXPECT_EQ(taken.messages.at(0).ttl_seconds, 370);
  EXPECT_EQ(taken.messages.at(1).ttl_seconds, 1000);
  advance(371s);
  EXPECT_THAT(alive(queue), ElementsAre("long"));
}

TEST_P(StoreContract, a_message_that_ends_together_with_a_new_claim_is_not_extended) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 300});
  const auto taken = claim(queue, {.ttl_seconds = 300, .grace_seconds = 60});
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 300);
  advance(301s);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_FALSE(find_claim(queue, taken.id));
}

TEST_P(StoreContract, a_message_that_ends_together_with_a_renewed_claim_is_extended) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 300});
  const auto taken = claim(queue, {.ttl_seconds = 100});
  EXPECT_TRUE(renew(queue, taken.id, {300, 60}));
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 360);
  advance(360s);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  advance(1s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, a_renewal_extends_lives_anew) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 60});
  const auto taken = claim(queue, {.ttl_seconds = 100, .grace_seconds = 60});
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 160);
  for (int i = 0; i < 5; ++i) {
    advance(90s);
    EXPECT_TRUE(renew(queue, taken.id, {200, 10}));
    EXPECT_EQ(get_one(queue, id).ttl_seconds, 210) << i;
    EXPECT_EQ(get_one(queue, id).age_seconds, 90 * (i + 1));
  }
  advance(210s);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  advance(1s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, a_renewal_leaves_the_life_of_a_longer_lived_message_alone) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 400});
  const auto taken = claim(queue, {.ttl_seconds = 100});
  EXPECT_TRUE(renew(queue, taken.id, {399, 60}));
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 400);
}

TEST_P(StoreContract, a_negative_grace_may_let_a_message_die_inside_its_claim) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 200});
  post(queue, {"2"}, {.ttl_seconds = 5000});
  const auto taken = claim(queue, {.ttl_seconds = 100});
  EXPECT_TRUE(renew(queue, taken.id, {300, -200}));
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 100);
  advance(100s);
  EXPECT_THAT(alive(queue), ElementsAre("1", "2"));
  advance(1s);
  EXPECT_THAT(alive(queue), ElementsAre("2"));
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_THAT(bodies(find_claim(queue, taken.id).value().messages), ElementsAre("2"));
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).claimed, 1U);
}

TEST_P(StoreContract, a_grace_more_negative_than_the_ttl_ends_messages_at_once) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 200});
  const auto taken = claim(queue, {.ttl_seconds = 100});
  EXPECT_TRUE(renew(queue, taken.id, {300, -5000}));
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  EXPECT_THAT(find_claim(queue, taken.id).value().messages, IsEmpty());
}

TEST_P(StoreContract, a_grace_as_long_as_all_time_is_no_trouble) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.ttl_seconds = 200});
  const auto taken = claim(queue, {.ttl_seconds = 100});
  EXPECT_TRUE(renew(queue, taken.id, {300, std::numeric_limits<std::int64_t>::max()}));
  advance(std::chrono::hours(24 * 365));
  EXPECT_THAT(free(queue), ElementsAre("1"));
  EXPECT_EQ(stats(queue).total, 1U);
  const auto again = claim(queue, {.ttl_seconds = 100});
  EXPECT_TRUE(renew(queue, again.id, {300, std::numeric_limits<std::int64_t>::min()}));
  EXPECT_THAT(alive(queue), ElementsAre("1")) << "it lives longer than the claim";
}

TEST_P(StoreContract, a_message_that_expired_inside_its_claim_is_gone_from_it) {
  const auto queue = new_queue("q");
  post(queue, {"short"}, {.ttl_seconds = 100});
  post(queue, {"long"}, {.ttl_seconds = 1000});
  const auto taken = claim(queue, {.ttl_seconds = 60});
  EXPECT_TRUE(renew(queue, taken.id, {99, 0}));
  advance(50s);
  EXPECT_TRUE(renew(queue, taken.id, {90, -80}));  // short would end first: now in ten seconds
  advance(11s);
  EXPECT_THAT(bodies(find_claim(queue, taken.id).value().messages), ElementsAre("long"));
  EXPECT_EQ(remove(queue, taken.messages[0].id), DeleteOutcome::done);
  EXPECT_EQ(remove(queue, taken.messages[0].id, taken.id), DeleteOutcome::done);
  EXPECT_EQ(remove_many_claimed(queue, ids(taken.messages), {taken.id}), DeleteOutcome::done);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, an_extended_life_stays_when_the_claim_is_released) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 60});
  const auto taken = claim(queue, {.ttl_seconds = 200, .grace_seconds = 60});
  release(queue, taken.id);
  EXPECT_EQ(get_one(queue, id).ttl_seconds, 260);
  advance(260s);
  EXPECT_THAT(free(queue), ElementsAre("1"));
  advance(1s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, collecting_garbage_spares_messages_whose_lives_were_extended) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.ttl_seconds = 60});
  claim(queue, {.ttl_seconds = 500, .grace_seconds = 60});
  advance(300s);
  store().collect_garbage();
  EXPECT_THAT(alive(queue), ElementsAre("1"));
  advance(201s);
  store().collect_garbage();
  EXPECT_THAT(free(queue), ElementsAre("1"));
}

TEST_P(StoreContract, a_reclaimed_message_belongs_to_its_new_claim_alone) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto first = claim(queue, {.ttl_seconds = 60});
  advance(61s);
  const auto second = claim(queue, {.ttl_seconds = 60});
  EXPECT_NE(first.id, second.id);
  EXPECT_FALSE(find_claim(queue, first.id));
  EXPECT_EQ(get_one(queue, id).claim, second.id);
  EXPECT_EQ(remove(queue, id, first.id), DeleteOutcome::claim_not_found);
  EXPECT_EQ(stats(queue).claimed, 1U);
}

}  // namespace

}  // namespace marconi::storage::contract
