// The contract of messages: posting, listing, getting, deleting, popping and purging.
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Bodies numbers(int from, int to) {
  Bodies bodies;
  for (int i = from; i < to; ++i) bodies.push_back(std::to_string(i));
  return bodies;
}

bool strictly_growing(const std::vector<Marker>& markers) {
  return std::ranges::adjacent_find(markers, std::ranges::greater_equal()) == markers.end();
}

// ---- posting ------------------------------------------------------------------------------

TEST_P(StoreContract, messages_keep_the_order_in_which_they_were_posted) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  post(queue, {"4"}, {.client = kBob});
  post(queue, {"5", "6"});
  EXPECT_THAT(alive(queue), ElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST_P(StoreContract, a_post_returns_the_ids_in_the_order_of_the_messages) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  EXPECT_EQ(posted, ids(list(queue)));
  EXPECT_THAT(bodies(get(queue, posted)), ElementsAre("1", "2", "3"));
}

TEST_P(StoreContract, a_fresh_message_is_shown_as_it_was_posted) {
  const auto queue = new_queue("q");
  const domain::NewMessage message{.body = "{\"a\": 1}", .ttl_seconds = 100, .checksum = "MD5:x"};
  const auto posted = write(
      [&](Call& call) { return store().messages().post(call, queue, {&message, 1}, kAlice); });
  const auto shown = get_one(queue, posted.at(0));
  EXPECT_EQ(shown.id, posted.at(0));
  EXPECT_EQ(shown.body, "{\"a\": 1}");
  EXPECT_EQ(shown.ttl_seconds, 100);
  EXPECT_EQ(shown.age_seconds, 0);
  EXPECT_FALSE(shown.claim);
  EXPECT_EQ(shown.claim_count, 0);
  EXPECT_EQ(shown.checksum, "MD5:x");
}

TEST_P(StoreContract, messages_of_one_post_may_differ_in_ttl_delay_and_checksum) {
  const auto queue = new_queue("q");
  const std::vector<domain::NewMessage> messages{
      {.body = "1", .ttl_seconds = 60, .checksum = ""},
      {.body = "2", .ttl_seconds = 600, .delay_seconds = 30, .checksum = "MD5:2"},
      {.body = "3", .ttl_seconds = 6000, .checksum = ""}};
  write([&](Call& call) { return store().messages().post(call, queue, messages, kAlice); });
  EXPECT_THAT(free(queue), ElementsAre("1", "3"));
  EXPECT_EQ(list(queue).at(1).checksum, "MD5:2");
  advance(100s);
  EXPECT_THAT(free(queue), ElementsAre("2", "3"));
  advance(600s);
  EXPECT_THAT(free(queue), ElementsAre("3"));
}

TEST_P(StoreContract, a_post_may_hold_a_thousand_messages) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, numbers(0, 1000));
  EXPECT_EQ(std::set(posted.begin(), posted.end()).size(), 1000U);
  EXPECT_EQ(alive(queue), numbers(0, 1000));
}

TEST_P(StoreContract, bodies_come_back_byte_for_byte) {
  const Bodies tricky{
      "1.10",
      "1e2",
      "-0",
      "123456789012345678901234567890",
      R"("\u00e9\n\t\"\\\/")",
      R"("\ud83d\ude00")",
      "\"😀 é\"",
      R"("\u0000")",
      R"("")",
      "null",
      "true",
      "false",
      "{}",
      "[]",
      R"({ "b" : 1 , "a" : [ 2 ] , "b" : 3 })",
      "[[[[[[[[[[[[]]]]]]]]]]]]",
      "\"" + std::string(300'000, 'x') + "\"",
  };
  const auto queue = new_queue("q");
  const auto posted = post(queue, tricky);
  EXPECT_EQ(alive(queue), tricky);
  EXPECT_EQ(bodies(get(queue, posted)), tricky);
  const auto held = claim(queue);
  EXPECT_EQ(bodies(held.messages), tricky);
  EXPECT_EQ(bodies(find_claim(queue, held.id).value().messages), tricky);
  release(queue, held.id);
  EXPECT_EQ(bodies(pop(queue, 100)), tricky);
}

// ---- markers ------------------------------------------------------------------------------

