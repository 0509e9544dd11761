#include "base/wait.h"

#include <condition_variable>
#include <mutex>

namespace marconi::base {

bool wait_unless_stopped(std::chrono::nanoseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any stopped;
  return !stopped.wait_for(lock, stop, duration, [&stop] { return stop.stop_requested(); });
}

}  // namespace marconi::base
