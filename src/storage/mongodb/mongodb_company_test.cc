// Beside hosts of the reference service, whose documents a test writes itself.
#include <gmock/gmock.h>

#include "storage/mongodb/host_harness.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using mongodb::Document;
using mongodb::Write;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// ---- where markers are unique ------------------------------------------------------------------

class MongodbSharedFifo : public MongodbHosts {
 public:
  /// Hosts of the reference service remove the queue and make it anew. They count from 1 again.
  void remake_queue() {
    const auto queues = options().placement.queues();
    write_to(queues,
             {.kind = Write::Kind::remove_one, .filter = {{"p_q", "project/q"}}, .change = {}});
    write_to(queues, {.kind = Write::Kind::insert,
                      .filter = {},
                      .change = mongodb::queue_document(make_id(), "project/q", {}, 1)});
  }

  /// A consumer of the reference service takes messages at once, counted or not.
  void take(std::int64_t first, std::int64_t end) {
    write_to(messages(), {.kind = Write::Kind::remove_many,
                          .filter = {{"k", Document{{"$gte", first}, {"$lt", end}}}},
                          .change = {}});
  }
};

TEST_P(MongodbSharedFifo, what_is_visible_but_uncounted_is_in_no_page_and_no_ones_to_take) {
  const auto queue = new_queue("q");
  auto a = host();
  write_message("theirs", next_marker());
  EXPECT_THAT(bodies(a.list(queue)), IsEmpty());
  EXPECT_FALSE(a.claim(queue).value());
  EXPECT_THAT(pop(queue, 1), IsEmpty());
  increment_counter(1);
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("theirs"));
}

TEST_P(MongodbSharedFifo, a_post_waits_for_the_poster_in_front_of_it_to_count) {
  const auto queue = new_queue("q");
  auto a = host();
  Observer observer(a, queue);
  const auto first_step = steps_that_let_others_post().front();
  a.wire().before(first_step, [&] {
    write_message("theirs", next_marker());
    a.wire().before(first_step, [&] {
      observer.poll();
      increment_counter(1);
    });
  });
  ASSERT_TRUE(a.post(queue, {"mine"}));
  EXPECT_THAT(observer.poll(), ElementsAre("theirs", "mine"));
}

TEST_P(MongodbSharedFifo, what_a_dead_poster_left_uncounted_holds_nobody_up) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  for (int i = 0; i < 10; ++i) write_message("theirs", next + i);
  auto a = host();
  EXPECT_THAT(bodies(a.list(queue)), IsEmpty());
  advance(6s);
  ASSERT_TRUE(a.post(queue, {"mine"}));
  EXPECT_EQ(next_marker(), next + 11);
  EXPECT_THAT(bodies(a.list(queue)), SizeIs(11));
}

TEST_P(MongodbSharedFifo, readers_count_what_a_dead_poster_left) {
  const auto queue = new_queue("q");
  auto a = host();
  write_message("1", next_marker());
  advance(6s);
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1"));
  const auto next = next_marker();
  write_message("2", next);
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1")) << "its poster may still be about to";
  EXPECT_EQ(next_marker(), next);
  advance(6s);
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1", "2"));
  EXPECT_EQ(next_marker(), next + 1);
}

/// A letter is as old as it was in the queue that it comes from.
TEST_P(MongodbSharedFifo, a_letter_does_not_hurry_whoever_is_about_to_count_in_front_of_it) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  auto a = host();
  write_message("letter", next + 1);
  advance(7s);
  write_message("theirs", next);
  EXPECT_THAT(bodies(a.list(queue)), IsEmpty());
  EXPECT_EQ(next_marker(), next) << "its poster makes one step when it counts";
  const auto first_step = steps_that_let_others_post().front();
  a.wire().before(first_step, [&] { a.wire().before(first_step, [&] { increment_counter(1); }); });
  ASSERT_TRUE(a.post(queue, {"mine"}));
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("theirs", "letter", "mine"));
}

