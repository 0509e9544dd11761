// Several hosts on one database, each step in the order that a test lays down. Every test runs for
// every way of posting that the server and the layout allow.
#include <gmock/gmock.h>

#include <set>

#include "observability/memory_log.h"
#include "storage/mongodb/host_harness.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using mongodb::Document;
using mongodb::Write;
using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::SizeIs;

Bodies numbers(int count) {
  Bodies bodies;
  for (int i = 1; i <= count; ++i) bodies.push_back(std::to_string(i));
  return bodies;
}

TEST_P(MongodbHosts, the_way_of_posting_is_logged_when_a_store_is_opened) {
  observability::MemoryLog log;
  auto settings = options();
  settings.log = &log;
  const base::SystemClock clock;
  base::SystemRandom random;
  ASSERT_TRUE(mongodb::open(settings, clock, random));
  const bool shared_markers = settings.placement.fifo && settings.mixed_operation;
  const auto* expected = has_transactions() ? "posts_by=transactions"
                         : shared_markers   ? "posts_by=show_and_count"
                                            : "posts_by=commit_record";
  EXPECT_THAT(log.lines(), ElementsAre(HasSubstr(expected)));
}

TEST_P(MongodbHosts, a_server_without_indexes_that_expire_will_do_with_one_warning) {
  const auto where = messages();
  ASSERT_TRUE(other_host().command(where.database, {{"dropDatabase", 1}}));
  observability::MemoryLog log;
  auto settings = options();
  settings.log = &log;
  Wire wire;
  wire.lack_expiry();
  auto clients = mongodb::Clients::of(settings).value();
  clients.management = std::make_unique<WiredClient>(std::move(clients.management), wire, false);
  clients.messages = std::make_unique<WiredClient>(std::move(clients.messages), wire, false);
  base::SystemRandom random;
  const auto store =
      mongodb::open(settings, std::move(clients),
                    std::make_unique<TestTimeSource>(mongodb_fixture().time()), random);
  ASSERT_TRUE(store) << store.error().description;
  EXPECT_THAT(log.lines(), ElementsAre(AllOf(HasSubstr("warning"), HasSubstr("marconi-gc")),
                                       HasSubstr("store opened")));
  const auto indexes =
      other_host().command(where.database, {{"listIndexes", where.collection}}).value();
  EXPECT_THAT(indexes.find("cursor.firstBatch")->as_document()->elements(), SizeIs(6));
}

// ---- what an observer must not miss -----------------------------------------------------------

TEST_P(MongodbHosts, the_marker_of_a_deleted_message_is_not_used_again) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  Observer observer(b, queue);
  ASSERT_TRUE(a.post(queue, {"1", "2"}));
  observer.poll();
  for (const auto& message : b.list(queue)) ASSERT_TRUE(b.remove(queue, message.id));
  ASSERT_TRUE(a.post(queue, {"3"}));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
}

TEST_P(MongodbHosts, pages_follow_the_order_of_posting_and_not_that_of_ids) {
  const auto queue = new_queue("q");
  SameOctets high(255);
  SameOctets low(0);
  auto a = host({.random = &high});
  auto b = host({.random = &low});
  Observer observer(a, queue, 1);
  ASSERT_TRUE(a.post(queue, {"1"}));
  ASSERT_TRUE(b.post(queue, {"2"}));
  observer.poll();
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2"));
  EXPECT_THAT(bodies(a.claim(queue).value()->messages), ElementsAre("1", "2"));
}

TEST_P(MongodbHosts, a_post_that_loses_a_race_keeps_its_id_and_takes_a_later_place) {
  const auto queue = new_queue("q");
  SameOctets high(255);
  SameOctets low(0);
  auto a = host({.random = &low});
  auto b = host({.random = &high});
  auto reader = host();
  Observer observer(reader, queue, 1);
  a.wire().before(steps_that_let_others_post().front(),
                  [&] { ASSERT_TRUE(b.post(queue, {"first"})); });
  ASSERT_TRUE(a.post(queue, {"second"}));
  observer.poll();
  observer.poll();
  EXPECT_THAT(observer.poll(), ElementsAre("first", "second"));
}

TEST_P(MongodbHosts, a_reader_between_the_steps_of_a_post_misses_nothing) {
  for (const std::string step :
       {"insert messages", "modify queues", "update messages", "update queues", "commit"}) {
    SCOPED_TRACE(step);
    const auto queue = new_queue(step.substr(0, 3) + step.substr(step.size() - 3));
    auto a = host();
    auto b = host();
    auto reader = host();
    Observer observer(reader, queue);
    ASSERT_TRUE(b.post(queue, {"before"}));
    a.wire().before(step, [&] { observer.poll(); });
    ASSERT_TRUE(a.post(queue, {"1", "2"}));
    ASSERT_TRUE(b.post(queue, {"behind"}));
    EXPECT_THAT(observer.poll(), ElementsAre("before", "1", "2", "behind"));
  }
}