TEST_P(StoreContract, markers_grow_across_posts_and_producers) {
  const auto queue = new_queue("q");
  for (int i = 0; i < 5; ++i) {
    post(queue, {"a", "b"}, {.client = kAlice});
    post(queue, {"c"}, {.client = kBob});
  }
  const auto all = markers(list(queue));
  EXPECT_EQ(all.size(), 15U);
  EXPECT_TRUE(strictly_growing(all));
}

TEST_P(StoreContract, a_marker_is_the_same_wherever_its_message_is_shown) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2"});
  const auto listed = markers(list(queue));
  EXPECT_EQ(markers(get(queue, posted)), listed);
  const auto held = claim(queue);
  EXPECT_EQ(markers(held.messages), listed);
  release(queue, held.id);
  EXPECT_EQ(markers(list(queue)), listed);
}

TEST_P(StoreContract, markers_of_deleted_messages_are_not_reused) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto old = get_one(queue, id).marker;
  remove(queue, id);
  post(queue, {"2"});
  EXPECT_GT(list(queue).at(0).marker, old);
}

TEST_P(StoreContract, markers_of_popped_expired_and_purged_messages_are_not_reused) {
  const auto queue = new_queue("q");
  std::vector<Marker> all;
  const auto post_and_note = [&] {
    post(queue, {"x"}, {.ttl_seconds = 60});
    all.push_back(list(queue).at(0).marker);
  };
  post_and_note();
  pop(queue, 1);
  post_and_note();
  advance(100s);
  store().collect_garbage();
  post_and_note();
  purge(queue);
  post_and_note();
  EXPECT_TRUE(strictly_growing(all));
}

TEST_P(StoreContract, an_observer_with_an_old_marker_misses_nothing_of_a_recreated_queue) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 50));
  const auto last_seen = list(queue).back().marker;
  remove_queue(queue);
  create(queue);
  post(queue, {"new 1", "new 2"});
  EXPECT_THAT(bodies(list(queue, {.after = last_seen})), ElementsAre("new 1", "new 2"));
}

TEST_P(StoreContract, markers_of_an_emptied_and_removed_queue_are_not_reused) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 50));
  const auto last_seen = list(queue).back().marker;
  purge(queue);
  for (int i = 0; i < 3; ++i) {
    remove_queue(queue);
    create(queue);
  }
  post(queue, {"new"});
  EXPECT_THAT(bodies(list(queue, {.after = last_seen})), ElementsAre("new"));
}

// ---- listing ------------------------------------------------------------------------------

TEST_P(StoreContract, pages_join_without_gap_or_overlap) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 137));
  Bodies seen;
  std::optional<Marker> after;
  for (;;) {
    const auto page = list(queue, {.after = after, .limit = 10});
    if (page.empty()) break;
    ASSERT_LE(page.size(), 10U);
    for (const auto& message : page) seen.push_back(message.body);
    ASSERT_LE(seen.size(), 137U) << "pages overlap";
    after = page.back().marker;
  }
  EXPECT_EQ(seen, numbers(0, 137));
}

TEST_P(StoreContract, a_page_of_one_advances) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto first = list(queue, {.limit = 1});
  ASSERT_THAT(bodies(first), ElementsAre("1"));
  const auto second = list(queue, {.after = first[0].marker, .limit = 1});
  ASSERT_THAT(bodies(second), ElementsAre("2"));
  EXPECT_THAT(list(queue, {.after = second[0].marker, .limit = 1}), IsEmpty());
}

TEST_P(StoreContract, posts_between_two_pages_are_neither_missed_nor_repeated) {
  const auto queue = new_queue("q");
  Bodies seen;
  std::optional<Marker> after;
  for (int i = 0; i < 40; ++i) {
    post(queue, numbers(3 * i, 3 * i + 3), {.client = i % 2 == 0 ? kAlice : kBob});
    for (const auto& message : list(queue, {.after = after, .limit = 2})) {
      seen.push_back(message.body);
      after = message.marker;
    }
  }
  for (const auto& message : list(queue, {.after = after})) seen.push_back(message.body);
  EXPECT_EQ(seen, numbers(0, 120));
}

TEST_P(StoreContract, an_observer_who_reached_the_end_goes_on_from_there) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  const auto end = list(queue).back().marker;
  EXPECT_THAT(list(queue, {.after = end}), IsEmpty());
  post(queue, {"2"});
  EXPECT_THAT(bodies(list(queue, {.after = end})), ElementsAre("2"));
}

