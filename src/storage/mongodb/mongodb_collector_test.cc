// The collector of marconi-gc over a server. Tests play crashed hosts, and hosts of the reference
// service, by writing what these leave behind.
#include <gmock/gmock.h>

#include <functional>

#include "storage/contract/contract_suite.h"
#include "storage/mongodb/documents.h"
#include "storage/mongodb/server_harness.h"
#include "storage/mongodb/shared.h"
#include "storage/mongodb/wire_harness.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using mongodb::Document;
using mongodb::ObjectId;
using mongodb::Write;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kThreshold = 3;

class MongodbCollector : public StoreContract {
 public:
  [[nodiscard]] const mongodb::Options& options() {
    return dynamic_cast<MongodbFixture&>(fixture()).options();
  }
  [[nodiscard]] mongodb::Client& database() {
    if (!client_) client_ = mongodb::Client::make(options().messages).value();
    return *client_;
  }

  /// A collector of its own connections, as in another process; over a wire to the messages, if
  /// there is one.
  std::unique_ptr<Collector> new_collector(Wire* wire = nullptr) {
    auto with_threshold = options();
    with_threshold.gc_threshold = kThreshold;
    auto clients = mongodb::Clients::of(with_threshold).value();
    if (wire) {
      clients.messages = std::make_unique<WiredClient>(std::move(clients.messages), *wire, false);
    }
    return mongodb::open_collector(with_threshold, std::move(clients),
                                   std::make_unique<TestTimeSource>(time_), random_)
        .value();
  }

  /// Makes a pass to its end.
  Collected collect() {
    return collect([](const Collected&) { return true; });
  }
  Collected collect(const Collector::GoOn& go_on) {
    Collected all;
    const auto done = new_collector()->collect([&](const Collected& so_far) {
      all = so_far;
      return go_on(so_far);
    });
    if (!done) throw std::runtime_error(done.error().description);
    return all;
  }

  // ---- what is in the database ----

  void write_to(const mongodb::CollectionName& where, const std::vector<Write>& what) {
    const auto written = database().write(where, what);
    if (!written) throw std::runtime_error(written.error().description);
  }

  static std::string scope(std::string_view queue) { return "project/" + std::string(queue); }
  mongodb::CollectionName messages(std::string_view queue) {
    return options().placement.messages(scope(queue));
  }

  /// The name of a queue in the same partition as this one.
  std::string name_beside(std::string_view queue) {
    for (int number = 0;; ++number) {
      auto name = "dead" + std::to_string(number);
      if (messages(name).database == messages(queue).database) return name;
    }
  }

  ObjectId make_id() { return ids_.make(clock().utc_now() / 1000); }

  Document message(std::string_view queue, std::int64_t marker,
                   const std::optional<ObjectId>& tag = std::nullopt,
                   std::int64_t ttl_seconds = 3600) {
    const auto draft = mongodb::Draft::of(
        {.body = std::to_string(marker), .ttl_seconds = ttl_seconds, .checksum = ""}, kBob,
        make_id(), mongodb::Moment(clock().utc_now()));
    return message_document(draft, scope(queue), marker, tag);
  }
  void put(std::string_view queue, const std::vector<Document>& documents) {
    std::vector<Write> writes;
    for (const auto& document : documents) {
      writes.push_back({.kind = Write::Kind::insert, .filter = {}, .change = document});
    }
    write_to(messages(queue), writes);
  }

  /// The markers of all documents of a queue, expired and invisible ones included.
  std::vector<std::int64_t> stored(std::string_view queue) {
    std::vector<std::int64_t> markers;
    const auto found = database().find(messages(queue), {{"p_q", scope(queue)}},
                                       {.sort = {{"k", 1}}, .fields = {{"k", 1}}});
    for (const auto& document : found.value()) {
      markers.push_back(mongodb::integer_at(document.view(), "k"));
    }
    return markers;
  }