TEST_P(MongodbHosts, a_post_between_the_steps_of_another_is_missed_by_nobody) {
  for (const auto& step : steps_that_let_others_post()) {
    SCOPED_TRACE(step);
    const auto queue = new_queue(step.substr(0, 3));
    auto a = host();
    auto b = host();
    auto reader = host();
    Observer observer(reader, queue);
    a.wire().before(step, [&] {
      ASSERT_TRUE(b.post(queue, {"b"}));
      observer.poll();
    });
    ASSERT_TRUE(a.post(queue, {"a"}));
    ASSERT_TRUE(b.post(queue, {"c"}));
    observer.poll();
    EXPECT_THAT(observer.poll(), ElementsAreArray(bodies(reader.list(queue))));
    EXPECT_THAT(observer.poll(), SizeIs(3));
  }
}

TEST_P(MongodbHosts, a_long_post_is_stored_once_whatever_stands_in_its_way) {
  for (const int size : {5, 20}) {
    const auto queue = new_queue("q" + std::to_string(size));
    auto a = host();
    auto b = host();
    ASSERT_TRUE(a.post(queue, {"0"}));
    a.wire().before(steps_that_let_others_post().front(),
                    [&] { ASSERT_TRUE(b.post(queue, {"b", "b", "b"})); });
    const auto ids = a.post(queue, numbers(size));
    ASSERT_TRUE(ids);
    EXPECT_EQ(std::set<MessageId>(ids->begin(), ids->end()).size(), static_cast<std::size_t>(size));
    Bodies expected{"0", "b", "b", "b"};
    const auto own = numbers(size);
    expected.insert(expected.end(), own.begin(), own.end());
    EXPECT_THAT(bodies(b.list(queue)), ElementsAreArray(expected));
  }
}

// ---- one connection ---------------------------------------------------------------------------

/// Asks a server each time, as the store does now and then, and notes whether one could be asked.
class AskingTime final : public mongodb::TimeSource {
 public:
  AskingTime(TestTime& time, mongodb::Client& client, int& unanswered)
      : time_(time), client_(client), unanswered_(unanswered) {}
  [[nodiscard]] mongodb::Moment now() override {
    if (!client_.greet()) ++unanswered_;
    return time_.now();
  }

 private:
  TestTime& time_;
  mongodb::Client& client_;
  int& unanswered_;
};

/// A transaction keeps its connection; nothing else has one while it asks for the time.
TEST_P(MongodbHosts, one_connection_is_enough) {
  if (!has_transactions()) GTEST_SKIP() << "nothing keeps a connection";
  auto settings = options();
  for (auto* client : {&settings.management, &settings.messages}) {
    client->max_connections = 1;
    const bool has_options = client->uri.find('?') != std::string::npos;
    client->uri += (has_options ? "&" : "/?") + std::string("waitQueueTimeoutMS=200");
  }
  auto clients = mongodb::Clients::of(settings).value();
  int unanswered = 0;
  auto time = std::make_unique<AskingTime>(mongodb_fixture().time(), *clients.messages, unanswered);
  base::SystemRandom random;
  const auto store = mongodb::open(settings, std::move(clients), std::move(time), random).value();
  Call call(base::Patience::may_wait);
  const auto queue = new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  const domain::NewMessage message{.body = "1", .ttl_seconds = 3600, .checksum = ""};
  ASSERT_TRUE(store->messages().post(call, queue, {&message, 1}, kAlice));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(store->claims().create(call, queue, {300, 60}, 1));
    advance(301s);
  }
  store->collect_garbage();
  EXPECT_THAT(alive(address("dead")), ElementsAre("1"));
  EXPECT_TRUE(store->queues().remove(call, queue));
  EXPECT_EQ(unanswered, 0);
}

// ---- clocks -----------------------------------------------------------------------------------

TEST_P(MongodbHosts, a_poster_whose_clock_is_ahead_hides_nothing) {
  const auto queue = new_queue("q");
  auto a = host({.clock_shift = 30s});
  auto b = host();
  auto c = host({.clock_shift = -30s});
  Observer observer(b, queue);
  ASSERT_TRUE(a.post(queue, {"1"}));
  ASSERT_TRUE(c.post(queue, {"2"}));
  observer.poll();
  ASSERT_TRUE(a.post(queue, {"3"}));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(bodies(c.list(queue)), ElementsAre("1", "2", "3"));
  EXPECT_THAT(bodies(b.claim(queue).value()->messages), ElementsAre("1", "2", "3"));
}

