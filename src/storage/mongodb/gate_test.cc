#include "storage/mongodb/gate.h"

#include <gmock/gmock.h>

#include "observability/memory_log.h"

namespace marconi::storage::mongodb {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class GateTest : public testing::Test {
 protected:
  GateTest() { gate_.enter(now_).value().reached(); }

  void fail() { gate_.enter(now_).value().in_vain("no suitable servers", now_); }

  observability::MemoryLog log_;
  Gate gate_{&log_, "message_store"};
  Gate::Time now_{1h};
};

TEST_F(GateTest, lets_everybody_in_while_servers_answer) {
  const auto one = gate_.enter(now_);
  const auto other = gate_.enter(now_);
  EXPECT_TRUE(one && other);
  EXPECT_TRUE(gate_.is_open());
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(GateTest, turns_callers_away_once_one_has_waited_in_vain) {
  fail();
  EXPECT_FALSE(gate_.is_open());
  const auto refused = gate_.enter(now_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::unavailable);
  EXPECT_THAT(refused.error().description, HasSubstr("no suitable servers"));
}

TEST_F(GateTest, lets_a_single_caller_try_after_a_pause) {
  fail();
  now_ += Gate::kPause;
  {
    const auto trying = gate_.enter(now_);
    EXPECT_TRUE(trying);
    EXPECT_FALSE(gate_.enter(now_));
  }
  EXPECT_TRUE(gate_.enter(now_)) << "the one before told nothing";
}

TEST_F(GateTest, opens_when_a_server_answers) {
  fail();
  now_ += Gate::kPause;
  gate_.enter(now_).value().reached();
  EXPECT_TRUE(gate_.enter(now_) && gate_.enter(now_));
}

TEST_F(GateTest, stays_open_if_others_were_answered_while_one_waited_in_vain) {
  auto waiting = gate_.enter(now_);
  gate_.enter(now_).value().reached();
  waiting->in_vain("no suitable servers", now_);
  EXPECT_TRUE(gate_.is_open());
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(GateTest, stays_open_if_one_waited_in_vain_since_before_it_opened) {
  auto waiting = gate_.enter(now_);
  fail();
  now_ += Gate::kPause;
  gate_.enter(now_).value().reached();
  waiting->in_vain("no suitable servers", now_);
  EXPECT_TRUE(gate_.is_open());
  EXPECT_THAT(log_.lines(), SizeIs(2)) << "away, and back";
}

TEST_F(GateTest, says_once_that_the_database_is_away_and_once_that_it_is_back) {
  for (int i = 0; i < 3; ++i) {
    fail();
    now_ += Gate::kPause;
  }
  gate_.enter(now_).value().reached();
  gate_.enter(now_).value().reached();
  EXPECT_THAT(
      log_.lines(),
      ElementsAre(
          HasSubstr("error storage/mongodb: the database is away store=message_store reason="),
          "info storage/mongodb: the database answers again store=message_store"));
}

TEST(Gate, leaves_it_to_the_start_up_to_tell_that_no_server_was_ever_reached) {
  observability::MemoryLog log;
  Gate gate(&log, "message_store");
  gate.enter({}).value().in_vain("no suitable servers", {});
  EXPECT_THAT(log.lines(), IsEmpty());
}

}  // namespace

}  // namespace marconi::storage::mongodb