TEST_P(StoreContract, a_marker_survives_the_deletion_of_its_message) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, numbers(0, 6));
  const auto third = get_one(queue, posted[2]).marker;
  remove_many(queue, {posted[1], posted[2], posted[3]});
  EXPECT_THAT(bodies(list(queue, {.after = third})), ElementsAre("4", "5"));
}

TEST_P(StoreContract, a_marker_survives_a_purge) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto last = list(queue).back().marker;
  purge(queue);
  EXPECT_THAT(list(queue, {.after = last}), IsEmpty());
  post(queue, {"3"});
  EXPECT_THAT(bodies(list(queue, {.after = last})), ElementsAre("3"));
}

TEST_P(StoreContract, any_number_is_a_position) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto last = list(queue).back().marker.value;
  EXPECT_THAT(bodies(list(queue, {.after = Marker{0}})), ElementsAre("1", "2", "3"));
  EXPECT_THAT(list(queue, {.after = Marker{last + 1000}}), IsEmpty());
  EXPECT_THAT(list(queue, {.after = Marker{std::numeric_limits<std::uint64_t>::max()}}), IsEmpty());
}

TEST_P(StoreContract, a_marker_of_another_queue_shows_nothing_of_that_queue) {
  const auto full = new_queue("full");
  const auto other = new_queue("other");
  post(full, numbers(0, 20));
  EXPECT_THAT(list(other, {.after = list(full).at(10).marker}), IsEmpty());
}

TEST_P(StoreContract, a_listing_without_echo_hides_ones_own_messages) {
  const auto queue = new_queue("q");
  post(queue, {"a1"}, {.client = kAlice});
  post(queue, {"b1"}, {.client = kBob});
  post(queue, {"a2"}, {.client = kAlice});
  EXPECT_THAT(bodies(list(queue, {.hide_client = &kAlice})), ElementsAre("b1"));
  EXPECT_THAT(bodies(list(queue, {.hide_client = &kBob})), ElementsAre("a1", "a2"));
  EXPECT_THAT(alive(queue), ElementsAre("a1", "b1", "a2"));
}

TEST_P(StoreContract, a_client_id_may_be_any_text) {
  const ClientId odd("worker № 7/ä");
  const auto queue = new_queue("q");
  post(queue, {"mine"}, {.client = odd});
  post(queue, {"theirs"});
  EXPECT_THAT(bodies(list(queue, {.hide_client = &odd})), ElementsAre("theirs"));
}

TEST_P(StoreContract, a_listing_without_claimed_messages_hides_those_under_a_live_claim) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto held = claim(queue, {.limit = 2});
  EXPECT_THAT(bodies(list(queue, {.include_claimed = false})), ElementsAre("3"));
  const auto all = list(queue);
  EXPECT_THAT(bodies(all), ElementsAre("1", "2", "3"));
  EXPECT_EQ(all[0].claim, held.id);
  EXPECT_EQ(all[1].claim, held.id);
  EXPECT_FALSE(all[2].claim);
}

TEST_P(StoreContract, the_limit_counts_after_the_echo_filter) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 300), {.client = kAlice});
  post(queue, {"b1", "b2", "b3"}, {.client = kBob});
  const auto page = list(queue, {.limit = 2, .hide_client = &kAlice});
  EXPECT_THAT(bodies(page), ElementsAre("b1", "b2"));
  EXPECT_THAT(bodies(list(queue, {.after = page[1].marker, .limit = 2, .hide_client = &kAlice})),
              ElementsAre("b3"));
}

TEST_P(StoreContract, the_limit_counts_after_the_claimed_filter) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 300));
  claim(queue, {.limit = 297});
  EXPECT_THAT(bodies(list(queue, {.limit = 2, .include_claimed = false})),
              ElementsAre("297", "298"));
}

TEST_P(StoreContract, the_limit_counts_after_the_delay_filter) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 300), {.delay_seconds = 100});
  post(queue, {"now 1", "now 2", "now 3"});
  EXPECT_THAT(bodies(list(queue, {.limit = 2, .include_delayed = false})),
              ElementsAre("now 1", "now 2"));
}