/// Hosts that ask the server for the time, whatever their own clocks say.
TEST_P(MongodbHosts, hosts_whose_own_clocks_differ_agree_by_the_servers_time) {
  const auto queue = new_queue("q");
  const base::SystemClock system;
  base::SystemRandom random;
  Call call(base::Patience::may_wait);
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<std::unique_ptr<base::ManualClock>> clocks;
  for (const auto shift : {0ms, 30'000ms, -30'000ms}) {
    clocks.push_back(std::make_unique<base::ManualClock>(system.utc_now() + shift.count()));
    stores.push_back(mongodb::open(options(), *clocks.back(), random).value());
  }
  const auto post = [&](Store& store, std::string_view body) {
    const domain::NewMessage message{.body = body, .ttl_seconds = 3600};
    ASSERT_TRUE(store.messages().post(call, queue, {&message, 1}, kAlice));
  };
  const auto claim = [&](Store& store) {
    return store.claims().create(call, queue, {60, 60}, 1).value();
  };
  std::optional<Marker> after;
  Bodies seen;
  const auto poll = [&](Store& store) {
    for (const auto& message :
         store.messages()
             .list(call, queue,
                   {.after = after, .limit = 100, .include_claimed = true, .include_delayed = true})
             .value()) {
      seen.push_back(message.body);
      after = message.marker;
    }
  };
  post(*stores[1], "1");
  poll(*stores[0]);
  post(*stores[2], "2");
  poll(*stores[1]);
  post(*stores[0], "3");
  poll(*stores[2]);
  EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
  // No host takes over what another has just claimed.
  EXPECT_THAT(bodies(claim(*stores[2])->messages), ElementsAre("1"));
  EXPECT_THAT(bodies(claim(*stores[1])->messages), ElementsAre("2"));
  EXPECT_THAT(bodies(claim(*stores[0])->messages), ElementsAre("3"));
  EXPECT_FALSE(claim(*stores[1]));
}

// ---- claims, collectors, removal --------------------------------------------------------------

TEST_P(MongodbHosts, what_one_host_releases_another_can_list_and_claim_at_once) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  const auto held = a.claim(queue).value();
  ASSERT_TRUE(held);
  EXPECT_FALSE(b.claim(queue).value());
  release(queue, held->id);
  EXPECT_THAT(free(queue), ElementsAre("1"));
  EXPECT_THAT(bodies(b.claim(queue).value()->messages), ElementsAre("1"));
}

TEST_P(MongodbHosts, collecting_on_two_hosts_frees_no_marker) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  Observer observer(a, queue);
  ASSERT_TRUE(a.post(queue, {"1"}));
  observer.poll();
  a.store().collect_garbage();
  post(queue, {"2"}, {.ttl_seconds = 60});
  observer.poll();
  hours_pass(messages());
  a.store().collect_garbage();
  b.store().collect_garbage();
  ASSERT_TRUE(b.post(queue, {"3"}));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
}

TEST_P(MongodbHosts, a_queue_removed_under_a_post_leaves_nothing_behind) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  Observer observer(b, queue);
  ASSERT_TRUE(a.post(queue, {"1"}));
  observer.poll();
  a.wire().before(steps_that_let_others_post().front(),
                  [&] { ASSERT_TRUE(b.remove_queue(queue)); });
  const auto posted = a.post(queue, {"2", "3"});
  if (posted) {  // by a transaction, before which the removal counts as done or not at all
    EXPECT_THAT(bodies(b.list(queue)), ElementsAre("2", "3"));
    ASSERT_TRUE(b.remove_queue(queue));
  } else {
    EXPECT_EQ(posted.error().kind, base::ErrorKind::queue_missing);
  }
  EXPECT_EQ(documents(), 0U);
  EXPECT_EQ(b.create_queue(queue).value(), true);
  ASSERT_TRUE(a.post(queue, {"4"}));
  EXPECT_THAT(observer.poll().back(), "4");
}

TEST_P(MongodbHosts, a_queue_made_while_others_make_and_remove_it_goes_on_behind_their_markers) {
  const auto queue = address("q");
  auto a = host();
  auto b = host();
  Observer observer(b, queue);
  a.wire().before("insert queues", [&] {
    ASSERT_TRUE(b.create_queue(queue));
    ASSERT_TRUE(b.post(queue, {"1", "2"}));
    observer.poll();
    ASSERT_TRUE(b.remove_queue(queue));
  });
  EXPECT_TRUE(a.create_queue(queue).value());
  ASSERT_TRUE(b.post(queue, {"3"}));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
}

/// The post comes when the queue is there and its maker has not yet looked what came before it, and
/// perhaps never will.
TEST_P(MongodbHosts, whoever_posts_to_a_queue_before_its_maker_is_done_goes_on_behind_its_markers) {
  for (const bool dies : {false, true}) {
    const std::string name = dies ? "dies" : "lives";
    SCOPED_TRACE(name);
    const auto queue = address(name);
    auto a = host();
    auto b = host();
    auto c = host();
    Observer observer(b, queue);
    a.wire().before("insert queues", [&] {
      ASSERT_TRUE(b.create_queue(queue));
      ASSERT_TRUE(b.post(queue, {"1", "2"}));
      observer.poll();
      ASSERT_TRUE(b.remove_queue(queue));
      a.wire().before("find removed_queues", [&] {
        ASSERT_TRUE(c.post(queue, {"3"}));
        if (dies) a.wire().die_after(0);
      });
    });
    EXPECT_EQ(a.create_queue(queue).has_value(), !dies);
    ASSERT_TRUE(c.post(queue, {"4"}));
    EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3", "4"));
  }
}

