// The contract of dead letters: messages that were claimed too often move to another queue.
#include <gmock/gmock.h>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// Metadata of a queue whose messages move to `target` when claimed once too often.
std::string policy(const std::string& target, int max_claim_count, int ttl_seconds = 0) {
  std::string json = R"({"_dead_letter_queue": ")" + target + R"(", "_max_claim_count": )" +
                     std::to_string(max_claim_count);
  if (ttl_seconds != 0) {
    json += R"(, "_dead_letter_queue_messages_ttl": )" + std::to_string(ttl_seconds);
  }
  return json + "}";
}

TEST_P(StoreContract, a_message_is_delivered_as_often_as_the_policy_allows_and_then_moved) {
  const auto queue = new_queue("q", policy("dead", 2));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1");
  for (int count = 1; count <= 2; ++count) {
    const auto taken = claim(queue);
    EXPECT_EQ(taken.messages.at(0).claim_count, count);
    EXPECT_EQ(get_one(queue, id).claim_count, count);
    release(queue, taken.id);
  }
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_THAT(free(dead), ElementsAre("1"));
}

TEST_P(StoreContract, a_claim_that_expires_counts_like_one_that_is_released) {
  const auto queue = new_queue("q", policy("dead", 1));
  const auto dead = new_queue("dead");
  post(queue, {"1"});
  claim(queue, {.ttl_seconds = 60});
  advance(61s);
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(free(dead), ElementsAre("1"));
}

TEST_P(StoreContract, a_renewal_does_not_count) {
  const auto queue = new_queue("q", policy("dead", 2));
  const auto id = post_one(queue, "1");
  const auto taken = claim(queue);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(renew(queue, taken.id, {300, 60}));
  EXPECT_EQ(get_one(queue, id).claim_count, 1);
}

TEST_P(StoreContract, a_dead_letter_keeps_what_makes_it_the_same_message) {
  const auto queue = new_queue("q", policy("dead", 1));
  const auto dead = new_queue("dead");
  const domain::NewMessage message{.body = "1.10", .ttl_seconds = 500, .checksum = "MD5:x"};
  const auto id = write([&](Call& call) {
                    return store().messages().post(call, queue, {&message, 1}, kAlice);
                  }).at(0);
  release(queue, claim(queue).id);
  advance(5s);
  EXPECT_FALSE(try_claim(queue));

  const auto moved = get_one(dead, id);
  EXPECT_EQ(moved.id, id);
  EXPECT_EQ(moved.body, "1.10");
  EXPECT_EQ(moved.checksum, "MD5:x");
  EXPECT_EQ(moved.age_seconds, 5);
  EXPECT_EQ(moved.ttl_seconds, 500);
  EXPECT_EQ(moved.claim_count, 1);
  EXPECT_FALSE(moved.claim);
}

TEST_P(StoreContract, a_dead_letter_is_known_by_its_id_only_where_it_is) {
  const auto queue = new_queue("q", policy("dead", 0));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1");
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_EQ(remove(queue, id), DeleteOutcome::done);
  remove_many(queue, {id});
  EXPECT_THAT(bodies(get(dead, {id})), ElementsAre("1"));
  EXPECT_EQ(ids(list(dead)), Ids{id});

  EXPECT_EQ(remove(dead, id), DeleteOutcome::done);
  EXPECT_THAT(alive(dead), IsEmpty());
  EXPECT_THAT(get(dead, {id}), IsEmpty());
}

TEST_P(StoreContract, a_dead_letter_can_be_claimed_and_deleted_like_any_message) {
  const auto queue = new_queue("q", policy("dead", 0));
  const auto dead = new_queue("dead");
  const auto posted = post(queue, {"1", "2", "3"});
  EXPECT_FALSE(try_claim(queue));
  const auto taken = claim(dead, {.limit = 2});
  EXPECT_THAT(bodies(taken.messages), ElementsAre("1", "2"));
  EXPECT_EQ(ids(taken.messages), (Ids{posted[0], posted[1]}));
  EXPECT_EQ(remove(dead, posted[0]), DeleteOutcome::claimed);
  EXPECT_EQ(remove(dead, posted[0], taken.id), DeleteOutcome::done);
  EXPECT_EQ(remove_many_claimed(dead, {posted[1]}, {taken.id}), DeleteOutcome::done);
  EXPECT_EQ(ids(pop(dead, 5)), Ids{posted[2]});
}

TEST_P(StoreContract, a_dead_letter_queue_that_is_purged_forgets_its_letters) {
  const auto queue = new_queue("q", policy("dead", 0));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1");
  EXPECT_FALSE(try_claim(queue));
  purge(dead);
  EXPECT_THAT(get(dead, {id}), IsEmpty());
  EXPECT_THAT(alive(dead), IsEmpty());
  EXPECT_EQ(stats(dead).total, 0U);
}

