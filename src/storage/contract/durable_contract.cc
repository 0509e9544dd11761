// The contract of stores that keep their data: what was settled is there after closing and opening.
#include <gmock/gmock.h>

#include <algorithm>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

// Stores that keep nothing do not instantiate this suite.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DurableStoreContract);

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(DurableStoreContract, queues_and_metadata_survive_a_reopening) {
  const ProjectId odd(std::string("a\0.b/\xff", 6));
  new_queue("a.b", R"({"n": 1.10, "_default_message_ttl": 120})");
  create(address("q"));
  create(address("q", ProjectId()), R"({"nobodys": true})");
  create(address("q", odd), R"({"odd": true})");
  create(address("removed"));
  remove_queue(address("removed"));
  reopen();
  EXPECT_THAT(queue_names(ProjectId("project")), ElementsAre("a.b", "q"));
  EXPECT_EQ(queue_count(ProjectId("project")), 2U);
  EXPECT_EQ(metadata_of(address("a.b")), json_text(R"({"n": 1.10, "_default_message_ttl": 120})"));
  const auto found = read([&](Call& call) { return store().queues().find(call, address("a.b")); });
  EXPECT_EQ(found->options().default_message_ttl_seconds, 120);
  EXPECT_EQ(metadata_of(address("q", ProjectId())), json_text(R"({"nobodys": true})"));
  EXPECT_EQ(metadata_of(address("q", odd)), json_text(R"({"odd": true})"));
  EXPECT_FALSE(exists(address("removed")));
}

TEST_P(DurableStoreContract, updated_metadata_survive_a_reopening) {
  const auto queue = new_queue("q", R"({"old": 1})");
  write([&](Call& call) {
    return store().queues().update(
        call, queue, [](const domain::QueueMetadata&) { return metadata(R"({"new": 2})"); });
  });
  reopen();
  EXPECT_EQ(metadata_of(queue), json_text(R"({"new": 2})"));
}