TEST_P(StoreContract, the_limit_does_not_count_expired_messages) {
  const auto queue = new_queue("q");
  post(queue, numbers(0, 300), {.ttl_seconds = 60});
  post(queue, {"1", "2", "3"});
  advance(100s);
  EXPECT_THAT(bodies(list(queue, {.limit = 2})), ElementsAre("1", "2"));
}

TEST_P(StoreContract, all_filters_work_together) {
  const auto queue = new_queue("q");
  post(queue, {"alice claimed"}, {.client = kAlice});
  post(queue, {"bob claimed"}, {.client = kBob});
  claim(queue);
  post(queue, {"alice delayed"}, {.delay_seconds = 100, .client = kAlice});
  post(queue, {"bob delayed"}, {.delay_seconds = 100, .client = kBob});
  post(queue, {"alice free"}, {.client = kAlice});
  post(queue, {"bob free"}, {.client = kBob});
  EXPECT_THAT(
      bodies(list(queue,
                  {.hide_client = &kAlice, .include_claimed = false, .include_delayed = false})),
      ElementsAre("bob free"));
  EXPECT_THAT(bodies(list(queue, {.hide_client = &kAlice, .include_claimed = false})),
              ElementsAre("bob delayed", "bob free"));
  EXPECT_THAT(bodies(list(queue, {.hide_client = &kAlice, .include_delayed = false})),
              ElementsAre("bob claimed", "bob free"));
}

// ---- getting ------------------------------------------------------------------------------

TEST_P(StoreContract, messages_are_returned_in_the_order_of_the_ids_and_as_often) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  EXPECT_THAT(bodies(get(queue, {posted[2], posted[0], posted[2], posted[1], posted[2]})),
              ElementsAre("3", "1", "3", "2", "3"));
}