  Document queue_document(std::string_view queue) {
    return database()
        .find_one(options().placement.queues(), {{"p_q", scope(queue)}})
        .value()
        .value();
  }
  std::int64_t next_marker(std::string_view queue) {
    return mongodb::integer_at(queue_document(queue).view(), "c.v");
  }
  std::size_t pending_posts(std::string_view queue) {
    const auto document = queue_document(queue);
    const auto pending = document.find("c.p");
    return pending ? pending->as_document()->elements().size() : 0;
  }
  void commit(std::string_view queue, const ObjectId& tag, std::int64_t next) {
    write_to(options().placement.queues(),
             {{.kind = Write::Kind::update_one,
               .filter = {{"p_q", scope(queue)}},
               .change = {{"$set", Document{{"c.v", next}}}, {"$push", Document{{"c.p", tag}}}}}});
  }

 private:
  TestTime time_{clock()};
  base::SystemRandom random_;
  mongodb::ObjectIds ids_{random_};
  std::unique_ptr<mongodb::Client> client_;
};

// ---- expired messages -------------------------------------------------------------------------

TEST_P(MongodbCollector, expired_messages_go_once_a_queue_has_reached_the_threshold) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"}, {.ttl_seconds = 60});
  post(queue, {"alive"}, {.ttl_seconds = 600});
  advance(61s);
  EXPECT_EQ(collect(), (Collected{.queues = 1}));
  EXPECT_EQ(stored("q").size(), 3U);

  post(queue, {"3"}, {.ttl_seconds = 1});
  post(queue, {"4"}, {.ttl_seconds = 600});
  advance(2s);
  EXPECT_EQ(collect(), (Collected{.queues = 1, .expired_messages = 3}));
  EXPECT_EQ(stored("q").size(), 2U);
  EXPECT_THAT(alive(queue), ElementsAre("alive", "4"));
}

TEST_P(MongodbCollector, the_threshold_holds_for_each_queue_alone) {
  const auto busy = new_queue("busy");
  const auto idle = new_queue("idle");
  post(busy, {"1", "2", "3", "4"});
  post(idle, {"1", "2"});
  advance(1h + 1s);
  EXPECT_EQ(collect(), (Collected{.queues = 2, .expired_messages = 3}));
  EXPECT_EQ(stored("idle").size(), 2U);
}

TEST_P(MongodbCollector, the_newest_message_stays_even_if_all_have_expired) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3", "4"});
  const auto last = next_marker("q") - 1;
  advance(1h + 1s);
  EXPECT_EQ(collect().expired_messages, 3U);
  EXPECT_THAT(stored("q"), ElementsAre(last));
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(MongodbCollector, what_is_invisible_does_not_stand_in_for_the_newest_message) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3"});
  const auto last = next_marker("q") - 1;
  put("q", {message("q", last + 1, make_id())});  // of a poster that died before its commit
  advance(1h + 1s);
  EXPECT_EQ(collect().expired_messages, 2U);
  EXPECT_THAT(stored("q"), ElementsAre(last, last + 1));
}

TEST_P(MongodbCollector, a_message_whose_claim_gave_it_a_longer_life_stays) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2", "3", "4", "5"}, {.ttl_seconds = 60});
  claim(queue, {.limit = 1, .ttl_seconds = 300});
  advance(100s);
  EXPECT_EQ(collect().expired_messages, 3U);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

// A collector that stalls after it has seen which message is the newest: a later one is posted,
// expires, and another collector clears up around that.
TEST_P(MongodbCollector, racing_collectors_leave_the_newest_message) {
  new_queue("q");
  const auto first = next_marker("q");
  std::vector<Document> documents;
  for (std::int64_t k = 0; k < 1500; ++k) documents.push_back(message("q", first + k));
  put("q", documents);
  commit("q", make_id(), first + 1500);
  advance(1h + 1s);
  bool stalled = false;
  const auto slow = collect([&](const Collected& so_far) {
    if (so_far.expired_messages == 0 || stalled) return true;
    stalled = true;
    post(address("q"), {"later"}, {.ttl_seconds = 1});
    advance(2s);
    EXPECT_EQ(collect().expired_messages, 500U);
    return true;
  });
  EXPECT_TRUE(stalled);
  EXPECT_EQ(slow.expired_messages, 1000U);
  EXPECT_THAT(stored("q"), ElementsAre(next_marker("q") - 1));
}