TEST_P(DurableStoreContract, messages_survive_a_reopening_with_all_their_attributes) {
  const auto queue = new_queue("q");
  const domain::NewMessage message{
      .body = R"({"a":  1e2})", .ttl_seconds = 500, .checksum = "MD5:x"};
  const auto posted =
      write([&](Call& call) { return store().messages().post(call, queue, {&message, 1}, kBob); });
  post(queue, {"2", "\"" + std::string(300'000, 'x') + "\""});
  const auto before = list(queue);
  advance(5s);
  reopen();
  const auto after = list(queue);
  EXPECT_EQ(bodies(after), bodies(before));
  EXPECT_EQ(ids(after), ids(before));
  EXPECT_EQ(markers(after), markers(before));
  const auto first = get_one(queue, posted.at(0));
  EXPECT_EQ(first.ttl_seconds, 500);
  EXPECT_EQ(first.age_seconds, 5);
  EXPECT_EQ(first.checksum, "MD5:x");
  EXPECT_EQ(list(queue, {.hide_client = &kBob}).size(), 2U);
}

TEST_P(DurableStoreContract, expiry_and_delay_run_on_while_the_store_is_closed) {
  const auto queue = new_queue("q");
  post(queue, {"short"}, {.ttl_seconds = 60});
  post(queue, {"delayed"}, {.delay_seconds = 90});
  advance(50s);
  reopen();
  EXPECT_THAT(alive(queue), ElementsAre("short", "delayed"));
  EXPECT_THAT(free(queue), ElementsAre("short"));
  advance(10s);
  EXPECT_THAT(free(queue), ElementsAre("short"));
  advance(1s);
  EXPECT_THAT(alive(queue), ElementsAre("delayed"));
  EXPECT_THAT(free(queue), IsEmpty());
  EXPECT_EQ(stats(queue).total, 1U);
  advance(30s);
  reopen();
  EXPECT_THAT(free(queue), ElementsAre("delayed"));
}

TEST_P(DurableStoreContract, claims_survive_a_reopening_and_end_when_they_should) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto held = claim(queue, {.limit = 2, .ttl_seconds = 100});
  advance(40s);
  reopen();
  const auto found = find_claim(queue, held.id).value();
  EXPECT_EQ(found.ttl_seconds, 100);
  EXPECT_EQ(found.age_seconds, 40);
  EXPECT_THAT(bodies(found.messages), ElementsAre("1", "2"));
  EXPECT_THAT(free(queue), ElementsAre("3"));
  EXPECT_EQ(remove(queue, held.messages[0].id), DeleteOutcome::claimed);
  EXPECT_EQ(remove(queue, held.messages[0].id, held.id), DeleteOutcome::done);
  EXPECT_EQ(stats(queue).claimed, 1U);
  advance(61s);
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_THAT(free(queue), ElementsAre("2", "3"));
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(DurableStoreContract, a_claim_that_ends_while_the_store_is_closed_has_ended) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto held = claim(queue, {.ttl_seconds = 60});
  const auto reopen_later = [&] {
    advance(61s);
    reopen();
  };
  reopen_later();
  EXPECT_EQ(stats(queue).claimed, 0U);
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_FALSE(renew(queue, held.id, {60, 60}));
  EXPECT_THAT(bodies(claim(queue).messages), ElementsAre("1"));
}

TEST_P(DurableStoreContract, renewed_released_and_emptied_claims_survive_a_reopening) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto renewed = claim(queue, {.limit = 1, .ttl_seconds = 60});
  const auto released = claim(queue, {.limit = 1});
  const auto emptied = claim(queue, {.limit = 1});
  renew(queue, renewed.id, {200, 60});
  release(queue, released.id);
  remove(queue, emptied.messages[0].id, emptied.id);
  reopen();
  advance(150s);
  EXPECT_THAT(bodies(find_claim(queue, renewed.id).value().messages), ElementsAre("1"));
  EXPECT_FALSE(find_claim(queue, released.id));
  EXPECT_THAT(find_claim(queue, emptied.id).value().messages, IsEmpty());
  EXPECT_THAT(free(queue), ElementsAre("2"));
}

TEST_P(DurableStoreContract, extended_and_shortened_lives_survive_a_reopening) {
  const auto queue = new_queue("q");
  const auto extended = post_one(queue, "extended", {.ttl_seconds = 60});
  claim(queue, {.ttl_seconds = 200, .grace_seconds = 60});
  const auto shortened = post_one(queue, "shortened", {.ttl_seconds = 200});
  const auto held = claim(queue, {.ttl_seconds = 60});
  renew(queue, held.id, {300, -250});
  reopen();
  EXPECT_EQ(get_one(queue, extended).ttl_seconds, 260);
  EXPECT_EQ(get_one(queue, shortened).ttl_seconds, 50);
  advance(51s);
  store().collect_garbage();
  EXPECT_THAT(alive(queue), ElementsAre("extended"));
  EXPECT_EQ(stats(queue).total, 1U);
  advance(100s);
  reopen();
  store().collect_garbage();
  EXPECT_THAT(alive(queue), ElementsAre("extended"));
  advance(109s);
  EXPECT_THAT(alive(queue), ElementsAre("extended"));
  advance(1s);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(DurableStoreContract, deleted_and_popped_messages_stay_away) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3", "4", "5"});
  pop(queue, 1);
  remove(queue, posted[1]);
  remove_many(queue, {posted[3]});
  reopen();
  EXPECT_THAT(alive(queue), ElementsAre("3", "5"));
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_EQ(stats(queue).oldest.value().id, posted[2]);
  EXPECT_EQ(stats(queue).newest.value().id, posted[4]);
}

TEST_P(DurableStoreContract, purged_messages_and_claims_stay_away) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "old");
  const auto held = claim(queue);
  purge(queue);
  post(queue, {"new"});
  reopen();
  EXPECT_THAT(alive(queue), ElementsAre("new"));
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(DurableStoreContract, a_recreated_queue_has_nothing_of_its_predecessor_after_a_reopening) {
  const auto queue = new_queue("q", R"({"old": 1})");
  const auto id = post_one(queue, "old");
  const auto held = claim(queue);
  remove_queue(queue);
  create(queue);
  reopen();
  EXPECT_EQ(metadata_of(queue), "{}");
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_EQ(stats(queue).total, 0U);
}

TEST_P(DurableStoreContract, markers_are_not_reused_after_a_reopening) {
  const auto queue = new_queue("q");
  std::vector<Marker> all;
  const auto post_and_note = [&] {
    const auto id = post_one(queue, "x");
    all.push_back(get_one(queue, id).marker);
    return id;
  };
  post_and_note();
  reopen();
  remove(queue, post_and_note());
  reopen();
  post_and_note();
  purge(queue);
  reopen();
  post_and_note();
  pop(queue, 10);
  reopen();
  post_and_note();
  EXPECT_EQ(std::ranges::adjacent_find(all, std::ranges::greater_equal()), all.end());
}

TEST_P(DurableStoreContract, an_old_marker_misses_nothing_of_a_queue_recreated_after_a_reopening) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto last_seen = list(queue).back().marker;
  remove_queue(queue);
  reopen();
  create(queue);
  post(queue, {"new 1", "new 2"});
  EXPECT_THAT(bodies(list(queue, {.after = last_seen})), ElementsAre("new 1", "new 2"));
  reopen();
  EXPECT_THAT(bodies(list(queue, {.after = last_seen})), ElementsAre("new 1", "new 2"));
}

TEST_P(DurableStoreContract, claim_counts_survive_a_reopening) {
  const auto queue = new_queue("q", R"({"_max_claim_count": 2, "_dead_letter_queue": "dead"})");
  const auto id = post_one(queue, "1");
  release(queue, claim(queue).id);
  reopen();
  EXPECT_EQ(get_one(queue, id).claim_count, 1);
  release(queue, claim(queue).id);
  reopen();
  EXPECT_EQ(get_one(queue, id).claim_count, 2);
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(alive(address("dead")), ElementsAre("1"));
}

