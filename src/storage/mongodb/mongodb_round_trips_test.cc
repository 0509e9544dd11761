// What operations cost on a quiet queue, and that remembered counters do no harm on another.
#include <gmock/gmock.h>

#include "storage/mongodb/host_harness.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;

class MongodbRoundTrips : public MongodbHosts {};

TEST_P(MongodbRoundTrips, a_quiet_queue_takes_few_of_them) {
  const auto queue = new_queue("q");
  auto a = host();
  using Steps = std::vector<std::string>;
  const Steps posting = !has_transactions()
                            ? Steps{"insert messages", "modify queues", "update messages"}
                        : options().placement.fifo
                            ? Steps{"modify queues", "find messages", "insert messages", "commit"}
                            : Steps{"modify queues", "insert messages", "commit"};
  ASSERT_TRUE(a.find(queue));  // as every post over HTTP begins
  a.wire().clear();
  ASSERT_TRUE(a.post(queue, {"1"}));
  EXPECT_THAT(a.wire().sent(), ElementsAreArray(posting));

  a.wire().clear();
  ASSERT_TRUE(a.post(queue, {"2", "3"}));
  EXPECT_THAT(a.wire().sent(), ElementsAreArray(posting));

  a.wire().clear();
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1", "2", "3"));
  EXPECT_THAT(a.wire().sent(), ElementsAre("find queues", "find messages"));

  a.wire().clear();
  const auto held = a.claim(queue, 2).value();
  EXPECT_THAT(bodies(held->messages), ElementsAre("1", "2"));
  EXPECT_THAT(a.wire().sent(), ElementsAre("find messages", "insert claims", "update messages"));

  a.wire().clear();
  EXPECT_EQ(a.remove(queue, held->messages[0].id, held->id).value(), DeleteOutcome::done);
  EXPECT_THAT(a.wire().sent(), ElementsAre("remove messages"));

  a.wire().clear();
  EXPECT_THAT(bodies(a.claim(queue, 2).value()->messages), ElementsAre("3"));
  EXPECT_THAT(a.wire().sent(),
              ElementsAre("find messages", "find queues", "insert claims", "update messages"))
      << "it has to make sure that there is no more";

  ASSERT_TRUE(a.post(queue, {"4"}));
  ASSERT_TRUE(a.find(queue));
  a.wire().clear();
  Call call(base::Patience::may_wait);
  EXPECT_THAT(bodies(a.store().messages().pop(call, queue, 1).value()), ElementsAre("4"));
  EXPECT_THAT(a.wire().sent(), ElementsAre("take messages"));

  a.wire().clear();
  EXPECT_THAT(bodies(a.store().messages().pop(call, queue, 1).value()), ElementsAre());
  EXPECT_THAT(a.wire().sent(), ElementsAre("take messages", "find queues", "find messages"));
}

TEST_P(MongodbRoundTrips, a_letter_that_is_left_costs_its_first_reader_a_few) {
  const auto queue = new_queue("q");
  auto a = host();
  write_message("letter", next_marker() + 1000);
  advance(7s);
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("letter"));
  EXPECT_THAT(a.wire().sent(), ElementsAre("find queues", "find messages", "find messages",
                                           "update queues", "find queues", "find messages"));
  a.wire().clear();
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("letter"));
  EXPECT_THAT(a.wire().sent(), ElementsAre("find queues", "find messages"));
}

TEST_P(MongodbRoundTrips, what_is_posted_under_a_reader_is_left_to_the_next_page_at_no_cost) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  (void)a.list(queue);
  a.wire().clear();
  a.wire().before("find messages", [&] { ASSERT_TRUE(b.post(queue, {"2"})); });
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1"));
  EXPECT_THAT(a.wire().sent(), ElementsAre("find queues", "find messages"));
}

TEST_P(MongodbRoundTrips, the_first_reader_on_another_host_clears_what_a_post_left_listed) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  EXPECT_EQ(pending_posts(), has_transactions() ? 0U : 1U);
  EXPECT_THAT(bodies(b.list(queue)), ElementsAre("1"));
  EXPECT_EQ(pending_posts(), 0U);
  b.wire().clear();
  EXPECT_THAT(bodies(b.list(queue)), ElementsAre("1"));
  EXPECT_THAT(b.wire().sent(), ElementsAre("find queues", "find messages"));
}

TEST_P(MongodbRoundTrips, a_post_that_remembers_an_old_counter_reads_it_and_comes_later) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  ASSERT_TRUE(b.post(queue, {"2"}));
  ASSERT_TRUE(a.post(queue, {"3"}));
  EXPECT_THAT(bodies(b.list(queue)), ElementsAre("1", "2", "3"));
}

TEST_P(MongodbRoundTrips, a_claim_by_an_old_counter_finds_what_was_posted_since) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  ASSERT_TRUE(b.post(queue, {"2"}));
  EXPECT_THAT(bodies(a.claim(queue).value()->messages), ElementsAre("1", "2"));
}

// Where posters may show messages before they count them, a page that is not full takes one more,
// to look for what dead ones left uncounted.
INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbRoundTrips, testing::Values(kPlain, kFifo), name_of);

}  // namespace

}  // namespace marconi::storage::contract
