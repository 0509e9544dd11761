#include "transport/http/session.h"

#include <utility>

#include "transport/http/loop.h"

namespace marconi::transport::http {

Session::Session(Loop& loop, net::Socket socket, const std::string& peer)
    : Participant(loop.turns(), peer),
      loop_(loop),
      socket_(std::move(socket)),
      in_reservation_(loop.memory()),
      response_reservation_(loop.memory()) {
  net::ErrorCode ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(net::Tcp::no_delay(true), ignored);
  loop_.add(*this);
}

Session::~Session() {
  net::ErrorCode ignored;
  socket_.close(ignored);
  loop_.remove(*this, address(), ended_);
}

net::Awaitable<void> Session::run() {
  bool in_advance = false;  // the request was there before the one before it was answered
  Next next = co_await read_request();
  while (next == Next::request) {
    const bool too_much = asks_too_much(started_);
    if (too_much || in_advance) {
      loop_.counters().add(Count::requests_in_line);
      if (!co_await wait_for_turn()) co_return;
    }
    // What nearly always happens at once is not a coroutine of its own: that would cost more.
    answer();
    if (response_.would_block) co_await answer_on_worker();
    reserve_answer();
    if (hold_back()) co_await suspend();
    if (is_cut_off()) co_return;
    check_commit();
    const bool close = must_close_ || !head_.keep_alive || loop_.draining();
    Sending sending = begin_delivery(close);
    if (sending == Sending::blocked) sending = co_await finish_sending();
    if (!end_delivery(sending, close)) co_return;
    drop_input(request_bytes_);
    if (close) {
      next = Next::linger;
    } else if (unread_bytes_ > 0 && !co_await discard(unread_bytes_)) {
      co_return;
    } else {
      in_advance = !in_.empty();
      next = co_await read_request();
    }
  }
  if (next == Next::linger) co_await linger();
}

void Session::check_deadline(TimePoint now) {
  if (now < deadline_ || phase_ == Phase::in_line) return;  // in line it waits for others
  net::ErrorCode ignored;
  // What is waited for fails. What had arrived already still counts; a wait after that is ended by
  // the next look at the deadline, which holds until there is another.
  socket_.cancel(ignored);
}

void Session::end_if_idle() {
  net::ErrorCode error;
  if (phase_ != Phase::idle || socket_.available(error) > 0) return;
  ending_ = Ending::if_idle;
  ended_ = Count::connections_ended_by_stop;
  socket_.cancel(error);
}

bool Session::give_way() {
  net::ErrorCode error;
  if (socket_.available(error) > 0) return false;
  ending_ = Ending::at_once;
  ended_ = Count::connections_ended_for_room;
  socket_.close(error);  // what was waited for fails, unless that is a turn, which comes soon
  return true;
}

void Session::abort() {
  ending_ = Ending::at_once;
  if (ended_ != Count::connections_ended_for_room) ended_ = Count::connections_ended_by_stop;
  net::ErrorCode ignored;
  socket_.close(ignored);
  leave_line();
  if (phase_ == Phase::held_back || phase_ == Phase::in_line) resume();
}

void Session::set_deadline(std::chrono::milliseconds after) {
  deadline_ = std::chrono::steady_clock::now() + after;
}

void Session::resume() {
  net::Resumption resumption = std::move(*resumption_);
  resumption_.reset();
  std::move(resumption)();
}

}  // namespace marconi::transport::http