TEST_P(StoreContract, removing_the_source_queue_leaves_its_dead_letters_alone) {
  const auto queue = new_queue("q", policy("dead", 0));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1");
  EXPECT_FALSE(try_claim(queue));
  remove_queue(queue);
  EXPECT_EQ(get_one(dead, id).body, "1");
  EXPECT_EQ(remove(dead, id), DeleteOutcome::done);
  EXPECT_THAT(alive(dead), IsEmpty());
}

TEST_P(StoreContract, dead_letters_are_appended_in_order_behind_what_is_there) {
  const auto queue = new_queue("q", policy("dead", 0));
  const auto dead = new_queue("dead");
  post(queue, {"1", "2", "3"});
  post(dead, {"own"});
  const auto seen = list(dead).back().marker;
  EXPECT_FALSE(try_claim(queue, {.limit = 2}));
  post(dead, {"own 2"});
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(alive(dead), ElementsAre("own", "1", "2", "own 2", "3"));
  EXPECT_THAT(bodies(list(dead, {.after = seen})), ElementsAre("1", "2", "own 2", "3"));
}

TEST_P(StoreContract, a_missing_dead_letter_queue_is_created_by_the_move) {
  const auto queue = new_queue("q", policy("dead.letters", 0));
  const auto dead = address("dead.letters");
  post(queue, {"1"});
  EXPECT_FALSE(exists(dead));
  EXPECT_FALSE(try_claim(queue));
  EXPECT_TRUE(exists(dead));
  EXPECT_EQ(metadata_of(dead), "{}");
  EXPECT_EQ(queue_count(queue.project), 2U);
  EXPECT_THAT(queue_names(queue.project), ElementsAre("dead.letters", "q"));
  EXPECT_THAT(free(dead), ElementsAre("1"));
  EXPECT_FALSE(create(dead));
}

TEST_P(StoreContract, a_claim_that_moves_nothing_creates_no_dead_letter_queue) {
  const auto queue = new_queue("q", policy("dead", 1));
  EXPECT_FALSE(try_claim(queue));
  post(queue, {"1"});
  claim(queue);
  EXPECT_FALSE(exists(address("dead")));
}

TEST_P(StoreContract, dead_letters_go_to_the_same_project) {
  const auto abroad = address("dead", ProjectId("other"));
  create(abroad);
  const auto queue = address("q", ProjectId("pro.ject/\xff"));
  create(queue, policy("dead", 0));
  post(queue, {"1"});
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(alive(abroad), IsEmpty());
  EXPECT_THAT(alive(address("dead", queue.project)), ElementsAre("1"));
}

TEST_P(StoreContract, moved_messages_are_not_replaced_by_later_ones) {
  const auto queue = new_queue("q", policy("dead", 1));
  post(queue, {"worn 1", "worn 2"});
  release(queue, claim(queue).id);
  post(queue, {"fresh 1", "fresh 2", "fresh 3"});
  const auto taken = claim(queue, {.limit = 3});
  EXPECT_THAT(bodies(taken.messages), ElementsAre("fresh 1"));
  EXPECT_THAT(free(queue), ElementsAre("fresh 2", "fresh 3"));
  EXPECT_THAT(alive(address("dead")), ElementsAre("worn 1", "worn 2"));
  EXPECT_THAT(bodies(find_claim(queue, taken.id).value().messages), ElementsAre("fresh 1"));
}

TEST_P(StoreContract, if_all_messages_taken_are_moved_nothing_is_claimed) {
  const auto queue = new_queue("q", policy("dead", 1));
  post(queue, {"worn"});
  release(queue, claim(queue).id);
  post(queue, {"fresh"});
  EXPECT_FALSE(try_claim(queue, {.limit = 1}));
  EXPECT_EQ(stats(queue).claimed, 0U);
  EXPECT_THAT(bodies(claim(queue, {.limit = 1}).messages), ElementsAre("fresh"));
}

TEST_P(StoreContract, a_dead_letter_ttl_counts_from_the_move) {
  const auto queue = new_queue("q", policy("dead", 0, 1000));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1", {.ttl_seconds = 100});
  advance(50s);
  EXPECT_FALSE(try_claim(queue));
  EXPECT_EQ(get_one(dead, id).ttl_seconds, 1000);
  EXPECT_EQ(get_one(dead, id).age_seconds, 50);
  advance(1000s);
  EXPECT_THAT(alive(dead), ElementsAre("1"));
  advance(1s);
  EXPECT_THAT(alive(dead), IsEmpty());
  EXPECT_EQ(stats(dead).total, 0U);
}

TEST_P(StoreContract, a_dead_letter_ttl_may_shorten_a_life) {
  const auto queue = new_queue("q", policy("dead", 0, 60));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1", {.ttl_seconds = 5000});
  EXPECT_FALSE(try_claim(queue));
  EXPECT_EQ(get_one(dead, id).ttl_seconds, 60);
  advance(61s);
  EXPECT_THAT(alive(dead), IsEmpty());
}

