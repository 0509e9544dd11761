// Where the server reports each answer it gave.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace marconi::transport::http {

/// One request and its answer. The views live for the call only.
struct AccessEntry {
  std::string_view request_id;
  std::string_view peer;    ///< the client's address, without port
  std::string_view method;  ///< empty, like target, if the head could not be read
  std::string_view target;
  int status = 0;
  std::uint64_t request_bytes = 0;       ///< head and body as far as they were read
  std::uint64_t response_bytes = 0;      ///< head and body
  std::chrono::microseconds duration{};  ///< from the first byte read to the last byte written
};

/// Called on the event loops, several at a time; must be thread-safe, quick, and not throw.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  virtual void record(const AccessEntry& entry) noexcept = 0;
};

}  // namespace marconi::transport::http
