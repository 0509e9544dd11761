#include "net/processors.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace marconi::net {

std::size_t usable_processors() {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  // Fails on a machine with more processors than the set can name.
  if (::sched_getaffinity(0, sizeof processors, &processors) != 0) {
    return std::max(std::thread::hardware_concurrency(), 1U);
  }
  return static_cast<std::size_t>(CPU_COUNT(&processors));
}

}  // namespace marconi::net
