#include "base/thread_turns.h"

#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace marconi::base {

namespace {

// The shortest and the longest there are: sched(7). The scheduler lets a thread that is woken
// interrupt one of longer turns, and runs first whose turn would end first.
constexpr std::uint64_t kShortNanoseconds = 100'000;
constexpr std::uint64_t kLongNanoseconds = 100'000'000;

void take_turns_of(std::uint64_t nanoseconds) {
  sched_attr attributes{};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.sched_runtime = nanoseconds;
  (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

void run_promptly() { take_turns_of(kShortNanoseconds); }
void run_patiently() { take_turns_of(kLongNanoseconds); }

}  // namespace marconi::base
