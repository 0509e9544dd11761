#include "net/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace marconi::net {
namespace {

TEST(Processors, counts_only_those_that_it_may_run_on) {
  std::size_t counted = 0;
  std::thread confined([&counted] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    if (::sched_setaffinity(0, sizeof one, &one) == 0) counted = usable_processors();
  });
  confined.join();
  EXPECT_EQ(counted, 1U);
}

}  // namespace
}  // namespace marconi::net
