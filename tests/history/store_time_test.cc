#include "history/store_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marconi::history {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;

constexpr Time kHour = 3600 * kSecond;

auto step_of(Time least, Time most) {
  return AllOf(Field(&ClockStep::least, least), Field(&ClockStep::most, most));
}

TEST(StoreTime, follows_the_wall_clock_forward) {
  StoreTime time;
  time.moved(10 * kSecond, kHour);
  time.seen(11 * kSecond);
  EXPECT_THAT(time.steps(), ElementsAre(step_of(kHour, kHour)));
}

TEST(StoreTime, does_not_follow_it_back) {
  StoreTime time;
  time.moved(10 * kSecond, kHour);
  time.seen(11 * kSecond);
  time.moved(12 * kSecond, 0);
  time.seen(13 * kSecond);
  time.moved(14 * kSecond, kHour);
  time.seen(15 * kSecond);
  EXPECT_THAT(time.steps(), ElementsAre(step_of(kHour, kHour)));
}

TEST(StoreTime, may_or_may_not_notice_a_step_that_is_taken_back) {
  StoreTime time;
  time.moved(10 * kSecond, kHour);
  time.moved(11 * kSecond, 0);
  time.seen(12 * kSecond);
  EXPECT_THAT(time.steps(), ElementsAre(step_of(0, kHour)));
}

TEST(StoreTime, a_death_costs_nothing_while_the_wall_clock_is_not_behind) {
  StoreTime time;
  time.died(10 * kSecond);
  time.seen(15 * kSecond);
  EXPECT_THAT(time.steps(), IsEmpty());
}

TEST(StoreTime, a_death_costs_the_time_it_lasts_and_what_was_not_written_down) {
  StoreTime time;
  time.moved(10 * kSecond, kHour);
  time.seen(11 * kSecond);
  time.moved(12 * kSecond, 0);
  time.seen(13 * kSecond);
  time.died(20 * kSecond);
  time.seen(25 * kSecond);
  ASSERT_EQ(time.steps().size(), 2U);
  EXPECT_THAT(time.steps()[1].least, AllOf(Le(-6 * kSecond), Ge(-7 * kSecond)));
  EXPECT_EQ(time.steps()[1].most, 0);
}

TEST(StoreTime, a_step_forward_during_death_counts_from_where_the_clock_may_have_been) {
  StoreTime time;
  time.died(20 * kSecond);
  time.moved(21 * kSecond, kHour);
  time.seen(25 * kSecond);
  EXPECT_THAT(time.steps(), ElementsAre(step_of(kHour, kHour)));
}

}  // namespace
}  // namespace marconi::history
