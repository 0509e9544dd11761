// Hosts that die after any of their commands, and answers that are lost. Every test runs for every
// way of posting that the server and the layout allow.
#include <gmock/gmock.h>

#include "storage/mongodb/host_harness.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

class MongodbCrash : public MongodbHosts {};

/// Lets a host die after each of its commands in turn, until it does what it should without dying.
template <class Attempt>
void die_everywhere(MongodbFixture& fixture, const Attempt& attempt) {
  for (int commands = 0; commands < 60; ++commands) {
    SCOPED_TRACE("died after " + std::to_string(commands) + " commands");
    Host host(fixture, {.one_by_one = true});
    host.wire().die_after(commands);
    attempt(host, commands);
    if (!host.wire().dead()) return;
  }
  FAIL() << "it never came through";
}

TEST_P(MongodbCrash, a_post_whose_host_dies_anywhere_is_seen_whole_or_not_at_all) {
  const bool whole = !(options().placement.fifo && options().mixed_operation);
  die_everywhere(mongodb_fixture(), [&](Host& a, int run) {
    const auto queue = new_queue("q" + std::to_string(run));
    post(queue, {"0"});
    const bool acknowledged = a.post(queue, {"1", "2", "3"}).has_value();
    auto b = host();
    Observer observer(b, queue);
    const auto all = ElementsAre("0", "1", "2", "3");
    const auto nothing = ElementsAre("0");
    const Bodies at_once = observer.poll();
    if (acknowledged) {
      EXPECT_THAT(at_once, all);
    } else if (whole) {
      EXPECT_THAT(at_once, AnyOf(all, nothing));
    }
    advance(7s);  // so that the host is taken for dead
    ASSERT_TRUE(b.post(queue, {"4"}));
    b.store().collect_garbage();
    EXPECT_EQ(b.store().collect_garbage(), 0U) << "sweeping must come to an end";
    EXPECT_THAT(observer.poll(), ElementsAreArray(bodies(b.list(queue)))) << "something is missed";
    EXPECT_EQ(observer.poll().back(), "4");
    if (whole) {
      EXPECT_EQ(observer.poll().size(), at_once.size() + 1);
    }
  });
}

TEST_P(MongodbCrash, what_a_dead_host_has_committed_is_completed_by_sweeping_alone) {
  die_everywhere(mongodb_fixture(), [&](Host& a, int run) {
    const auto queue = new_queue("q" + std::to_string(run));
    const bool acknowledged = a.post(queue, {"1", "2", "3"}).has_value();
    advance(7s);
    auto b = host();
    b.store().collect_garbage();
    const auto seen = other_host()
                          .find(options().placement.messages("project/q" + std::to_string(run)),
                                {{"p_q", "project/q" + std::to_string(run)}, {"tx", nullptr}},
                                {.sort = {{"k", 1}}})
                          .value();
    EXPECT_EQ(bodies(b.list(queue)).size(), seen.size());
    if (acknowledged) {
      EXPECT_THAT(seen, SizeIs(3));
    }
  });
}

TEST_P(MongodbCrash, a_queue_whose_remover_dies_anywhere_can_be_removed_and_made_anew) {
  die_everywhere(mongodb_fixture(), [&](Host& a, int run) {
    const auto queue = new_queue("q" + std::to_string(run));
    auto b = host();
    Observer observer(b, queue);
    ASSERT_TRUE(b.post(queue, {"1", "2"}));
    observer.poll();
    (void)a.remove_queue(queue);
    ASSERT_TRUE(b.remove_queue(queue));
    EXPECT_FALSE(exists(queue));
    ASSERT_TRUE(b.create_queue(queue));
    EXPECT_THAT(bodies(b.list(queue)), IsEmpty());
    ASSERT_TRUE(b.post(queue, {"3"}));
    EXPECT_THAT(observer.poll(), ElementsAre("1", "2", "3")) << "markers must go on";
  });
}