/// Those notes of removed queues go that are of no use to queues made from now on.
TEST_P(MongodbHosts, a_maker_that_dies_or_is_held_up_for_hours_makes_a_queue_behind_its_markers) {
  for (const bool dies : {false, true}) {
    const std::string name = dies ? "dies" : "lives";
    SCOPED_TRACE(name);
    const auto queue = address(name);
    auto a = host();
    auto b = host();
    Observer observer(b, queue);
    const auto notes = options().placement.removed_queues();
    a.wire().before("insert queues", [&] {
      ASSERT_TRUE(b.create_queue(queue));
      ASSERT_TRUE(b.post(queue, {"1", "2"}));
      observer.poll();
      ASSERT_TRUE(b.remove_queue(queue));
      if (!dies) return hours_pass(notes);
      a.wire().before("find removed_queues", [&] { a.wire().die_after(0); });
    });
    EXPECT_EQ(a.create_queue(queue).has_value(), !dies);
    if (dies) hours_pass(notes);
    ASSERT_TRUE(b.post(queue, {"3"}));
    EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
  }
}

/// One whose maker has died is to be finished by whoever reads it, and then read again. A few times
/// it may be another one then.
TEST_P(MongodbHosts, a_queue_that_is_another_unfinished_one_at_every_look_is_given_up_in_the_end) {
  const auto queue = address("q");
  auto a = host();
  int times = 0;  // that are left
  std::function<void()> make_anew = [&] {
    const auto queues = options().placement.queues();
    write_to(queues,
             {.kind = Write::Kind::remove_many, .filter = {{"p_q", "project/q"}}, .change = {}});
    const auto id = make_id();
    const auto pending = list_of(mongodb::PendingPost::beginning_of(id));
    write_to(queues, {.kind = Write::Kind::insert,
                      .filter = {},
                      .change = mongodb::queue_document(id, "project/q", {}, 1, pending)});
    if (--times > 0) a.wire().before("find queues", make_anew);
  };
  const auto list = [&](int times_made_anew) {
    times = times_made_anew;
    a.wire().before("find queues", make_anew);
    Call call(base::Patience::may_wait);
    return a.store().messages().list(call, queue, {.after = {}, .limit = 10});
  };
  EXPECT_TRUE(list(3));
  constexpr int kMoreThanAnybodyTries = 100;
  const auto given_up = list(kMoreThanAnybodyTries);
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().kind, base::ErrorKind::unavailable);
  EXPECT_THAT(given_up.error().description, HasSubstr("first post stays unfinished"));
  EXPECT_GT(times, 0);
  a.wire().before("", nullptr);
  ASSERT_TRUE(a.post(queue, {"1"}));
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1"));
}

/// Others know by its id what they have read of a queue.
TEST_P(MongodbHosts, a_queue_made_again_as_the_answer_was_lost_goes_on_behind_its_markers) {
  const auto queue = address("q");
  auto a = host();
  auto b = host();
  auto c = host();
  Observer observer(b, queue);
  a.wire().break_at("insert queues", [&] {
    EXPECT_THAT(bodies(c.list(queue)), ElementsAre());
    ASSERT_TRUE(b.remove_queue(queue));
    ASSERT_TRUE(b.create_queue(queue));
    ASSERT_TRUE(b.post(queue, {"1", "2"}));
    observer.poll();
    ASSERT_TRUE(b.remove_queue(queue));
    a.wire().before("update queues", [&] { ASSERT_TRUE(c.post(queue, {"3"})); });
  });
  EXPECT_TRUE(a.create_queue(queue).value());
  ASSERT_TRUE(c.post(queue, {"4"}));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3", "4"));
}

TEST_P(MongodbHosts, a_queue_made_while_another_host_removes_it_goes_on_behind_its_markers) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  Observer observer(b, queue);
  ASSERT_TRUE(b.post(queue, {"1", "2"}));
  observer.poll();
  a.wire().before("insert queues", [&] { ASSERT_TRUE(b.remove_queue(queue)); });
  ASSERT_TRUE(a.create_queue(queue));
  ASSERT_TRUE(b.post(queue, {"3"}));
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
}

TEST_P(MongodbHosts, whoever_made_a_queue_is_told_so_though_the_answer_had_to_be_asked_for_again) {
  const auto queue = address("q");
  auto a = host();
  a.wire().break_at("insert queues");
  EXPECT_TRUE(a.create_queue(queue).value());
  EXPECT_FALSE(a.create_queue(queue).value());
}

TEST_P(MongodbHosts, a_queue_can_be_removed_by_two_at_once) {
  const auto queue = new_queue("q");
  auto a = host();
  a.wire().refuse("update removed_queues");  // both would insert the note
  EXPECT_TRUE(a.remove_queue(queue));
  EXPECT_FALSE(exists(queue));
}

