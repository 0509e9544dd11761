#include "observability/repeat_limit.h"

#include <gtest/gtest.h>

#include <string>

namespace marconi::observability {
namespace {

using namespace std::chrono_literals;

Record line(std::string_view message) { return {Level::warning, "room", message, {}, {}}; }

TEST(RepeatLimit, passes_a_burst_then_counts_what_it_leaves_out) {
  base::ManualClock clock(0);
  RepeatLimit limit(clock, 2, 10s);
  EXPECT_EQ(limit.admit(line("a")), 0U);
  EXPECT_EQ(limit.admit(line("a")), 0U);
  EXPECT_FALSE(limit.admit(line("a")));
  EXPECT_FALSE(limit.admit(line("a")));
  clock.advance(10s);
  EXPECT_EQ(limit.admit(line("a")), 2U);
  EXPECT_EQ(limit.admit(line("a")), 0U);
}

TEST(RepeatLimit, other_lines_are_not_affected) {
  base::ManualClock clock(0);
  RepeatLimit limit(clock, 1, 10s);
  EXPECT_EQ(limit.admit(line("a")), 0U);
  EXPECT_FALSE(limit.admit(line("a")));
  EXPECT_EQ(limit.admit(line("b")), 0U);
  EXPECT_EQ(limit.admit({Level::error, "room", "a", {}, {}}), 0U);
  EXPECT_EQ(limit.admit({Level::warning, "other", "a", {}, {}}), 0U);
}

TEST(RepeatLimit, passes_everything_once_there_are_too_many_different_lines) {
  base::ManualClock clock(0);
  RepeatLimit limit(clock, 1, 10s);
  for (int i = 0; i < 2000; ++i) EXPECT_TRUE(limit.admit(line(std::to_string(i))));
  EXPECT_FALSE(limit.admit(line("0")));
  EXPECT_TRUE(limit.admit(line("1999")));
  clock.advance(10s);
  EXPECT_TRUE(limit.admit(line("1999")));
  EXPECT_FALSE(limit.admit(line("1999")));
}

}  // namespace
}  // namespace marconi::observability