TEST_P(MongodbSharedFifo, deleting_what_is_uncounted_frees_no_marker) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  Ids theirs;
  for (int i = 0; i < 3; ++i) theirs.push_back({write_message("theirs", next + i).to_string()});
  auto a = host();
  EXPECT_EQ(a.remove(queue, theirs[0]).value(), DeleteOutcome::done);
  EXPECT_EQ(next_marker(), next + 1);
  remove_many(queue, {theirs[1]});
  EXPECT_EQ(next_marker(), next + 2);
  advance(6s);
  ASSERT_TRUE(a.post(queue, {"1", "2", "3"}));
  const auto page = a.list(queue);
  EXPECT_THAT(bodies(page), ElementsAre("theirs", "1", "2", "3"));
  EXPECT_GE(static_cast<std::int64_t>(page[1].marker.value), next + 3);
}

TEST_P(MongodbSharedFifo, a_deletion_of_what_is_counted_costs_one_command) {
  const auto queue = new_queue("q");
  auto a = host();
  const auto ids = a.post(queue, {"1", "2"}).value();
  (void)a.list(queue);
  a.wire().clear();
  EXPECT_EQ(a.remove(queue, ids[0]).value(), DeleteOutcome::done);
  EXPECT_THAT(a.wire().sent(), ElementsAre("remove messages"));
}

TEST_P(MongodbSharedFifo, markers_follow_each_other_without_gaps) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  const auto next = next_marker();
  a.wire().before(steps_that_let_others_post().front(), [&] { ASSERT_TRUE(b.post(queue, {"1"})); });
  ASSERT_TRUE(a.post(queue, {"2", "3"}));
  const auto page = b.list(queue);
  ASSERT_THAT(bodies(page), ElementsAre("1", "2", "3"));
  for (std::size_t i = 0; i < page.size(); ++i) {
    EXPECT_EQ(page[i].marker.value, static_cast<std::uint64_t>(next) + i);
  }
}

// ---- a queue that is made anew -----------------------------------------------------------------

TEST_P(MongodbSharedFifo, a_post_does_not_move_the_counter_of_a_queue_made_anew_under_it) {
  if (has_transactions()) GTEST_SKIP() << "a transaction holds the queue's document";
  const auto queue = new_queue("q");
  auto a = host();
  a.wire().before("insert messages", [&] { remake_queue(); });
  const auto posted = a.post(queue, {"1", "2"});
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().kind, base::ErrorKind::queue_missing);
  EXPECT_EQ(next_marker(), 1) << "others may be posting there";
  EXPECT_EQ(documents(), 0U);
}

TEST_P(MongodbSharedFifo, a_reader_does_not_move_the_counter_of_a_queue_made_anew_under_it) {
  const auto queue = new_queue("q");
  write_message("left", next_marker());
  advance(6s);
  auto a = host();
  a.wire().before("update queues", [&] { remake_queue(); });
  (void)a.list(queue);
  EXPECT_EQ(next_marker(), 1);
}

TEST_P(MongodbSharedFifo, a_deletion_does_not_move_the_counter_of_a_queue_made_anew_under_it) {
  const auto queue = new_queue("q");
  auto a = host();
  const MessageId id{write_message("uncounted", next_marker()).to_string()};
  a.wire().before("update queues", [&] {
    remake_queue();
    take(0, next_marker() << 52);
  });
  EXPECT_EQ(a.remove(queue, id).value(), DeleteOutcome::done);
  EXPECT_EQ(next_marker(), 1);
}

TEST_P(MongodbSharedFifo, a_deletion_trusts_no_counter_heard_long_ago) {
  const auto queue = new_queue("q");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  (void)a.list(queue);
  remake_queue();
  const MessageId id{write_message("uncounted", 1).to_string()};
  advance(2s);
  EXPECT_EQ(a.remove(queue, id).value(), DeleteOutcome::done);
  EXPECT_EQ(next_marker(), 2) << "or its marker is used again";
}

