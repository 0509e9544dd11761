// Work cut into parts and done over several connections at a time.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "http_client.h"

namespace marconi::scale {

/// What all long pieces of work are told.
struct Bulk {
  std::uint16_t port = 0;
  unsigned connections = 4;
  std::uint64_t count = 0;  ///< messages or queues in all
  std::uint64_t part = 1;   ///< how many of them are done at a time
};

/// The worker of one connection: does the part [begin, end).
using Worker = std::function<void(HttpClient& client, std::uint64_t begin, std::uint64_t end)>;

/// Runs a thread per connection, each with a worker of its own made by `make_worker(number)`. The
/// threads take the parts in order. Shows progress. Throws the first Failure of any of them.
void run_bulk(const std::string& what, const Bulk& bulk,
              const std::function<Worker(unsigned number)>& make_worker);

}  // namespace marconi::scale
