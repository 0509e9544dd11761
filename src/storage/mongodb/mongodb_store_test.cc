// What is particular to this driver: finishing what crashed hosts left behind, and living beside
// hosts of the reference service. Tests play the other host by writing its documents themselves.
#include <gmock/gmock.h>

#include "storage/mongodb/suite_harness.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using mongodb::Document;
using mongodb::ObjectId;
using mongodb::Write;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- posters that died --------------------------------------------------------------------

TEST_P(MongodbStore, a_post_whose_poster_died_after_the_commit_is_there_for_the_next_reader) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  const auto tag = make_id();
  write_message("1", next, tag);
  write_message("2", next + 1, tag);
  commit(tag, next + 2);
  EXPECT_EQ(pending_posts(), 1U);
  EXPECT_THAT(alive(queue), ElementsAre("1", "2"));
  EXPECT_EQ(pending_posts(), 0U);
}

TEST_P(MongodbStore, a_post_whose_poster_died_half_way_through_showing_it_is_completed_in_order) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  const auto tag = make_id();
  write_message("1", next);
  write_message("2", next + 1, tag);
  commit(tag, next + 2);
  post(queue, {"3"});
  EXPECT_THAT(alive(queue), ElementsAre("1", "2", "3"));
}

TEST_P(MongodbStore, a_post_whose_poster_died_before_the_commit_is_never_seen) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  write_message("lost", next, make_id());
  write_message("lost", next + 1, make_id());
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_FALSE(try_claim(queue));
  post(queue, {"1", "2"});
  advance(1h - 1s);
  store().collect_garbage();
  EXPECT_THAT(alive(queue), ElementsAre("1", "2"));
  EXPECT_THAT(bodies(pop(queue, 10)), ElementsAre("1", "2"));
}

TEST_P(MongodbStore, what_is_shown_but_not_yet_counted_is_in_no_page_claim_or_pop) {
  const auto queue = new_queue("q");
  write_message("early", next_marker());
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_FALSE(try_claim(queue));
  EXPECT_THAT(pop(queue, 1), IsEmpty());
}

TEST_P(MongodbStore, sweeping_finishes_posts_that_were_left_but_not_those_under_way) {
  const auto queue = new_queue("q");
  const auto tag = make_id();
  const auto next = next_marker();
  write_message("1", next, tag);
  commit(tag, next + 1);
  EXPECT_EQ(store().collect_garbage(), 0U);
  EXPECT_EQ(pending_posts(), 1U);
  advance(6s);
  EXPECT_EQ(store().collect_garbage(), 1U);
  EXPECT_EQ(pending_posts(), 0U);
  EXPECT_EQ(store().collect_garbage(), 0U);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

TEST_P(MongodbStore, a_committed_letter_whose_mover_died_has_arrived_for_whoever_looks) {
  const auto queue = new_queue("q");
  const auto old = new_queue("old");
  post(old, {"0", "1", "2"});
  const auto before = list(old);
  const auto tag = make_id();
  const auto next = next_marker();
  const auto now = clock().utc_now() / 1000;
  for (int i = 0; i < 2; ++i) {
    const Document noted{{"k", next + i}, {"t", 60}, {"e", mongodb::Date{(now + 60) * 1000}}};
    write_to(messages(),
             {.kind = Write::Kind::update_one,
              .filter = {{"_id", ObjectId::from(before[i].id.text).value()}},
              .change = {{"$set", Document{{"c.id", tag}, {"c.e", now + 60}, {"n", noted}}}}});
  }
  EXPECT_THAT(alive(queue), IsEmpty()) << "nothing is committed";
  commit({.tag = tag, .from = "project/old"}, next + 2);
  EXPECT_THAT(alive(queue), ElementsAre("0", "1"));
  EXPECT_THAT(alive(old), ElementsAre("2"));
  EXPECT_EQ(pending_posts(), 0U);
  const auto there = list(queue);
  EXPECT_EQ(there[1].marker.value, static_cast<std::uint64_t>(next) + 1);
  EXPECT_EQ(there[1].ttl_seconds, 60);
  EXPECT_EQ(claim(queue).messages.size(), 2U);
}

// ---- beside the reference service -----------------------------------------------------------

/// A message as the reference service writes it: times in seconds, none of our own members.
Document reference_message(const ObjectId& id, std::int64_t marker, base::UtcSeconds now) {
  return {{"_id", id},    {"p_q", "project/q"},
          {"t", 300},     {"e", mongodb::Date{(now + 300) * 1000}},
          {"u", nullptr}, {"c", Document{{"id", nullptr}, {"e", now}, {"c", 0}}},
          {"d", now},     {"b", Document{{"x", 1}}},
          {"k", marker},  {"tx", nullptr}};
}

TEST_P(MongodbStore, a_message_of_the_reference_service_is_a_message_like_any_other) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  const auto id = make_id();
  // It counts first and inserts then.
  write_to(options().placement.queues(), {.kind = Write::Kind::update_one,
                                          .filter = {{"p_q", "project/q"}},
                                          .change = {{"$inc", Document{{"c.v", 1}}}}});
  write_to(messages(), {.kind = Write::Kind::insert,
                        .filter = {},
                        .change = reference_message(id, next, clock().utc_now() / 1000)});
  post(queue, {"2"});
  EXPECT_THAT(free(queue), ElementsAre(R"({"x": 1})", "2"));
  const auto held = claim(queue, {.limit = 1});
  EXPECT_THAT(ids(held.messages), ElementsAre(MessageId{id.to_string()}));
  EXPECT_EQ(remove(queue, {id.to_string()}, held.id), DeleteOutcome::done);
}