TEST_P(MongodbHosts, a_dead_letter_takes_a_place_behind_what_observers_have_seen) {
  new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  const auto queue = address("q");
  const auto dead = new_queue("dead");
  auto a = host();
  Observer observer(a, dead);
  ASSERT_TRUE(a.post(queue, {"letter"}));
  ASSERT_TRUE(a.post(dead, {"1", "2", "3"}));
  observer.poll();
  ASSERT_TRUE(a.claim(queue).value());
  advance(301s);
  EXPECT_FALSE(a.claim(queue).value());
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3", "letter"));
}

using Steps = std::vector<std::string>;

/// Runs `act` before the last of these commands, if they are sent one after the other.
void before_last(Wire& wire, const Steps& steps, const std::function<void()>& act) {
  wire.before(steps.front(), [&wire, steps, act] {
    if (steps.size() == 1) return act();
    before_last(wire, {steps.begin() + 1, steps.end()}, act);
  });
}

TEST_P(MongodbHosts, an_observer_who_comes_by_while_a_mover_dies_sees_the_letter_once) {
  // Up to the write that moves the letter, or to the end of the transaction with that write.
  const bool by_commit_record = !(options().placement.fifo && options().mixed_operation);
  const std::vector<Steps> where =
      has_transactions() ? std::vector<Steps>{{"modify queues"}, {"update messages"}, {"commit"}}
      : by_commit_record ? std::vector<Steps>{{"update messages"},
                                              {"modify queues"},
                                              {"modify queues", "find messages"},
                                              {"modify queues", "update messages"}}
                         : std::vector<Steps>{{"update messages"}};
  for (const auto& steps : where) {
    const auto name = std::to_string(steps.size()) + steps.back().substr(0, 3);
    SCOPED_TRACE(name);
    const auto dead = new_queue(name + "dead");
    const auto queue =
        new_queue(name, R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + name + R"(dead"})");
    auto a = host();
    auto b = host();
    Observer observer(b, queue);
    ASSERT_TRUE(b.post(queue, {"letter", "other"}));
    ASSERT_TRUE(b.claim(queue, 1).value());
    advance(301s);
    before_last(a.wire(), steps, [&] {
      observer.poll();
      a.wire().die_after(0);
    });
    (void)a.claim(queue, 1);
    ASSERT_TRUE(a.wire().dead()) << "it does without this step";
    EXPECT_THAT(observer.poll(), ElementsAre("letter", "other"));
    advance(301s);
    b.store().collect_garbage();
    EXPECT_THAT(observer.poll(), ElementsAre("letter", "other"));
    (void)b.claim(queue, 1);
    EXPECT_THAT(bodies(b.list(dead)), ElementsAre("letter"));
    EXPECT_THAT(bodies(b.list(queue)), ElementsAre("other"));
  }
}

TEST_P(MongodbHosts, a_message_that_another_claims_for_the_last_time_meanwhile_is_moved) {
  const auto dead = new_queue("dead");
  const auto queue = new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(b.post(queue, {"1", "2"}));
  a.wire().before("update messages", [&] {
    const auto last = b.claim(queue, 1).value();
    ASSERT_TRUE(last);
    release(queue, last->id);
  });
  EXPECT_THAT(bodies(a.claim(queue, 2).value()->messages), ElementsAre("2"));
  EXPECT_THAT(bodies(b.list(dead)), ElementsAre("1"));
}

TEST_P(MongodbHosts, a_letter_that_somebody_deletes_or_takes_under_way_is_not_moved) {
  const auto dead = new_queue("dead");
  const auto queue = new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(b.post(queue, {"1", "2", "3"}));
  ASSERT_TRUE(b.claim(queue, 3).value());
  advance(301s);
  const auto second = b.list(queue)[1].id;
  a.wire().before(
      steps_that_let_others_post().front() == "modify queues" ? "modify queues" : "update messages",
      [&] { ASSERT_TRUE(b.remove(queue, second)); });
  EXPECT_FALSE(a.claim(queue, 3).value());
  EXPECT_THAT(bodies(b.list(dead)), ElementsAre("1", "3"));
  EXPECT_THAT(b.list(queue), SizeIs(0));
}

TEST_P(MongodbHosts, letters_are_moved_though_the_connection_breaks_under_way) {
  if (has_transactions()) GTEST_SKIP() << "no write is made twice inside of a transaction";
  for (const bool one_by_one : {false, true}) {
    SCOPED_TRACE(one_by_one ? "for one letter" : "for all at once");
    const std::string name = one_by_one ? "one" : "all";
    const auto dead = new_queue(name + "dead");
    const auto queue =
        new_queue(name, R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + name + R"(dead"})");
    auto a = host({.one_by_one = one_by_one});
    ASSERT_TRUE(a.post(queue, {"1", "2", "3"}));
    ASSERT_TRUE(a.claim(queue, 2).value());
    advance(301s);
    a.wire().break_at("update messages");
    EXPECT_FALSE(a.claim(queue, 2).value()) << "letters count towards the limit";
    EXPECT_THAT(bodies(a.list(dead)), ElementsAre("1", "2"));
    EXPECT_THAT(bodies(a.list(queue)), ElementsAre("3"));
  }
}