// ---- posters and movers that died -------------------------------------------------------------

TEST_P(MongodbCollector, a_half_published_post_is_completed_once_it_is_left) {
  const auto queue = new_queue("q");
  const auto next = next_marker("q");
  const auto tag = make_id();
  put("q", {message("q", next), message("q", next + 1, tag), message("q", next + 2, tag)});
  commit("q", tag, next + 3);
  advance(5s);
  EXPECT_EQ(collect(), (Collected{.queues = 1})) << "its poster may be about to";
  EXPECT_EQ(pending_posts("q"), 1U);
  advance(1s);
  EXPECT_EQ(collect(), (Collected{.queues = 1, .completed_posts = 1}));
  EXPECT_EQ(pending_posts("q"), 0U);
  EXPECT_EQ(collect(), (Collected{.queues = 1}));
  EXPECT_EQ(alive(queue).size(), 3U);
}

TEST_P(MongodbCollector, a_post_that_is_visible_but_still_listed_is_struck_off) {
  new_queue("q");
  const auto next = next_marker("q");
  put("q", {message("q", next)});
  commit("q", make_id(), next + 1);
  advance(6s);
  EXPECT_EQ(collect(), (Collected{.queues = 1}));
  EXPECT_EQ(pending_posts("q"), 0U);
}

// ---- orphans ----------------------------------------------------------------------------------

TEST_P(MongodbCollector, messages_of_a_queue_that_was_removed_go) {
  remove_queue(new_queue("q"));
  put("q", {message("q", 7), message("q", 8, make_id())});
  advance(300s);
  EXPECT_EQ(collect(), Collected{}) << "somebody may still be at work on them";
  advance(1s);
  EXPECT_EQ(collect(), (Collected{.orphaned_messages = 2}));
  EXPECT_THAT(stored("q"), IsEmpty());
}

TEST_P(MongodbCollector, messages_of_a_queue_nobody_removed_are_not_touched) {
  put("q", {message("q", 7)});  // is it the wrong database that the queues are looked for in?
  advance(1h - 1s);
  EXPECT_EQ(collect(), Collected{});
  EXPECT_EQ(stored("q").size(), 1U);
}

