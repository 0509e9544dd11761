#include "transport/http/session.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "transport/http/loop.h"

namespace marconi::transport::http {

Session::Session(Loop& loop, net::Socket socket, std::string peer)
    : loop_(loop),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
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
  loop_.remove(*this, peer_, ended_);
}

net::Awaitable<void> Session::run() {
  Next next = co_await read_request();
  while (next == Next::request) {
    co_await answer();
    if (is_cut_off()) co_return;
    const bool close = must_close_ || !head_.keep_alive || loop_.draining();
    if (!co_await deliver(close)) co_return;
    drop_input(request_bytes_);
    if (close) {
      next = Next::linger;
    } else if (unread_bytes_ > 0 && !co_await discard(unread_bytes_)) {
      co_return;
    } else if (!in_.empty() && !co_await let_others_run()) {
      co_return;
    } else {
      next = co_await read_request();
    }
  }
  if (next == Next::linger) co_await linger();
}

/// A client that sends requests in advance takes turns with all others. False if the connection
/// was cut off meanwhile.
net::Awaitable<bool> Session::let_others_run() {
  co_await net::asio::post(loop_.context(), net::UseAwaitable{});
  co_return !is_cut_off();
}

void Session::check_deadline(TimePoint now) {
  if (now < deadline_) return;
  no_deadline();
  net::ErrorCode ignored;
  socket_.cancel(ignored);  // what was waited for fails; what had arrived already still counts
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
  abort();
  ended_ = Count::connections_ended_for_room;
  return true;
}

void Session::abort() {
  ending_ = Ending::at_once;
  if (ended_ != Count::connections_ended_for_room) ended_ = Count::connections_ended_by_stop;
  net::ErrorCode ignored;
  socket_.close(ignored);
  if (phase_ == Phase::held_back) resume();
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