TEST_P(MongodbHosts, a_letter_survives_that_its_queue_is_removed_and_its_mover_dies) {
  const auto dead = new_queue("dead");
  const auto queue = new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(b.post(queue, {"letter"}));
  ASSERT_TRUE(b.claim(queue).value());
  advance(301s);
  a.wire().before(has_transactions() ? "modify queues" : "update messages", [&] {
    ASSERT_TRUE(b.remove_queue(dead));
    a.wire().before("insert queues", [&] { a.wire().die_after(0); });
  });
  ASSERT_FALSE(a.claim(queue));
  ASSERT_TRUE(a.wire().dead());
  b.store().collect_garbage();
  EXPECT_THAT(bodies(b.list(queue)), ElementsAre("letter"));
  EXPECT_FALSE(b.claim(queue).value());
  EXPECT_THAT(bodies(b.list(dead)), ElementsAre("letter"));
}

/// Where markers are unique; the poster that is in the way may never go on.
TEST_P(MongodbHosts, letters_whose_place_is_taken_take_a_later_one) {
  if (steps_that_let_others_post().size() < 3) GTEST_SKIP() << "their places are never taken";
  const auto dead = new_queue("dead");
  const auto queue = new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  auto a = host();
  auto b = host();
  Observer observer(b, dead);
  ASSERT_TRUE(b.post(queue, {"1", "2", "3"}));
  ASSERT_TRUE(b.claim(queue, 3).value());
  advance(301s);
  const auto next =
      mongodb::integer_at(other_host()
                              .find_one(options().placement.queues(), {{"p_q", "project/dead"}})
                              ->value()
                              .view(),
                          "c.v");
  a.wire().before("modify queues", [&] {
    const auto draft = mongodb::Draft::of({.body = "x", .ttl_seconds = 3600, .checksum = ""}, kBob,
                                          make_id(), mongodb::Moment(clock().utc_now()));
    write_to(messages(), {.kind = Write::Kind::insert,
                          .filter = {},
                          .change = message_document(draft, "project/dead", next + 1, make_id())});
  });
  EXPECT_FALSE(a.claim(queue, 3).value());
  EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(b.list(queue), SizeIs(0));
}

/// So many that the counter of each claim lies within them, if it goes by the one before.
TEST_P(MongodbHosts, what_a_dead_poster_left_in_the_way_keeps_no_worker_from_its_messages) {
  if (steps_that_let_others_post().size() < 3) GTEST_SKIP() << "nobody leaves anything in the way";
  const auto dead = new_queue("dead");
  const auto queue = new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"worn"}));
  ASSERT_TRUE(a.claim(queue).value());
  ASSERT_TRUE(a.post(queue, {"fresh"}));
  advance(301s);
  ASSERT_TRUE(a.post(dead, {"0"}));
  auto poster = host();
  poster.wire().before("modify queues", [&] { poster.wire().die_after(0); });
  ASSERT_FALSE(poster.post(dead, numbers(9)));
  EXPECT_FALSE(a.claim(queue, 1).value());
  EXPECT_THAT(bodies(a.list(dead)), ElementsAre("0", "worn"));
  EXPECT_THAT(bodies(a.claim(queue, 1).value()->messages), ElementsAre("fresh"));
}

TEST_P(MongodbHosts, a_claim_tells_its_age_when_making_it_took_time) {
  const auto queue = new_queue("q");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  a.wire().before("update messages", [&] { advance(20s); });
  const auto claim = a.claim(queue).value();
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->age_seconds, 20);
  Call call(base::Patience::may_wait);
  EXPECT_EQ(a.store().claims().get(call, queue, claim->id)->age_seconds, 20);
}

TEST_P(MongodbHosts, a_claim_that_ends_while_it_is_made_gives_nobody_a_message) {
  const auto queue = new_queue("q");
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  a.wire().before("update messages", [&] { advance(301s); });
  EXPECT_FALSE(a.claim(queue).value());
  EXPECT_THAT(bodies(b.claim(queue).value()->messages), ElementsAre("1"));
}

/// A host of the reference service changes the marks on messages only.
TEST_P(MongodbHosts, a_claim_that_another_service_has_renewed_can_be_renewed_here) {
  const auto queue = new_queue("q");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  const auto claim = a.claim(queue).value();
  write_to(messages(), {.kind = Write::Kind::update_many,
                        .filter = {{"p_q", "project/q"}},
                        .change = {{"$inc", Document{{"c.e", 600}}}}});
  advance(301s);
  Call call(base::Patience::may_wait);
  ASSERT_TRUE(a.store().claims().renew(call, queue, claim->id, {500, 60}));
  advance(20s);
  ASSERT_TRUE(a.remove(queue, claim->messages[0].id, claim->id));
  const auto left = a.store().claims().get(call, queue, claim->id);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->ttl_seconds, 500);
  EXPECT_EQ(left->age_seconds, 20);
  EXPECT_THAT(left->messages, SizeIs(0));
}

