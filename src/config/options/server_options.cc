#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr auto kGroup = "server";
constexpr double kMaxThreads = 1024;
constexpr double kMaxSeconds = 86'400;
constexpr double kMaxBufferedBytes = 1LL << 40;

Option seconds(std::string_view name, std::int64_t preset, std::string_view effect) {
  return integer(kGroup, name, preset, effect).at_least(1).at_most(kMaxSeconds);
}

}  // namespace

std::vector<Option> server_options() {
  return {
      integer(kGroup, "event_loops", 0,
              "Threads that serve connections; 0: one for each processor that the server may run "
              "on, at most 8.")
          .at_least(0)
          .at_most(kMaxThreads),
      integer(kGroup, "worker_threads", 8,
              "Threads for requests that have to wait for the disk or for MongoDB.")
          .at_least(1)
          .at_most(kMaxThreads),
      integer(
          kGroup, "worker_queue_length", 1024,
          "Requests that may wait for such a thread; more are refused with 503. One client address "
          "may have no more than half of the places that the others leave.")
          .at_least(1)
          .at_most(1'000'000),
      integer(kGroup, "max_header_bytes", 16'384, "The largest request head, in bytes.")
          .at_least(1024)
          .at_most(1 << 20),
      integer(kGroup, "max_target_bytes", 8192, "The largest request target, in bytes.")
          .at_least(256)
          .at_most(1 << 20),
      integer(kGroup, "max_header_fields", 100, "The most header fields of a request.")
          .at_least(10)
          .at_most(10'000),
      integer(kGroup, "max_connections", 10'000,
              "Connections in all; for one more, the longest waiting is closed, or it is refused "
              "with 503.")
          .at_least(1)
          .at_most(1'000'000),
      integer(kGroup, "max_connections_per_peer", 0,
              "Connections from one address; 0: no bound of its own, as behind a load balancer.")
          .at_least(0)
          .at_most(1'000'000),
      integer(kGroup, "max_buffered_bytes", 512 << 20,
              "Memory for large requests being received and large answers not yet taken, of all "
              "connections, in bytes; what would exceed it is refused with 503.")
          .at_least(16 << 20)
          .at_most(kMaxBufferedBytes),
      seconds("header_timeout", 10, "Time for a request head to arrive, from its first byte, s."),
      seconds("body_timeout", 30, "Time for a request body to arrive, s."),
      seconds("idle_timeout", 75, "Time a connection may stay without a request, s."),
      seconds("write_timeout", 30, "Time for a peer to take an answer, s."),
      integer(kGroup, "drain_timeout", 30,
              "Time for running requests to end once the server is told to stop, s.")
          .at_least(0)
          .at_most(kMaxSeconds),
      seconds("retry_after", 5, "What Retry-After of an answer 503 says, s."),
      boolean(kGroup, "access_log", false,
              "Logs a line for every request; answers of 500 and above are logged in any case."),
      integer(kGroup, "garbage_collection_interval", 10,
              "Pause between two passes that clear away what has expired, s. Expiry itself does "
              "not depend on it.")
          .at_least(1)
          .at_most(kMaxSeconds),
  };
}

}  // namespace marconi::config