TEST_P(MongodbCrash, a_queue_whose_maker_dies_anywhere_is_there_or_not) {
  die_everywhere(mongodb_fixture(), [&](Host& a, int run) {
    const auto queue = address("q" + std::to_string(run));
    const bool made = a.create_queue(queue).has_value();
    auto b = host();
    EXPECT_TRUE(!made || exists(queue));
    (void)b.create_queue(queue);
    EXPECT_TRUE(b.post(queue, {"1"}));
    EXPECT_THAT(bodies(b.list(queue)), ElementsAre("1"));
  });
}

TEST_P(MongodbCrash, a_dead_letter_whose_mover_dies_anywhere_is_not_lost) {
  die_everywhere(mongodb_fixture(), [&](Host& a, int run) {
    const auto name = "q" + std::to_string(run);
    const auto dead = new_queue(name + "dead");
    const auto queue =
        new_queue(name, R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + name + R"(dead"})");
    auto b = host();
    ASSERT_TRUE(b.post(queue, {"letter"}));
    ASSERT_TRUE(b.claim(queue).value());
    advance(301s);
    (void)a.claim(queue);
    advance(301s);
    b.store().collect_garbage();
    // Whoever reads the dead-letter queue completes moves to it.
    const auto there = bodies(b.list(dead));
    const auto here = bodies(b.list(queue));
    EXPECT_EQ(here.size() + there.size(), 1U) << "it has to be in one place";
  });
}

/// The letter's life, posted for an hour, is to be cut to a minute where it goes.
TEST_P(MongodbCrash,
       a_dead_letter_whose_mover_dies_anywhere_is_at_once_in_one_place_with_its_life) {
  die_everywhere(mongodb_fixture(), [&](Host& a, int run) {
    const auto name = "q" + std::to_string(run);
    const auto dead = new_queue(name + "dead");
    const auto queue = new_queue(name, R"({"_max_claim_count": 1, "_dead_letter_queue": ")" + name +
                                           R"(dead", "_dead_letter_queue_messages_ttl": 60})");
    auto b = host();
    ASSERT_TRUE(b.post(queue, {"letter"}));
    ASSERT_TRUE(b.claim(queue).value());
    advance(301s);
    (void)a.claim(queue);
    const bool moved = !b.list(dead).empty();
    const auto left = b.list(queue);
    ASSERT_NE(moved, !left.empty());
    if (!left.empty()) EXPECT_EQ(left[0].ttl_seconds, 3600);
    advance(61s);
    EXPECT_EQ(b.list(queue).size(), moved ? 0U : 1U);
    EXPECT_THAT(b.list(dead), IsEmpty());
    // Whatever the mover left behind, the next one takes the letter along.
    EXPECT_FALSE(b.claim(queue).value());
    EXPECT_EQ(b.list(dead).size(), moved ? 0U : 1U);
    EXPECT_THAT(b.list(queue), IsEmpty());
  });
}

TEST_P(MongodbCrash, a_post_whose_answer_is_lost_is_stored_once) {
  for (const std::string step : {"insert messages", "modify queues", "update messages"}) {
    const auto queue = new_queue(step.substr(0, 3));
    auto a = host();
    ASSERT_TRUE(a.post(queue, {"0"}));
    a.wire().lose_answer(step);
    const bool acknowledged = a.post(queue, {"1", "2"}).has_value();
    auto b = host();
    advance(7s);
    ASSERT_TRUE(b.post(queue, {"3"}));
    if (acknowledged) {
      EXPECT_THAT(bodies(b.list(queue)), ElementsAre("0", "1", "2", "3")) << step;
    } else {
      EXPECT_THAT(bodies(b.list(queue)),
                  AnyOf(ElementsAre("0", "3"), ElementsAre("0", "1", "2", "3")))
          << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Mongodb, MongodbCrash, testing::Values(kPlain, kFifo, kSharedFifo),
                         name_of);

}  // namespace

}  // namespace marconi::storage::contract
