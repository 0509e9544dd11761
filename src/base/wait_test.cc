#include "base/wait.h"

#include <gtest/gtest.h>

#include <thread>

namespace marconi::base {
namespace {

using namespace std::chrono_literals;

TEST(WaitUnlessStopped, lasts_as_long_as_it_is_told) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(wait_unless_stopped(2ms, {}));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
}

TEST(WaitUnlessStopped, ends_when_a_stop_is_requested) {
  std::stop_source source;
  std::jthread stopper([&source] { source.request_stop(); });
  EXPECT_FALSE(wait_unless_stopped(24h, source.get_token()));
}

TEST(WaitUnlessStopped, does_not_begin_after_a_stop) {
  std::stop_source source;
  source.request_stop();
  EXPECT_FALSE(wait_unless_stopped(24h, source.get_token()));
  EXPECT_FALSE(wait_unless_stopped(0s, source.get_token()));
}

}  // namespace
}  // namespace marconi::base