TEST_P(MongodbStore, a_claim_of_the_reference_service_can_be_read_renewed_and_released) {
  const auto queue = new_queue("q");
  const auto id = post_one(queue, "1");
  const auto theirs = make_id();
  const auto now = clock().utc_now() / 1000;
  write_to(messages(),
           {.kind = Write::Kind::update_one,
            .filter = {{"_id", ObjectId::from(id.text).value()}},
            .change = {{"$set",
                        Document{{"c", Document{{"id", theirs}, {"t", 100}, {"e", now + 100}}}}}}});
  advance(10s);
  const ClaimId claim_id{theirs.to_string()};
  const auto found = find_claim(queue, claim_id).value();
  EXPECT_EQ(found.ttl_seconds, 100);
  EXPECT_EQ(found.age_seconds, 10);
  EXPECT_THAT(bodies(found.messages), ElementsAre("1"));
  EXPECT_TRUE(renew(queue, claim_id, {200, 60}));
  EXPECT_EQ(find_claim(queue, claim_id).value().ttl_seconds, 200);
  release(queue, claim_id);
  EXPECT_THAT(free(queue), ElementsAre("1"));
}

TEST_P(MongodbStore, the_indexes_are_the_reference_services) {
  std::vector<std::string> found;
  const auto reply =
      other_host().command(messages().database, {{"listIndexes", "messages"}}).value();
  for (const auto& index : reply.find("cursor.firstBatch")->as_document()->elements()) {
    const auto document = index.value.as_document().value();
    std::string text(document.find("name")->as_text().value());
    for (const auto& key : document.find("key")->as_document()->elements()) {
      text += " " + std::string(key.name);
    }
    if (document.find("unique")) text += " unique";
    if (document.find("expireAfterSeconds")) text += " expiring";
    found.push_back(text);
  }
  EXPECT_THAT(found, testing::UnorderedElementsAre("_id_ _id", "ttl e expiring", "active p_q k c.e",
                                                   "claimed p_q c.id k c.e", "counting p_q c.e",
                                                   "queue_marker k p_q", "transaction tx"));
}

INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbStore,
                         testing::Values(StoreUnderTest{
                             "store", [] { return std::make_unique<MongodbFixture>(Setting{}); }}),
                         name_of);

// ---- fifo and opening -----------------------------------------------------------------------

class FifoMongodbStore : public MongodbStore {};

TEST_P(FifoMongodbStore, what_a_poster_of_the_reference_service_left_uncounted_is_counted) {
  const auto queue = new_queue("q");
  const auto next = next_marker();
  write_message("1", next);
  write_message("2", next + 1);
  post(queue, {"3"});
  EXPECT_THAT(alive(queue), ElementsAre("1", "2", "3"));
  EXPECT_EQ(next_marker(), next + 3);
}

INSTANTIATE_TEST_SUITE_P(Mongodb, FifoMongodbStore,
                         testing::Values(StoreUnderTest{
                             "store",
                             [] {
                               return std::make_unique<MongodbFixture>(Setting{
                                   .partitions = 2, .fifo = true, .mixed_operation = false});
                             }}),
                         name_of);

TEST(OpeningMongodb, what_cannot_keep_its_promise_is_refused) {
  base::SystemRandom random;
  const base::SystemClock clock;
  mongodb::Options options;
  options.management.uri = options.messages.uri = server_uri();
  EXPECT_EQ(mongodb::open(options, clock, random).error().kind, base::ErrorKind::invalid)
      << "one node only";
  options.unreliable = true;
  options.placement = {.partitions = 0};
  EXPECT_EQ(mongodb::open(options, clock, random).error().kind, base::ErrorKind::invalid);
}

TEST(OpeningMongodb, a_store_lives_by_the_servers_time) {
  const base::SystemClock system;
  base::ManualClock wrong(1'000);  // a host whose own clock is decades off
  base::SystemRandom random;
  mongodb::Options options;
  options.management.uri = server_uri();
  const auto client = mongodb::Client::make(options.management).value();
  mongodb::ServerTime time(*client, wrong);
  ASSERT_TRUE(time.start());
  EXPECT_NEAR(static_cast<double>(time.now().second()),
              static_cast<double>(system.utc_now()) / 1000, 60);
  const auto before = time.now();
  wrong.advance(5s);
  EXPECT_GE(time.now().millis(), before.millis() + 5000);
}

}  // namespace

}  // namespace marconi::storage::contract
