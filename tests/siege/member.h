// One connection of an attack.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "siege/answer_reader.h"
#include "siege/attack.h"
#include "siege/crowd.h"

namespace marconi::siege {

class Member {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Begins to connect. The number is the connection's in its attack.
  Member(const Attack& attack, CrowdCounts& counts, std::size_t number, std::uint16_t port);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member();

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] bool is_connected() const { return state_ == State::open; }
  [[nodiscard]] bool has_ended() const { return state_ == State::ended; }
  /// Whether to be told when the socket can take more, and when it has something to read.
  [[nodiscard]] bool wants_to_write() const;
  [[nodiscard]] bool wants_to_read() const;

  void on_writable();
  void on_readable();
  /// Does what is due by the clock.
  void on_tick(TimePoint now);

 private:
  enum class State { connecting, open, ended };

  void finish_connecting();
  void send_opening();
  void send_stream();
  void opening_sent();
  /// The bytes sent; nothing more can be sent now if these are fewer.
  std::size_t send(std::string_view bytes);
  void end_by_server(bool orderly);
  void end();

  const Attack& attack_;
  CrowdCounts& counts_;
  int socket_ = -1;
  State state_ = State::connecting;
  std::string opening_;
  std::size_t opening_sent_ = 0;
  std::size_t stream_sent_ = 0;  // of the current copy
  bool sends_no_more_ = false;
  bool answered_ = false;
  AnswerReader reader_;
  TimePoint next_byte_{};
};

}  // namespace marconi::siege
