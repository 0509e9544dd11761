#include "siege/processors.h"

#include <sched.h>
#include <unistd.h>

#include <cstddef>

namespace marconi::siege {

void move_to(Side side) {
  const long count = ::sysconf(_SC_NPROCESSORS_ONLN);
  if (count < 2) return;
  cpu_set_t processors;
  CPU_ZERO(&processors);
  for (long i = 0; i < count; ++i) {
    const Side its = i < count / 2 ? Side::server : Side::clients;
    if (its == side) CPU_SET(static_cast<std::size_t>(i), &processors);
  }
  ::sched_setaffinity(0, sizeof processors, &processors);
}

}  // namespace marconi::siege
