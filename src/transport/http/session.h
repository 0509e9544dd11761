// One connection: reads requests, has them answered, writes the answers, in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/handler.h"
#include "net/asio.h"
#include "transport/http/counters.h"
#include "transport/http/head.h"
#include "transport/http/memory_budget.h"
#include "transport/http/read_buffer.h"
#include "transport/http/refusal.h"
#include "transport/http/request_ids.h"
#include "transport/http/turns.h"
#include "transport/http/waiting_list.h"

namespace marconi::transport::http {

class Loop;

/// Belongs to its loop's thread for life; every member function is called there. The coroutine
/// `run` owns the session in effect: the session lives until `run` has ended. While it waits for
/// something outside, exactly one thing is going to resume it.
class Session final : public Turns::Participant {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `peer`: the client's address, as counted by the loop's admission.
  Session(Loop& loop, net::Socket socket, const std::string& peer);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override;

  /// Serves the connection until it ends.
  net::Awaitable<void> run();

  /// Ends what the session is waiting for, if that has taken too long.
  void check_deadline(TimePoint now);

  /// Ends the connection if no request is under way.
  void end_if_idle();

  /// Ends the connection in favour of another, unless the client has sent something meanwhile. The
  /// session ends later.
  [[nodiscard]] bool give_way();

  /// Ends the connection, whatever is under way. Afterwards the session may be gone.
  void abort();

  /// The ticket that the held-back answer waits for is settled. Afterwards the session may be gone.
  void settled() { resume(); }

  /// Afterwards the session may be gone.
  void take_turn() override { resume(); }

  /// Where the loop keeps the session.
  std::size_t slot = 0;
  WaitingList<Session>::Place place{*this};

 private:
  enum class Phase { idle, reading, in_line, handling, held_back, writing, lingering };
  enum class Next { request, linger, close };
  enum class Sending { done, blocked, failed };
  /// Whether the server ends the connection of its own accord; nobody is to be told why.
  enum class Ending { none, if_idle, at_once };

  // Reading (session_reading.cc).
  net::Awaitable<Next> read_request();
  net::Awaitable<Next> read_body();
  net::Awaitable<Next> read_chunked_body(std::uint64_t limit);
  net::Awaitable<Next> read_failed(net::ErrorCode error, Refusal on_timeout);
  net::Awaitable<Next> refuse(Refusal refusal);
  net::Awaitable<Next> refuse_for_memory();
  net::Awaitable<Next> deliver_refusal();
  net::Awaitable<bool> send_continue();
  net::Awaitable<bool> discard(std::uint64_t count);
  net::Awaitable<void> linger();
  auto read_some(std::size_t expected_size);
  void received(std::size_t count);
  net::Awaitable<bool> received_more(std::size_t count);
  [[nodiscard]] bool may_read(std::size_t expected_size);
  void drop_input(std::size_t count);
  void wait_for_request();
  void begin_request();
  bool skip_blank_line();
  [[nodiscard]] std::uint64_t body_limit() const;
  void decline_body(std::uint64_t size);
  void complete_request();
  void read_head_again();

  // Answering (session_answering.cc).
  net::Awaitable<bool> wait_for_turn();
  void answer();
  net::Awaitable<void> answer_on_worker();
  bool hold_back();
  void check_commit();
  void reserve_answer();
  void answer_overload(Count reason);
  void replace_answer(api::Response replacement);
  Sending begin_delivery(bool close);
  bool end_delivery(Sending sending, bool close);
  net::Awaitable<Sending> finish_sending();
  Sending send();
  void write_out(bool close);
  void account_for_answer();
  net::Awaitable<void> suspend();
  void resume();

  void set_deadline(std::chrono::milliseconds after);
  void no_deadline() { deadline_ = TimePoint::max(); }
  [[nodiscard]] bool is_cut_off() const { return ending_ == Ending::at_once; }

  Loop& loop_;
  net::Socket socket_;
  Phase phase_ = Phase::idle;
  TimePoint deadline_ = TimePoint::max();
  Ending ending_ = Ending::none;
  Count ended_ = Count::connections_ended_by_client;  // why, if it ended now
  std::optional<net::Resumption> resumption_;

  // The request.
  ReadBuffer in_;
  Reservation in_reservation_;
  RequestHead head_;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;      // in the buffer, behind the head, decoded
  std::size_t request_bytes_ = 0;   // all that is in the buffer of this request
  std::uint64_t unread_bytes_ = 0;  // of a body that is too large
  bool must_close_ = false;         // where the next request begins will not be known
  RequestIds::Text id_{};
  TimePoint started_;
  api::Request request_;

  // The answer.
  api::Response response_;
  Reservation response_reservation_;
  std::string out_;            // head, and the body unless that is large
  std::string_view out_body_;  // a large body, sent from where it lies
  std::size_t sent_ = 0;
};

}  // namespace marconi::transport::http