TEST_P(StoreContract, unknown_ids_are_left_out) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const Ids asked{MessageId{kForeignUuid},
                  MessageId{"malformed"},
                  MessageId{""},
                  id,
                  MessageId{std::string(36, '0')},
                  MessageId{std::string(100'000, 'a')},
                  MessageId{std::string("\0\xff", 2)},
                  MessageId{"00000000-0000-0000-0000-000000000000"},
                  MessageId{"ffffffff-ffff-ffff-ffff-ffffffffffff"}};
  EXPECT_THAT(bodies(get(queue, asked)), ElementsAre("1"));
}

TEST_P(StoreContract, an_id_in_another_spelling_is_another_id) {
  const auto queue = new_queue("q");
  for (const auto& id : post(queue, numbers(0, 5))) {
    EXPECT_THAT(get(queue, {MessageId{id.text + " "}, MessageId{"{" + id.text + "}"}}), IsEmpty());
    std::string upper = id.text;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    if (upper != id.text) {
      EXPECT_THAT(get(queue, {MessageId{upper}}), IsEmpty());
    }
  }
}

TEST_P(StoreContract, deleted_and_expired_messages_are_not_found) {
  const auto queue = new_queue("q");
  const auto short_lived = post_one(queue, "short", {.ttl_seconds = 60});
  const auto deleted = post_one(queue, "deleted");
  const auto kept = post_one(queue, "kept");
  remove(queue, deleted);
  advance(100s);
  EXPECT_THAT(bodies(get(queue, {short_lived, deleted, kept})), ElementsAre("kept"));
}

TEST_P(StoreContract, claimed_and_delayed_messages_are_found_by_id) {
  const auto queue = new_queue("q");
  const auto held = post_one(queue, "held");
  const auto claimed = claim(queue);
  const auto delayed = post_one(queue, "delayed", {.delay_seconds = 100});
  const auto found = get(queue, {held, delayed});
  EXPECT_THAT(bodies(found), ElementsAre("held", "delayed"));
  EXPECT_EQ(found[0].claim, claimed.id);
}

TEST_P(StoreContract, an_id_is_valid_only_in_its_own_queue_and_project) {
  const auto queue = new_queue("q");
  const auto sibling = new_queue("sibling");
  const auto abroad = address("q", ProjectId("other"));
  const auto nobodys = address("q", ProjectId());
  create(abroad);
  create(nobodys);
  const auto id = post_one(queue, "1");
  for (const auto& other : {sibling, abroad, nobodys}) {
    post(other, {"own"});
    EXPECT_THAT(get(other, {id}), IsEmpty());
    EXPECT_EQ(remove(other, id), DeleteOutcome::done);
    EXPECT_EQ(remove(other, id, ClaimId{kForeignUuid}), DeleteOutcome::done);
    remove_many(other, {id});
    EXPECT_EQ(remove_many_claimed(other, {id}, {}), DeleteOutcome::done);
    EXPECT_THAT(alive(other), ElementsAre("own"));
  }
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

// ---- deleting one -------------------------------------------------------------------------

TEST_P(StoreContract, deleting_what_is_not_there_is_done_whatever_the_claim) {
  const auto queue = new_queue("q");
  const auto deleted = post_one(queue, "1");
  remove(queue, deleted);
  const auto expired = post_one(queue, "2", {.ttl_seconds = 60});
  advance(100s);
  post(queue, {"3"});
  const auto live = claim(queue);
  for (const auto& id :
       {deleted, expired, MessageId{kForeignUuid}, MessageId{"malformed"}, MessageId{""}}) {
    EXPECT_EQ(remove(queue, id), DeleteOutcome::done);
    EXPECT_EQ(remove(queue, id, live.id), DeleteOutcome::done);
    EXPECT_EQ(remove(queue, id, ClaimId{kForeignUuid}), DeleteOutcome::done);
    EXPECT_EQ(remove(queue, id, ClaimId{"malformed"}), DeleteOutcome::done);
  }
  EXPECT_THAT(alive(queue), ElementsAre("3"));
}

TEST_P(StoreContract, a_free_message_is_deleted_without_a_claim) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  EXPECT_EQ(remove(queue, posted[1]), DeleteOutcome::done);
  EXPECT_THAT(alive(queue), ElementsAre("1", "3"));
  EXPECT_EQ(remove(queue, posted[1]), DeleteOutcome::done);
  EXPECT_EQ(stats(queue).total, 2U);
}

TEST_P(StoreContract, a_delayed_message_is_deleted_like_a_free_one) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.delay_seconds = 100});
  EXPECT_EQ(remove(queue, id), DeleteOutcome::done);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, a_free_message_is_not_deleted_with_a_claim) {
  const auto queue = new_queue("q");
  post(queue, {"held", "free"});
  const auto live = claim(queue, {.limit = 1});
  const auto id = list(queue).at(1).id;
  EXPECT_EQ(remove(queue, id, live.id), DeleteOutcome::not_claimed);
  EXPECT_EQ(remove(queue, id, ClaimId{kForeignUuid}), DeleteOutcome::not_claimed);
  EXPECT_EQ(remove(queue, id, ClaimId{"malformed"}), DeleteOutcome::claim_not_found);
  EXPECT_EQ(remove(queue, id, ClaimId{""}), DeleteOutcome::claim_not_found);
  EXPECT_THAT(free(queue), ElementsAre("free"));
}

TEST_P(StoreContract, a_claimed_message_is_deleted_only_with_its_claim) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto held = claim(queue);
  post(queue, {"2"});
  const auto other = claim(queue);

  EXPECT_EQ(remove(queue, id), DeleteOutcome::claimed);
  EXPECT_EQ(remove(queue, id, other.id), DeleteOutcome::claimed);
  EXPECT_EQ(remove(queue, id, ClaimId{kForeignUuid}), DeleteOutcome::claim_not_found);
  EXPECT_EQ(remove(queue, id, ClaimId{"malformed"}), DeleteOutcome::claim_not_found);
  EXPECT_THAT(alive(queue), ElementsAre("1", "2"));

  EXPECT_EQ(remove(queue, id, held.id), DeleteOutcome::done);
  EXPECT_THAT(alive(queue), ElementsAre("2"));
  EXPECT_EQ(remove(queue, id, held.id), DeleteOutcome::done);
}

TEST_P(StoreContract, a_claim_that_was_released_or_has_ended_deletes_nothing) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto released = claim(queue);
  release(queue, released.id);
  EXPECT_EQ(remove(queue, id, released.id), DeleteOutcome::not_claimed);
  const auto ended = claim(queue, {.ttl_seconds = 60});
  advance(61s);
  EXPECT_EQ(remove(queue, id, ended.id), DeleteOutcome::not_claimed);
  const auto live = claim(queue);
  EXPECT_EQ(remove(queue, id, released.id), DeleteOutcome::claim_not_found);
  EXPECT_EQ(remove(queue, id, ended.id), DeleteOutcome::claim_not_found);
  EXPECT_EQ(remove(queue, id, live.id), DeleteOutcome::done);
}