TEST_P(MongodbHosts, a_claim_of_another_service_can_be_renewed_by_two_at_once) {
  const auto queue = new_queue("q");
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"1"}));
  const auto id = make_id();
  write_to(messages(), {.kind = Write::Kind::update_many,
                        .filter = {{"p_q", "project/q"}},
                        .change = {{"$set", Document{{"c.id", id},
                                                     {"c.t", 300},
                                                     {"c.e", clock().utc_now() / 1000 + 300}}}}});
  Call call(base::Patience::may_wait);
  a.wire().refuse("update claims");  // both would insert the record
  EXPECT_TRUE(a.store().claims().renew(call, queue, {id.to_string()}, {500, 60}));
  EXPECT_EQ(a.store().claims().get(call, queue, {id.to_string()})->ttl_seconds, 500);
}

TEST_P(MongodbHosts, a_purge_between_the_steps_of_a_post_leaves_it_whole) {
  for (const auto& step : steps_that_let_others_post()) {
    SCOPED_TRACE(step);
    const auto queue = new_queue(step.substr(0, 3));
    auto a = host();
    auto b = host();
    ASSERT_TRUE(b.post(queue, {"before"}));
    a.wire().before(step, [&] {
      // The counter comes to lie between the markers of the post.
      ASSERT_TRUE(b.post(queue, {"x", "y"}));
      ASSERT_TRUE(b.purge(queue));
    });
    ASSERT_TRUE(a.post(queue, {"1", "2", "3", "4", "5"}));
    const auto left = bodies(b.list(queue));
    // If the purge comes after the commit it is right that nothing is left.
    if (!left.empty()) EXPECT_THAT(left, ElementsAre("1", "2", "3", "4", "5"));
  }
}

INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbHosts, testing::Values(kPlain, kFifo, kSharedFifo),
                         name_of);

class SpreadMongodbHosts : public MongodbHosts {
 public:
  /// A name in another partition than that of queue `q`.
  [[nodiscard]] std::string name_elsewhere() {
    for (int number = 0;; ++number) {
      auto name = "dead" + std::to_string(number);
      if (options().placement.messages("project/" + name).database != messages().database) {
        return name;
      }
    }
  }

  /// The next name after this number that shares the partition of queue `q`.
  [[nodiscard]] std::string name_beside_q(int& number) {
    for (;;) {
      auto name = "q" + std::to_string(number++);
      if (options().placement.messages("project/" + name).database == messages().database) {
        return name;
      }
    }
  }

  /// Writes a copy of a message of queue `q` to another partition, for all to see; returns its id.
  mongodb::ObjectId copy_of(const MessageId& id, const std::string& scope, std::int64_t marker) {
    const auto original =
        other_host().find_one(messages(), {{"_id", mongodb::ObjectId::from(id.text).value()}});
    const auto draft = mongodb::Draft::of(original.value().value().view());
    write_to(options().placement.messages(scope),
             {.kind = Write::Kind::insert,
              .filter = {},
              .change = message_document(draft, scope, marker, std::nullopt)});
    return draft.id;
  }
};

TEST_P(SpreadMongodbHosts, dead_letters_survive_the_removal_of_their_queue_by_another_host) {
  const auto elsewhere = name_elsewhere();
  const auto queue =
      new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + elsewhere + R"("})");
  const auto dead = new_queue(elsewhere);
  auto a = host();
  auto b = host();
  ASSERT_TRUE(a.post(dead, {"a knows this queue"}));
  ASSERT_TRUE(a.post(queue, {"1", "2"}));
  ASSERT_TRUE(a.claim(queue).value());
  ASSERT_TRUE(b.remove_queue(dead));
  advance(301s);
  EXPECT_FALSE(a.claim(queue).value());
  EXPECT_THAT(bodies(b.list(dead)), ElementsAre("1", "2"));
  EXPECT_THAT(b.list(queue), SizeIs(0));
}

/// A host of the reference service copies letters first and removes the originals then.
TEST_P(SpreadMongodbHosts, a_letter_whose_copy_is_there_already_holds_nobody_up) {
  const auto elsewhere = name_elsewhere();
  const auto queue =
      new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + elsewhere + R"("})");
  const auto dead = new_queue(elsewhere);
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"1", "2", "3"}));
  ASSERT_TRUE(a.claim(queue, 2).value());
  advance(301s);
  const auto copied = copy_of(a.list(queue)[0].id, "project/" + elsewhere, 7);
  a.wire().clear();
  EXPECT_THAT(bodies(a.claim(queue, 3).value()->messages), ElementsAre("3"));
  EXPECT_LT(a.wire().sent().size(), 40U) << "it goes on trying";
  EXPECT_THAT(bodies(a.list(dead)), ElementsAre("1", "2"));
  EXPECT_EQ(a.list(dead)[0].marker.value, 7U) << "observers may have seen the copy";
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("3"));
}

