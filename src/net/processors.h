// The processors that the process may run on.
#pragma once

#include <cstddef>

namespace marconi::net {

/// How many processors the calling thread may run on, at least 1. An administrator, a container or
/// `taskset` may have set it to fewer than the machine has; more busy threads than that would only
/// wait for each other.
[[nodiscard]] std::size_t usable_processors();

}  // namespace marconi::net