TEST_P(StoreContract, a_live_claim_of_another_queue_is_unknown_here) {
  const auto queue = new_queue("q");
  const auto elsewhere = new_queue("elsewhere");
  const auto id = post_one(queue, "1");
  claim(queue);
  post(elsewhere, {"2"});
  const auto foreign = claim(elsewhere);
  EXPECT_EQ(remove(queue, id, foreign.id), DeleteOutcome::claim_not_found);
}

// ---- deleting many ------------------------------------------------------------------------

TEST_P(StoreContract, many_are_deleted_whoever_holds_them) {
  const auto queue = new_queue("q");
  auto doomed = post(queue, {"held"});
  const auto held = claim(queue);
  for (const auto& id : post(queue, {"free", "kept"})) doomed.push_back(id);
  doomed.pop_back();
  doomed.push_back(post_one(queue, "delayed", {.delay_seconds = 100}));
  doomed.push_back(doomed.front());
  doomed.push_back(MessageId{kForeignUuid});
  doomed.push_back(MessageId{"malformed"});
  remove_many(queue, doomed);
  EXPECT_THAT(alive(queue), ElementsAre("kept"));
  EXPECT_EQ(stats(queue).total, 1U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  EXPECT_THAT(find_claim(queue, held.id).value().messages, IsEmpty());
}

TEST_P(StoreContract, deleting_no_message_at_all_is_harmless) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  remove_many(queue, {});
  EXPECT_EQ(remove_many_claimed(queue, {}, {}), DeleteOutcome::done);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

TEST_P(StoreContract, claimed_messages_are_deleted_together_with_their_claims) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3", "4"});
  const auto one = claim(queue, {.limit = 2});
  const auto other = claim(queue, {.limit = 1});
  auto doomed = ids(one.messages);
  doomed.push_back(other.messages[0].id);
  doomed.push_back(doomed.front());
  doomed.push_back(MessageId{kForeignUuid});
  EXPECT_EQ(remove_many_claimed(queue, doomed,
                                {other.id, ClaimId{kForeignUuid}, one.id, ClaimId{"malformed"}}),
            DeleteOutcome::done);
  EXPECT_THAT(alive(queue), ElementsAre("4"));
}

TEST_P(StoreContract, one_message_in_other_hands_saves_them_all) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  const auto mine = claim(queue, {.limit = 1});
  claim(queue, {.limit = 1});
  EXPECT_EQ(remove_many_claimed(queue, {posted[0], posted[1]}, {mine.id}), DeleteOutcome::claimed);
  EXPECT_EQ(remove_many_claimed(queue, {posted[0], posted[2]}, {mine.id}),
            DeleteOutcome::not_claimed);
  EXPECT_THAT(alive(queue), ElementsAre("1", "2", "3"));
}

TEST_P(StoreContract, an_unclaimed_message_outweighs_one_in_other_hands) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, {"1", "2", "3"});
  const auto mine = claim(queue, {.limit = 1});
  claim(queue, {.limit = 1});
  EXPECT_EQ(remove_many_claimed(queue, {posted[1], posted[2]}, {mine.id}),
            DeleteOutcome::not_claimed);
  EXPECT_EQ(remove_many_claimed(queue, {posted[0], posted[1], posted[2]}, {}),
            DeleteOutcome::not_claimed);
}

TEST_P(StoreContract, an_ended_claim_does_not_help_to_delete_many) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto ended = claim(queue, {.ttl_seconds = 60});
  advance(61s);
  EXPECT_EQ(remove_many_claimed(queue, {id}, {ended.id}), DeleteOutcome::not_claimed);
  claim(queue);
  EXPECT_EQ(remove_many_claimed(queue, {id}, {ended.id}), DeleteOutcome::claimed);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

TEST_P(StoreContract, expired_messages_do_not_hinder_the_deletion_of_the_others) {
  const auto queue = new_queue("q");
  const auto expired = post_one(queue, "expired", {.ttl_seconds = 60});
  advance(100s);
  const auto id = post_one(queue, "1");
  const auto held = claim(queue);
  EXPECT_EQ(remove_many_claimed(queue, {expired, id}, {held.id}), DeleteOutcome::done);
  EXPECT_THAT(alive(queue), IsEmpty());
}