TEST_P(StoreContract, without_a_dead_letter_ttl_the_expiry_stays_as_claims_left_it) {
  const auto queue = new_queue("q", policy("dead", 1));
  const auto dead = new_queue("dead");
  const auto id = post_one(queue, "1", {.ttl_seconds = 60});
  release(queue, claim(queue, {.ttl_seconds = 200, .grace_seconds = 60}).id);
  advance(100s);
  EXPECT_FALSE(try_claim(queue, {.ttl_seconds = 5000, .grace_seconds = 60}));
  EXPECT_EQ(get_one(dead, id).ttl_seconds, 260) << "the claim that moves it does not extend it";
  advance(160s);
  EXPECT_THAT(alive(dead), ElementsAre("1"));
  advance(1s);
  EXPECT_THAT(alive(dead), IsEmpty());
}

TEST_P(StoreContract, a_queue_that_is_its_own_dead_letter_queue_has_no_policy) {
  const auto queue = new_queue("q", policy("q", 1));
  post(queue, {"1"});
  const auto before = markers(list(queue));
  for (int i = 0; i < 4; ++i) {
    const auto taken = claim(queue);
    EXPECT_THAT(bodies(taken.messages), ElementsAre("1"));
    EXPECT_EQ(taken.messages.at(0).claim_count, 0);
    release(queue, taken.id);
  }
  EXPECT_EQ(markers(list(queue)), before);
}

TEST_P(StoreContract, two_queues_that_name_each_other_pass_a_message_to_and_fro) {
  const auto ping = new_queue("ping", policy("pong", 0));
  const auto pong = new_queue("pong", policy("ping", 0));
  const auto id = post_one(ping, "1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(try_claim(ping));
    EXPECT_EQ(ids(list(pong)), Ids{id});
    EXPECT_THAT(alive(ping), IsEmpty());
    EXPECT_THAT(get(ping, {id}), IsEmpty());
    EXPECT_FALSE(try_claim(pong));
    EXPECT_EQ(ids(list(ping)), Ids{id});
    EXPECT_EQ(get_one(ping, id).body, "1");
    EXPECT_THAT(alive(pong), IsEmpty());
    EXPECT_THAT(get(pong, {id}), IsEmpty());
  }
  EXPECT_EQ(remove(ping, id), DeleteOutcome::done);
  EXPECT_THAT(alive(ping), IsEmpty());
}

TEST_P(StoreContract, a_dead_letter_queue_may_have_a_dead_letter_queue) {
  const auto first = new_queue("first", policy("second", 0));
  const auto second = new_queue("second", policy("third", 0));
  const auto id = post_one(first, "1");
  EXPECT_FALSE(try_claim(first));
  EXPECT_THAT(alive(second), ElementsAre("1")) << "a claim moves a message once";
  EXPECT_FALSE(try_claim(second));
  EXPECT_EQ(ids(list(address("third"))), Ids{id});
}

TEST_P(StoreContract, pop_pays_no_regard_to_claim_counts) {
  const auto queue = new_queue("q", policy("dead", 1));
  post(queue, {"1", "2"});
  release(queue, claim(queue, {.limit = 1}).id);
  const auto popped = pop(queue, 10);
  EXPECT_THAT(bodies(popped), ElementsAre("1", "2"));
  EXPECT_EQ(popped[0].claim_count, 1);
  EXPECT_EQ(popped[1].claim_count, 0);
  EXPECT_FALSE(exists(address("dead")));
}

TEST_P(StoreContract, delayed_messages_do_not_die_before_their_time) {
  const auto queue = new_queue("q", policy("dead", 0));
  post(queue, {"delayed"}, {.delay_seconds = 60});
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(alive(queue), ElementsAre("delayed"));
  advance(61s);
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(free(address("dead")), ElementsAre("delayed"));
}

TEST_P(StoreContract, a_policy_applies_from_when_it_is_set_until_it_is_taken_away) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto set_metadata = [&](const std::string& json) {
    write([&](Call& call) {
      return store().queues().update(call, queue,
                                     [&](const domain::QueueMetadata&) { return metadata(json); });
    });
  };
  release(queue, claim(queue).id);
  set_metadata(policy("dead", 1));
  release(queue, claim(queue).id);
  EXPECT_EQ(get_one(queue, id).claim_count, 1);
  set_metadata("{}");
  release(queue, claim(queue).id);
  EXPECT_EQ(get_one(queue, id).claim_count, 1);
  set_metadata(policy("dead", 1));
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(alive(address("dead")), ElementsAre("1"));
}

TEST_P(StoreContract, statistics_follow_a_move) {
  const auto queue = new_queue("q", policy("dead", 0));
  const auto dead = new_queue("dead");
  const auto posted = post(queue, {"1", "2"});
  advance(5s);
  EXPECT_FALSE(try_claim(queue, {.limit = 1}));
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).oldest.value().id, posted[1]);
  EXPECT_EQ(stats(dead).total, 1U);
  EXPECT_EQ(stats(dead).claimed, 0U);
  EXPECT_EQ(stats(dead).oldest.value().id, posted[0]);
  EXPECT_EQ(stats(dead).oldest.value().age_seconds, 5);
}

}  // namespace

}  // namespace marconi::storage::contract
