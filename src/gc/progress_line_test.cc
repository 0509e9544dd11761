#include "gc/progress_line.h"

#include <gtest/gtest.h>

#include <sstream>

namespace marconi::gc {
namespace {

using namespace std::chrono_literals;

class ProgressLineTest : public testing::Test {
 protected:
  std::string take() {
    auto text = terminal_.str();
    terminal_.str("");
    return text;
  }

  std::ostringstream terminal_;
  base::ManualClock clock_{1'900'000'000'000};
  ProgressLine line_{terminal_, clock_};
};

TEST_F(ProgressLineTest, shows_how_far_the_pass_is_in_one_line) {
  line_.on_progress({.queues = 12,
                     .expired_messages = 3,
                     .orphaned_messages = 4,
                     .completed_posts = 5,
                     .raised_counters = 7});
  EXPECT_EQ(take(), "\r\x1b[K12 queues; removed: 3 expired, 4 orphaned; repaired: 12");
}

TEST_F(ProgressLineTest, is_written_some_times_a_second_however_often_it_changes) {
  line_.on_progress({.queues = 1});
  EXPECT_NE(take(), "");
  line_.on_progress({.queues = 2});
  EXPECT_EQ(take(), "");
  clock_.advance(200ms);
  line_.on_progress({.queues = 3});
  EXPECT_NE(take(), "");
}

TEST_F(ProgressLineTest, is_gone_at_the_end_of_the_pass) {
  line_.on_progress({});
  take();
  line_.on_end({});
  EXPECT_EQ(take(), "\r\x1b[K");
}

}  // namespace
}  // namespace marconi::gc