// ---- popping and purging ------------------------------------------------------------------

TEST_P(StoreContract, pop_takes_the_oldest_first) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto popped = pop(queue, 2);
  EXPECT_THAT(bodies(popped), ElementsAre("1", "2"));
  for (const auto& message : popped) EXPECT_FALSE(message.claim);
  EXPECT_THAT(alive(queue), ElementsAre("3"));
  EXPECT_THAT(get(queue, ids(popped)), IsEmpty());
  EXPECT_THAT(bodies(pop(queue, 2)), ElementsAre("3"));
  EXPECT_THAT(pop(queue, 2), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
}

TEST_P(StoreContract, pop_shows_what_the_message_was) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1", {.ttl_seconds = 500});
  advance(5s);
  const auto popped = pop(queue, 1).at(0);
  EXPECT_EQ(popped.id, id);
  EXPECT_EQ(popped.ttl_seconds, 500);
  EXPECT_EQ(popped.age_seconds, 5);
  EXPECT_EQ(popped.claim_count, 0);
}

TEST_P(StoreContract, pop_passes_over_claimed_delayed_and_expired_messages) {
  const auto queue = new_queue("q");
  post(queue, {"expired"}, {.ttl_seconds = 60});
  advance(100s);
  post(queue, {"claimed"});
  const auto held = claim(queue);
  post(queue, {"delayed"}, {.delay_seconds = 100});
  post(queue, {"1", "2"});
  EXPECT_THAT(bodies(pop(queue, 1)), ElementsAre("1"));
  EXPECT_THAT(bodies(pop(queue, 10)), ElementsAre("2"));
  EXPECT_THAT(pop(queue, 10), IsEmpty());
  release(queue, held.id);
  advance(101s);
  EXPECT_THAT(bodies(pop(queue, 10)), ElementsAre("claimed", "delayed"));
}

TEST_P(StoreContract, a_purge_removes_all_messages_and_claims) {
  const auto queue = new_queue("q", R"({"kept": true})");
  const auto held_message = post_one(queue, "claimed");
  const auto held = claim(queue);
  post(queue, {"free"});
  post(queue, {"delayed"}, {.delay_seconds = 100});
  purge(queue);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_THAT(get(queue, {held_message}), IsEmpty());
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_FALSE(renew(queue, held.id, {300, 60}));
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  EXPECT_EQ(metadata_of(queue), json_text(R"({"kept": true})"));
  advance(101s);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_FALSE(try_claim(queue));
}

TEST_P(StoreContract, a_purged_queue_goes_on_as_before) {
  const auto queue = new_queue("q");
  post(queue, {"old"});
  purge(queue);
  const auto id = post_one(queue, "new");
  EXPECT_THAT(alive(queue), ElementsAre("new"));
  EXPECT_THAT(bodies(claim(queue).messages), ElementsAre("new"));
  EXPECT_EQ(get_one(queue, id).body, "new");
  EXPECT_EQ(stats(queue).total, 1U);
}

TEST_P(StoreContract, a_purge_touches_no_other_queue) {
  const auto queue = new_queue("q");
  const auto other = new_queue("qq");
  const auto abroad = address("q", ProjectId("other"));
  create(abroad);
  for (const auto& each_queue : {queue, other, abroad}) post(each_queue, {"1"});
  purge(queue);
  EXPECT_THAT(alive(other), ElementsAre("1"));
  EXPECT_THAT(alive(abroad), ElementsAre("1"));
}

TEST_P(StoreContract, a_queue_emptied_in_any_order_is_empty) {
  const auto queue = new_queue("q");
  const auto posted = post(queue, numbers(0, 60));
  for (std::size_t i = 1; i < posted.size(); i += 2) remove(queue, posted[i]);
  EXPECT_EQ(alive(queue).size(), 30U);
  EXPECT_THAT(bodies(list(queue, {.limit = 3})), ElementsAre("0", "2", "4"));
  for (std::size_t i = posted.size(); i > 0; --i) remove(queue, posted[i - 1]);
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
}

}  // namespace

}  // namespace marconi::storage::contract
