// What the server says of itself, and what the system says of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <thread>

#include "history/http_client.h"

namespace marconi::siege {

/// The counters of the admin health route, by name.
using ServerCounters = std::map<std::string, std::uint64_t>;

/// Reads them over a new connection each time: one that waits may have to make room. For one
/// thread.
class CountersReader {
 public:
  explicit CountersReader(std::uint16_t port);

  /// Errors are sentences.
  [[nodiscard]] std::expected<ServerCounters, std::string> read();

  /// How often it has read, so how many connections it has opened.
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

 private:
  std::uint64_t connections_ = 0;
  history::HttpClient client_;
};

/// The process that the calling thread started; zero if there is none.
[[nodiscard]] int child_process();

/// The memory that a process has in use, in bytes.
[[nodiscard]] std::uint64_t resident_bytes(int process);

/// Watches a process's memory from a thread of its own.
class MemoryWatch {
 public:
  explicit MemoryWatch(int process);
  /// Ends the watch and says the most that was seen, in bytes.
  [[nodiscard]] std::uint64_t peak();

 private:
  std::uint64_t peak_ = 0;
  std::jthread thread_;
};

}  // namespace marconi::siege
