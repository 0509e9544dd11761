// Whose request a loop handles next, when clients want more than it can do at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "transport/http/waiting_list.h"

namespace marconi::transport::http {

/// A client is an address: all connections from there count as one. For the loop's thread.
///
/// Most requests are handled as they come. Three things wait in line: a request that was sent
/// before the request before it was answered; while other clients are connected, what its client
/// sends beyond so many requests, or parts of requests, in a period; and the end of a connection
/// that has taken too long. In line clients take turns, and so do the connections of a client. The
/// loop gives turns for a moment, then sees to all else that is ready. So whoever asks for little
/// waits for that moment, however many there are that ask for much.
class Turns {
  struct Client;

 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// How many requests of a client, or parts that arrive later than their beginnings, are handled
  /// as they come, and in which time.
  static constexpr std::size_t kPartsAtOnce = 10;
  static constexpr std::chrono::milliseconds kPeriod{100};

  /// A connection, as far as turns go. Must end before the turns do.
  class Participant {
   public:
    /// `address`: the client's, without port.
    Participant(Turns& turns, const std::string& address);
    Participant(const Participant&) = delete;
    Participant& operator=(const Participant&) = delete;
    virtual ~Participant();

    /// What waits in line has its turn.
    virtual void take_turn() = 0;

    [[nodiscard]] const std::string& address() const { return client_.address; }

    /// Counts what arrived at `now`, a request or a further part of one, and says whether it has to
    /// wait in line.
    [[nodiscard]] bool asks_too_much(TimePoint now);

    void join_line();
    /// Nothing happens if it is not there.
    void leave_line();

   private:
    Turns& turns_;
    Client& client_;
    WaitingList<Participant>::Place place_{*this};
  };

  [[nodiscard]] bool nobody_waits() const { return waiting_.empty(); }

  /// Whose turn it is, taken out of the line; null if nobody waits.
  [[nodiscard]] Participant* next();

 private:
  struct Client {
    explicit Client(std::string client_address) : address(std::move(client_address)) {}

    const std::string address;
    std::size_t connections = 0;
    std::uint64_t period = 0;
    std::size_t parts = 0;  // in that period
    WaitingList<Participant> line;
    WaitingList<Client>::Place place{*this};  // taken while the line is not empty
  };

  Client& client_at(const std::string& address);

  std::unordered_map<std::string, Client> clients_;
  WaitingList<Client> waiting_;
  TimePoint period_begin_{};
  std::uint64_t period_ = 0;
};

}  // namespace marconi::transport::http