TEST_P(DurableStoreContract, dead_letters_keep_their_ids_through_a_reopening) {
  const auto queue = new_queue(
      "q",
      R"({"_max_claim_count": 0, "_dead_letter_queue": "dead", "_dead_letter_queue_messages_ttl": 100})");
  const auto dead = address("dead");
  const auto posted = post(queue, {"1", "2", "3"});
  EXPECT_FALSE(try_claim(queue));
  reopen();
  EXPECT_EQ(metadata_of(dead), "{}");
  EXPECT_EQ(ids(list(dead)), posted);
  EXPECT_EQ(get_one(dead, posted[1]).body, "2");
  EXPECT_THAT(get(queue, posted), IsEmpty());
  EXPECT_EQ(remove(dead, posted[1]), DeleteOutcome::done);
  const auto held = claim(dead, {.limit = 1, .ttl_seconds = 60});
  EXPECT_EQ(ids(held.messages), Ids{posted[0]});
  reopen();
  EXPECT_EQ(remove(dead, posted[0], held.id), DeleteOutcome::done);
  EXPECT_EQ(ids(list(dead)), Ids{posted[2]});
  EXPECT_EQ(stats(dead).total, 1U);
  advance(101s);
  EXPECT_THAT(alive(dead), IsEmpty());
  EXPECT_THAT(get(dead, posted), IsEmpty());
}

TEST_P(DurableStoreContract, a_dead_letter_that_returned_is_known_by_its_id_after_a_reopening) {
  const auto policy = [](const std::string& target) {
    return R"({"_max_claim_count": 0, "_dead_letter_queue": ")" + target + R"("})";
  };
  const auto ping = new_queue("ping", policy("pong"));
  const auto pong = new_queue("pong", policy("ping"));
  const auto id = post_one(ping, "1");
  EXPECT_FALSE(try_claim(ping));
  reopen();
  EXPECT_FALSE(try_claim(pong));
  reopen();
  EXPECT_EQ(get_one(ping, id).body, "1");
  EXPECT_THAT(get(pong, {id}), IsEmpty());
  EXPECT_FALSE(try_claim(ping));
  reopen();
  EXPECT_EQ(get_one(pong, id).body, "1");
  EXPECT_THAT(get(ping, {id}), IsEmpty());
  EXPECT_EQ(remove(pong, id), DeleteOutcome::done);
  reopen();
  EXPECT_THAT(alive(ping), IsEmpty());
  EXPECT_THAT(alive(pong), IsEmpty());
}

TEST_P(DurableStoreContract, statistics_are_exact_after_a_reopening) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3", "4"}, {.ttl_seconds = 500});
  post(queue, {"short"}, {.ttl_seconds = 60});
  claim(queue, {.limit = 2, .ttl_seconds = 100});
  remove(queue, posted[3]);
  reopen();
  EXPECT_EQ(stats(queue).total, 4U);
  EXPECT_EQ(stats(queue).claimed, 2U);
  advance(61s);
  EXPECT_EQ(stats(queue).total, 3U);
  EXPECT_EQ(stats(queue).newest.value().id, posted[2]);
  reopen();
  EXPECT_EQ(stats(queue).total, 3U);
  EXPECT_EQ(stats(queue).claimed, 2U);
  advance(40s);
  reopen();
  EXPECT_EQ(stats(queue).total, 3U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  advance(400s);
  reopen();
  EXPECT_EQ(stats(queue).total, 0U);
}

TEST_P(DurableStoreContract, collected_garbage_stays_away) {
  const auto queue = new_queue("q");
  post(queue, {"1"}, {.ttl_seconds = 60});
  post(queue, {"2"});
  advance(61s);
  store().collect_garbage();
  fixture().settle();
  reopen();
  EXPECT_THAT(alive(queue), ElementsAre("2"));
  EXPECT_EQ(stats(queue).total, 1U);
}

TEST_P(DurableStoreContract, a_wall_clock_stepped_back_while_closed_revives_nothing) {
  const auto queue = new_queue("q");
  post(queue, {"dead"}, {.ttl_seconds = 60});
  post(queue, {"alive"});
  const auto held = claim(queue, {.ttl_seconds = 60});
  advance(200s);
  EXPECT_THAT(alive(queue), ElementsAre("alive"));
  EXPECT_FALSE(find_claim(queue, held.id));
  remove(queue, post_one(queue, "a write to keep the time with"));
  clock().step_wall(-1h);
  reopen();
  EXPECT_THAT(alive(queue), ElementsAre("alive"));
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_EQ(stats(queue).total, 1U);
}

TEST_P(DurableStoreContract, a_store_can_be_reopened_time_and_again) {
  const auto queue = new_queue("q");
  Bodies expected;
  for (int i = 0; i < 10; ++i) {
    post(queue, {std::to_string(i)});
    expected.push_back(std::to_string(i));
    reopen();
    ASSERT_EQ(alive(queue), expected);
  }
}

}  // namespace

}  // namespace marconi::storage::contract
