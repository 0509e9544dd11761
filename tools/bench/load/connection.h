// One TCP connection to the measured server, with its conversation.

#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "conversation.h"

namespace marconi::load {

using Clock = std::chrono::steady_clock;

/// A non-blocking connection with at most one request under way. Owns its socket. Not thread-safe.
class Connection {
 public:
  /// Connects to 127.0.0.1. Returns what went wrong as a sentence.
  static std::expected<std::unique_ptr<Connection>, std::string> open(
      std::uint16_t port, std::unique_ptr<Conversation> conversation);

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

  /// When the request under way was due.
  [[nodiscard]] Clock::time_point due() const { return due_; }

  enum class State {
    waiting,  ///< for the server: more bytes have to come or go
    closed,   ///< by the server
  };

  /// Sends the next request, as much of it as the socket takes.
  State send(Clock::time_point due);

  /// Sends what is left of the request.
  State flush();

  /// True while a part of the request has not been taken by the socket.
  [[nodiscard]] bool has_unsent() const { return sent_ < request_.size(); }

  /// Reads what has arrived. An answer of size 0: it is not complete. Closed: an error.
  std::expected<Answer, State> receive();

 private:
  Connection(int descriptor, std::unique_ptr<Conversation> conversation);

  int descriptor_;
  std::unique_ptr<Conversation> conversation_;
  Clock::time_point due_;
  std::string_view request_;
  std::size_t sent_ = 0;
  std::vector<char> buffer_;
  std::size_t filled_ = 0;
};

}  // namespace marconi::load