TEST_P(MongodbCollector, messages_of_a_queue_made_anew_stay) {
  const auto queue = new_queue("q");
  remove_queue(queue);
  create(queue);
  post(queue, {"1"});
  advance(301s);
  EXPECT_EQ(collect().orphaned_messages, 0U);
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

TEST_P(MongodbCollector, a_message_that_comes_from_elsewhere_is_as_old_as_its_way) {
  // Copies of dead letters keep the ids of the originals; their queue is made when they are there.
  remove_queue(new_queue("dead"));
  const auto original = message("dead", 7);
  advance(1h - 10s);
  Document copy;
  for (const auto& member : original.view().elements()) {
    copy.append(member.name == "tx" ? mongodb::Member("tx", make_id())
                                    : mongodb::Member(member.name, member.value));
  }
  put("dead", {copy});
  EXPECT_EQ(collect().orphaned_messages, 0U);
  EXPECT_EQ(stored("dead").size(), 1U);
}

/// A letter is as old as it was where it comes from.
TEST_P(MongodbCollector, a_letter_that_comes_back_while_a_collector_is_at_work_stays) {
  const auto dead = address("dead");
  remove_queue(new_queue("dead"));
  put("dead", {message("dead", 7)});  // by a mover who did not know that the queue was gone
  advance(301s);
  Wire wire;
  wire.before("remove messages", [&] {
    create(dead);
    const auto next = next_marker("dead");
    write_to(messages("dead"), {{.kind = Write::Kind::update_one,
                                 .filter = {{"p_q", scope("dead")}},
                                 .change = {{"$set", Document{{"k", next}}}}}});
    commit("dead", make_id(), next + 1);
  });
  ASSERT_TRUE(new_collector(&wire)->collect([](const Collected&) { return true; }));
  EXPECT_THAT(alive(dead), ElementsAre("7"));
}

/// Some servers do not remove what has expired.
TEST_P(MongodbCollector, records_of_claims_and_removed_queues_go_when_they_are_of_no_use) {
  const auto queue = new_queue("q");
  remove_queue(new_queue("gone"));
  post(queue, {"1", "2"});
  claim(queue, {.limit = 1, .ttl_seconds = 60});
  const auto held = claim(queue, {.limit = 1, .ttl_seconds = 1000});
  advance(61s);
  (void)collect();
  EXPECT_EQ(database().count(options().placement.claims(scope("q")), {}).value(), 1U);
  EXPECT_TRUE(find_claim(queue, held.id));
  EXPECT_EQ(database().count(options().placement.removed_queues(), {}).value(), 1U);
  advance(2h);
  (void)collect();
  EXPECT_EQ(database().count(options().placement.claims(scope("q")), {}).value(), 0U);
  EXPECT_EQ(database().count(options().placement.removed_queues(), {}).value(), 0U);
}

TEST_P(MongodbCollector, every_queue_is_reached_however_many_there_are) {
  constexpr std::uint64_t kQueues = 2345;
  const auto name = [](std::uint64_t number) {
    auto digits = std::to_string(number);
    return "q" + std::string(6 - digits.size(), '0') + digits;
  };
  std::vector<Write> queues;
  for (std::uint64_t i = 0; i < kQueues; ++i) {
    queues.push_back({.kind = Write::Kind::insert,
                      .filter = {},
                      .change = mongodb::queue_document(make_id(), scope(name(i)), {}, 1)});
  }
  write_to(options().placement.queues(), queues);
  const auto expired = {name(0), name(999), name(1000), name(1999), name(kQueues - 1)};
  for (const auto& queue : expired) {
    put(queue, {message(queue, 1), message(queue, 2), message(queue, 3)});
  }
  advance(1h + 1s);
  EXPECT_EQ(collect(), (Collected{.queues = kQueues, .expired_messages = 2 * expired.size()}));
}

// ---- the pass ---------------------------------------------------------------------------------

TEST_P(MongodbCollector, a_pass_ends_when_it_is_told_to) {
  for (const auto* name : {"a", "b", "c"}) {
    post(new_queue(name), {"1", "2", "3"});
  }
  advance(1h + 1s);
  const auto collected = collect([](const Collected& so_far) { return so_far.queues < 2; });
  EXPECT_EQ(collected, (Collected{.queues = 2, .expired_messages = 2}));
}

TEST_P(MongodbCollector, queues_of_all_projects_are_collected) {
  for (const auto* project : {"one", "two"}) {
    const auto queue = address("q", ProjectId(project));
    create(queue);
    post(queue, {"1", "2", "3"});
  }
  advance(1h + 1s);
  EXPECT_EQ(collect(), (Collected{.queues = 2, .expired_messages = 4}));
}

TEST_P(MongodbCollector, collectors_at_once_do_each_thing_once) {
  constexpr int kQueues = 20;
  for (int i = 0; i < kQueues; ++i) {
    const auto name = "q" + std::to_string(i);
    const auto queue = new_queue(name);
    post(queue, {"1", "2", "3", "4"}, {.ttl_seconds = 60});
    const auto next = next_marker(name);
    const auto tag = make_id();
    put(name, {message(name, next, tag)});
    commit(name, tag, next + 1);
    remove_queue(new_queue(name + "-gone"));
    put(name + "-gone", {message(name + "-gone", 1)});
  }
  advance(301s);
  std::array<Collected, 3> collected;
  in_threads(3, [&](std::size_t i) {
    const auto done = new_collector()->collect([&](const Collected& so_far) {
      collected[i] = so_far;
      return true;
    });
    EXPECT_TRUE(done);
  });
  std::uint64_t expired = 0;
  std::uint64_t orphaned = 0;
  for (const auto& one : collected) {
    EXPECT_EQ(one.queues, static_cast<std::uint64_t>(kQueues));
    EXPECT_EQ(one.failures, 0U);
    expired += one.expired_messages;
    orphaned += one.orphaned_messages;
  }
  EXPECT_EQ(expired, 4U * kQueues);
  EXPECT_EQ(orphaned, static_cast<std::uint64_t>(kQueues));
  for (int i = 0; i < kQueues; ++i) {
    const auto name = "q" + std::to_string(i);
    EXPECT_THAT(stored(name), ElementsAre(next_marker(name) - 1));
    EXPECT_EQ(alive(address(name)).size(), 1U);
    EXPECT_EQ(pending_posts(name), 0U);
    EXPECT_THAT(stored(name + "-gone"), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Mongodb, MongodbCollector,
    testing::Values(StoreUnderTest{
        "store", [] { return std::make_unique<MongodbFixture>(Setting{.partitions = 2}); }}),
    name_of);

// ---- stalled queues ---------------------------------------------------------------------------

class FifoMongodbCollector : public MongodbCollector {};

TEST_P(FifoMongodbCollector, a_counter_is_raised_over_what_a_dead_poster_left_uncounted) {
  const auto queue = new_queue("q");
  const auto next = next_marker("q");
  put("q", {message("q", next), message("q", next + 1), message("q", next + 2)});
  advance(5s);
  EXPECT_EQ(collect(), (Collected{.queues = 1})) << "its poster may be about to count";
  EXPECT_EQ(next_marker("q"), next);
  advance(1s);
  EXPECT_EQ(collect(), (Collected{.queues = 1, .raised_counters = 1}));
  EXPECT_EQ(next_marker("q"), next + 3);
  EXPECT_EQ(collect(), (Collected{.queues = 1}));
  EXPECT_EQ(alive(queue).size(), 3U);
}

TEST_P(FifoMongodbCollector, what_others_counted_since_the_queue_was_read_is_not_told_as_repaired) {
  new_queue("a");
  new_queue("q");
  const auto next = next_marker("q");
  const auto letter = message("q", next);
  advance(7s);
  const auto did = collect([&](const Collected& so_far) {
    if (so_far.queues == 1 && stored("q").empty()) {
      put("q", {letter});
      write_to(options().placement.queues(), {{.kind = Write::Kind::update_one,
                                               .filter = {{"p_q", scope("q")}},
                                               .change = {{"$inc", Document{{"c.v", 1}}}}}});
    }
    return true;
  });
  EXPECT_EQ(did, (Collected{.queues = 2}));
  EXPECT_EQ(next_marker("q"), next + 1);
}

TEST_P(FifoMongodbCollector, what_is_invisible_is_not_counted) {
  new_queue("q");
  const auto next = next_marker("q");
  put("q", {message("q", next, make_id())});
  advance(6s);
  EXPECT_EQ(collect(), (Collected{.queues = 1}));
  EXPECT_EQ(next_marker("q"), next);
}

INSTANTIATE_TEST_SUITE_P(
    Mongodb, FifoMongodbCollector,
    testing::Values(StoreUnderTest{
        "store",
        [] { return std::make_unique<MongodbFixture>(Setting{.partitions = 2, .fifo = true}); }}),
    name_of);

}  // namespace

}  // namespace marconi::storage::contract