// ---- what is taken as soon as it is shown ------------------------------------------------------

TEST_P(MongodbSharedFifo, what_was_taken_before_all_of_a_post_is_shown_is_not_shown_again) {
  if (has_transactions()) GTEST_SKIP() << "a post is shown at one instant";
  const auto queue = new_queue("q");
  auto a = host();
  const auto next = next_marker();
  a.wire().before("insert messages", [&] {
    write_message("theirs", next + 2);
    a.wire().before("find messages", [&] {
      take(next, next + 2);
      advance(6s);
    });
  });
  ASSERT_TRUE(a.post(queue, {"1", "2", "3"}));
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("theirs", "3"));
}

TEST_P(MongodbSharedFifo, a_post_is_not_repeated_when_the_answer_is_lost_for_it_may_be_taken) {
  if (has_transactions()) GTEST_SKIP() << "a transaction is repeated as a whole";
  const auto queue = new_queue("q");
  auto a = host();
  const auto next = next_marker();
  a.wire().break_at("insert messages", [&] { take(next, next + 2); });
  const auto posted = a.post(queue, {"1", "2"});
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().kind, base::ErrorKind::unavailable);
  EXPECT_EQ(documents(), 0U);
}

TEST_P(MongodbSharedFifo, a_post_that_is_found_complete_needs_no_answer) {
  if (has_transactions()) GTEST_SKIP() << "a transaction is repeated as a whole";
  const auto queue = new_queue("q");
  auto a = host();
  const auto next = next_marker();
  a.wire().break_at("insert messages", [&] { take(next, next + 1); });
  ASSERT_TRUE(a.post(queue, {"1", "2"}));
  EXPECT_EQ(next_marker(), next + 2);
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("2"));
}

INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbSharedFifo, testing::Values(kSharedFifo), name_of);

// ---- letters ----------------------------------------------------------------------------------

/// A host of the reference service moves letters with the markers that they had.
class MongodbForeignLetters : public MongodbHosts {
 public:
  /// A letter that was posted long ago.
  mongodb::ObjectId write_letter(std::string_view body, std::int64_t marker) {
    const auto id = write_message(body, marker);
    advance(7s);
    return id;
  }
};

TEST_P(MongodbForeignLetters, letters_beyond_the_counter_are_listed_claimed_popped_and_counted) {
  const auto queue = new_queue("q");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"0"}));
  Observer observer(a, queue);
  observer.poll();
  write_letter("1", next_marker() + 1000);
  EXPECT_EQ(stats(queue).total, 2U);
  EXPECT_THAT(observer.poll(), ElementsAre("0", "1"));
  write_letter("2", next_marker() + 1000);
  EXPECT_THAT(bodies(a.claim(queue).value()->messages), ElementsAre("0", "1", "2"));
  write_letter("3", next_marker() + 1000);
  EXPECT_THAT(bodies(pop(queue, 1)), ElementsAre("3"));
  write_letter("4", next_marker() + 1000);
  EXPECT_THAT(observer.poll(), ElementsAre("0", "1", "2", "4"));
  ASSERT_TRUE(a.post(queue, {"5"}));
  EXPECT_THAT(observer.poll(), ElementsAre("0", "1", "2", "4", "5"));
}

TEST_P(MongodbForeignLetters, letters_beyond_the_counter_go_with_their_queue) {
  const auto queue = new_queue("q");
  auto a = host();
  write_letter("1", next_marker() + 1000);
  ASSERT_TRUE(a.purge(queue));
  EXPECT_THAT(a.list(queue), IsEmpty());
  write_letter("2", next_marker() + 1000);
  ASSERT_TRUE(a.remove_queue(queue));
  EXPECT_EQ(documents(), 0U);
}

