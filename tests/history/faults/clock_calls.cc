// The calls of the C library that read or wait for the wall clock, with the page's offset on it.
// Monotonic clocks are left alone.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "history/faults/injector.h"

namespace marconi::history::faults {
namespace {

constexpr std::int64_t kNanos = 1'000'000'000;

std::int64_t offset() {
  const ControlPage* control = page();
  return control == nullptr ? 0 : control->clock_offset.load(std::memory_order_relaxed);
}

void move(timespec& time, std::int64_t by) {
  const std::int64_t nanos = time.tv_nsec + by % kNanos + kNanos;  // never negative
  time.tv_sec += by / kNanos + nanos / kNanos - 1;
  time.tv_nsec = nanos % kNanos;
}

// The C library's own, which ask no kernel. Looked up by a constructor and not at their first use:
// looking up allocates, and a sanitizer's allocator reads the clock.
std::atomic<decltype(&clock_gettime)> library_clock_gettime;
std::atomic<decltype(&pthread_cond_timedwait)> library_cond_timedwait;

[[gnu::constructor]] void look_up() {
  library_clock_gettime =
      reinterpret_cast<decltype(&clock_gettime)>(::dlsym(RTLD_NEXT, "clock_gettime"));
  library_cond_timedwait = reinterpret_cast<decltype(&pthread_cond_timedwait)>(
      ::dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
}

int real_clock_gettime(clockid_t clock, timespec* time) {
  const auto real = library_clock_gettime.load(std::memory_order_relaxed);
  return real != nullptr ? real(clock, time)
                         : static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
}

timespec wall_clock() {
  timespec now{};
  real_clock_gettime(CLOCK_REALTIME, &now);
  move(now, offset());
  return now;
}

/// glibc keeps the clock of a condition variable in this bit.
bool waits_by_wall_clock(const pthread_cond_t& condition) {
  constexpr unsigned kMonotonic = 2;
  return (condition.__data.__wrefs & kMonotonic) == 0;
}

}  // namespace
}  // namespace marconi::history::faults

using namespace marconi::history::faults;

#pragma GCC visibility push(default)
extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  const int result = real_clock_gettime(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    move(*time, offset());
  }
  return result;
}

int gettimeofday(timeval* time, void*) {
  const timespec now = wall_clock();
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) {
  const timespec now = wall_clock();
  if (result != nullptr) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}

// The kernel waits by the true clock.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  timespec moved = *until;
  if (waits_by_wall_clock(*condition)) {
    move(moved, -offset());
  }
  return library_cond_timedwait.load()(condition, mutex, &moved);
}

}  // extern "C"
#pragma GCC visibility pop
