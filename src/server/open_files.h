// How many files and connections the process may have open at once.
#pragma once

#include <cstdint>

namespace marconi::server {

/// Raises the soft limit on open files to the hard one, and returns the limit now in force.
std::uint64_t raise_open_files_limit();

}  // namespace marconi::server