/// A post that commits when a reader has read the counter, and before he moves it behind a letter.
TEST_P(MongodbForeignLetters, a_reader_who_counts_a_letter_misses_no_post_in_front_of_it) {
  if (has_transactions()) GTEST_SKIP() << "a post is shown when it is counted";
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  auto c = host();
  Observer observer(b, queue);
  ASSERT_TRUE(a.find(queue));
  write_letter("letter", next_marker() + 1000);
  b.wire().before("update queues", [&] {
    a.wire().before("update messages", [&] { a.wire().die_after(0); });
    (void)a.post(queue, {"1", "2", "3"});
    ASSERT_EQ(pending_posts(), 1U) << "it is committed";
  });
  observer.poll();
  EXPECT_THAT(bodies(c.list(queue)), ElementsAre("1", "2", "3", "letter"));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3", "letter"));
}

TEST_P(MongodbForeignLetters, a_queue_that_is_removed_takes_the_posts_in_front_of_a_letter_along) {
  if (has_transactions()) GTEST_SKIP() << "a post is shown when it is counted";
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.find(queue));
  write_letter("letter", next_marker() + 1000);
  b.wire().before("update queues", [&] {
    a.wire().before("update messages", [&] { a.wire().die_after(0); });
    (void)a.post(queue, {"1", "2", "3"});
    ASSERT_EQ(pending_posts(), 1U) << "it is committed";
  });
  ASSERT_TRUE(b.remove_queue(queue));
  EXPECT_EQ(documents(), 0U);
}

TEST_P(MongodbForeignLetters, letters_that_share_a_marker_are_all_listed_whatever_the_page) {
  const auto queue = new_queue("q");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"0", "1"}));
  const auto shared = next_marker();
  write_letter("2", shared);
  write_letter("3", shared);
  write_letter("4", shared);
  ASSERT_TRUE(a.post(queue, {"5"}));
  for (const std::uint64_t limit : {1U, 2U, 3U, 4U, 5U, 6U, 100U}) {
    Observer observer(a, queue, limit);
    for (int poll = 0; poll < 6; ++poll) observer.poll();
    EXPECT_THAT(observer.poll(), UnorderedElementsAre("0", "1", "2", "3", "4", "5")) << limit;
    EXPECT_EQ(observer.poll().back(), "5");
  }
  EXPECT_THAT(a.claim(queue).value()->messages, SizeIs(6));
}

INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbForeignLetters, testing::Values(kPlain), name_of);

// ---- gaps -------------------------------------------------------------------------------------

class MongodbGaps : public MongodbHosts {};

/// A poster of the reference service takes its markers first and inserts then.
TEST_P(MongodbGaps, a_page_ends_before_a_young_message_behind_a_gap_if_gaps_are_held) {
  const auto queue = new_queue("q");
  auto holding = host({.gap_hold = 2s});
  auto other = host();
  ASSERT_TRUE(other.post(queue, {"1"}));
  advance(3s);
  Observer patient(holding, queue);
  Observer hasty(other, queue);
  EXPECT_THAT(patient.poll(), ElementsAre("1"));
  const auto next = next_marker();
  increment_counter(2);
  write_message("3", next + 1);
  EXPECT_THAT(patient.poll(), ElementsAre("1"));
  EXPECT_THAT(hasty.poll(), ElementsAre("1", "3"));
  write_message("2", next);
  EXPECT_THAT(patient.poll(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(hasty.poll(), ElementsAre("1", "3")) << "this is what holding is for";
}

TEST_P(MongodbGaps, a_gap_is_not_held_for_ever) {
  const auto queue = new_queue("q");
  auto holding = host({.gap_hold = 2s});
  increment_counter(1);
  ASSERT_TRUE(holding.post(queue, {"1"}));
  EXPECT_THAT(bodies(holding.list(queue)), IsEmpty()) << "young, with no message in front";
  advance(2s);
  EXPECT_THAT(bodies(holding.list(queue)), ElementsAre("1"));
}

INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbGaps, testing::Values(kPlain), name_of);

}  // namespace

}  // namespace marconi::storage::contract