/// Longer than its hold lasts, so that another takes the letter over.
TEST_P(SpreadMongodbHosts, a_letter_whose_mover_was_held_up_is_delivered_once) {
  if (has_transactions()) GTEST_SKIP() << "nobody gets in between";
  const bool by_commit = steps_that_let_others_post().size() == 3;
  const auto elsewhere = name_elsewhere();
  const auto dead = address(elsewhere);
  new_queue(elsewhere);
  int number = 0;
  // While it looks at the target, when it is about to copy, when it is about to commit.
  for (const std::string step : {"remove messages", "insert messages", "modify queues"}) {
    if (step != "remove messages" && !by_commit) continue;
    for (const bool consumed : {true, false}) {
      SCOPED_TRACE(step + (consumed ? ", consumed meanwhile" : ""));
      const auto name = name_beside_q(number);
      const auto queue = new_queue(
          name, R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + elsewhere + R"("})");
      auto a = host();
      auto b = host();
      ASSERT_TRUE(a.post(queue, {"1", "2"}));
      ASSERT_TRUE(a.claim(queue).value());
      advance(301s);
      a.wire().clear();
      a.wire().before(step, [&] {
        advance(61s);
        ASSERT_FALSE(b.claim(queue).value());
        if (!consumed) return;
        for (const auto& letter : b.list(dead)) ASSERT_TRUE(b.remove(dead, letter.id));
      });
      EXPECT_FALSE(a.claim(queue).value());
      EXPECT_LT(a.wire().sent().size(), 40U) << "it goes on trying";
      EXPECT_THAT(a.list(queue), SizeIs(0));
      EXPECT_THAT(bodies(a.list(dead)), ElementsAreArray(consumed ? Bodies() : numbers(2)));
      ASSERT_TRUE(b.purge(dead));
    }
  }
}

/// Two queues that are each other's dead-letter queues: what is at the target is an original.
TEST_P(SpreadMongodbHosts, a_letter_whose_copy_is_itself_about_to_leave_stays_for_so_long) {
  const auto elsewhere = name_elsewhere();
  const auto queue =
      new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + elsewhere + R"("})");
  const auto dead = new_queue(elsewhere);
  auto a = host();
  ASSERT_TRUE(a.post(queue, {"1", "2"}));
  ASSERT_TRUE(a.claim(queue, 1).value());
  advance(301s);
  const auto there = copy_of(a.list(queue)[0].id, "project/" + elsewhere, 7);
  const auto now = clock().utc_now() / 1000;
  const auto mover = make_id();
  write_to(options().placement.messages("project/" + elsewhere),
           {.kind = Write::Kind::update_one,
            .filter = {{"_id", there}},
            .change = {{"$set", Document{{"c.id", mover}, {"c.e", now + 60}, {"l", mover}}}}});
  a.wire().clear();
  EXPECT_THAT(bodies(a.claim(queue, 2).value()->messages), ElementsAre("2"));
  EXPECT_LT(a.wire().sent().size(), 40U) << "it goes on trying";
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("1", "2"));
  advance(61s);  // its mover is dead
  EXPECT_FALSE(a.claim(queue, 2).value());
  EXPECT_THAT(bodies(a.list(queue)), ElementsAre("2"));
  EXPECT_THAT(bodies(a.list(dead)), ElementsAre("1"));
  EXPECT_THAT(bodies(a.claim(dead).value()->messages), ElementsAre("1"));
}

/// A mover that died leaves its mark on a letter. What holds the letter later is no mover.
TEST_P(SpreadMongodbHosts, a_copy_that_a_worker_holds_is_not_taken_for_one_about_to_leave) {
  const auto elsewhere = name_elsewhere();
  const auto queue =
      new_queue("q", R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + elsewhere + R"("})");
  const auto dead = new_queue(elsewhere);
  auto a = host();
  auto worker = host();
  ASSERT_TRUE(a.post(dead, {"0"}));
  ASSERT_TRUE(a.post(queue, {"1", "2"}));
  ASSERT_TRUE(a.claim(queue, 1).value());
  advance(301s);
  const auto copied = copy_of(a.list(queue)[0].id, "project/" + elsewhere, 0);
  write_to(options().placement.messages("project/" + elsewhere),
           {.kind = Write::Kind::update_one,
            .filter = {{"_id", copied}},
            .change = {{"$set", Document{{"l", make_id()}}}}});
  const auto held = worker.claim(dead, 1).value();
  ASSERT_THAT(bodies(held->messages), ElementsAre("1"));
  EXPECT_THAT(bodies(a.claim(queue, 2).value()->messages), ElementsAre("2"));
  ASSERT_TRUE(worker.remove(dead, held->messages[0].id, held->id));
  advance(301s);
  EXPECT_FALSE(a.claim(queue).value());
  EXPECT_THAT(bodies(a.list(dead)), ElementsAre("0", "2")) << "the worker has done with it";
}

INSTANTIATE_TEST_SUITE_P(
    Mongodb, SpreadMongodbHosts,
    testing::Values(setting("spread", {.partitions = 7}),
                    setting("spreadfifo",
                            {.partitions = 7, .fifo = true, .mixed_operation = false}),
                    setting("sharedspreadfifo", {.partitions = 7, .fifo = true})),
    name_of);

}  // namespace

}  // namespace marconi::storage::contract
