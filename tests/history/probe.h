// Tells when a server works again: a client with a queue of its own, which the history leaves out.
#pragma once

#include <chrono>
#include <cstdint>

#include "history/http_client.h"

namespace marconi::history {

/// For one thread.
class Probe {
 public:
  explicit Probe(std::uint16_t port) : http_(port, std::chrono::seconds(5)) {}

  /// Whether a post is acknowledged now.
  [[nodiscard]] bool post();

 private:
  [[nodiscard]] int status_of(const HttpRequest& request);

  HttpClient http_;
};

}  // namespace marconi::history
