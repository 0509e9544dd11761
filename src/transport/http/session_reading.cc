// The half of a session that reads.
#include <algorithm>
#include <boost/asio/error.hpp>
#include <tuple>
#include <utility>

#include "transport/http/chunked.h"
#include "transport/http/loop.h"
#include "transport/http/session.h"

namespace marconi::transport::http {

namespace {

/// What is read and thrown away to get at the next request, or to let an answer arrive.
constexpr std::uint64_t kMaxDiscardedBytes = 1024 * 1024;

}  // namespace

auto Session::read_some(std::size_t expected_size) {
  const std::span<char> room = in_.room(expected_size);
  return socket_.async_read_some(net::asio::buffer(room.data(), room.size()), net::kAsTuple);
}

void Session::received(std::size_t count) {
  in_.grow(count);
  loop_.counters().add(Count::bytes_received, count);
}

/// Takes a further part of a request. Who sends very many of them waits for a turn with each. False
/// if the connection was cut off meanwhile.
net::Awaitable<bool> Session::received_more(std::size_t count) {
  if (is_cut_off()) co_return false;
  received(count);
  co_return !asks_too_much(std::chrono::steady_clock::now()) || co_await wait_for_turn();
}

/// Whether there is memory for reading until `expected_size` bytes are held; 0: once more.
bool Session::may_read(std::size_t expected_size) {
  return in_reservation_.try_hold(in_.capacity_for(expected_size));
}

void Session::drop_input(std::size_t count) {
  in_.consume(count);
  in_reservation_.hold(in_.capacity());
}

void Session::wait_for_request() {
  phase_ = Phase::idle;
  set_deadline(loop_.options().idle_timeout);
  loop_.waiting().enter(place);
}

void Session::begin_request() {
  phase_ = Phase::reading;
  loop_.waiting().leave(place);
  started_ = std::chrono::steady_clock::now();
  deadline_ = started_ + loop_.options().header_timeout;
  head_.clear();
  id_ = loop_.request_ids().next();
  head_bytes_ = body_bytes_ = request_bytes_ = 0;
  unread_bytes_ = 0;
  must_close_ = false;
}

/// Some clients send an empty line after a body; one is passed over (RFC 9112, section 2.2).
bool Session::skip_blank_line() {
  if (!in_.view().starts_with("\r\n")) return false;
  in_.consume(2);
  return true;
}

net::Awaitable<Session::Next> Session::read_request() {
  const HeadLimits& limits = loop_.head_limits();
  HeadScanner scanner(limits);
  bool blank_allowed = true;
  if (in_.empty()) {
    wait_for_request();
  } else {
    begin_request();
  }
  for (;;) {
    if (blank_allowed && skip_blank_line()) {
      blank_allowed = false;
      if (in_.empty()) wait_for_request();
    }
    if (!in_.empty() && !(blank_allowed && in_.view() == "\r")) {
      const auto scanned = scanner.scan(in_.view());
      if (!scanned) co_return co_await refuse(scanned.error());
      head_bytes_ = *scanned;
      if (head_bytes_ > 0) break;
    }
    if (phase_ == Phase::idle && loop_.draining()) {
      end_if_idle();
      if (ending_ != Ending::none) co_return Next::close;
    }
    if (!may_read(0)) co_return co_await refuse_for_memory();
    loop_.waiting().enter(place);
    const auto [error, count] = co_await read_some(0);
    if (error) co_return co_await read_failed(error, Refusal::head_timeout);
    if (phase_ == Phase::reading) {
      if (!co_await received_more(count)) co_return Next::close;
      continue;
    }
    if (is_cut_off()) co_return Next::close;
    ending_ = Ending::none;  // not idle after all
    ended_ = Count::connections_ended_by_client;
    begin_request();
    received(count);
  }
  const auto parsed = parse_head(in_.view().substr(0, head_bytes_), limits, head_);
  if (!parsed) co_return co_await refuse(parsed.error());
  if (head_.chunked) co_return co_await read_chunked_body(body_limit());
  const std::uint64_t size = head_.content_length.value_or(0);
  // Finding the limit takes finding the route, which the handler has to do again.
  if (size > loop_.handler().least_body_limit() && size > body_limit()) {
    decline_body(size);
  } else {
    body_bytes_ = static_cast<std::size_t>(size);
    if (in_.size() < head_bytes_ + body_bytes_) co_return co_await read_body();
  }
  complete_request();
  co_return Next::request;
}

std::uint64_t Session::body_limit() const {
  return loop_.handler().body_limit(head_.method, head_.target);
}

/// The handler refuses the request by the size of its body, which is then not worth reading.
void Session::decline_body(std::uint64_t size) {
  const std::uint64_t arrived = std::min<std::uint64_t>(in_.size() - head_bytes_, size);
  unread_bytes_ = size - arrived;
  request_bytes_ = head_bytes_ + static_cast<std::size_t>(arrived);
  // A client that was not told to continue may or may not send the body after all.
  must_close_ = unread_bytes_ > kMaxDiscardedBytes || (head_.expects_continue && unread_bytes_ > 0);
  loop_.counters().add(Count::bodies_too_large);
}

void Session::complete_request() {
  phase_ = Phase::handling;
  no_deadline();
  loop_.waiting().leave(place);
  request_bytes_ = std::max(request_bytes_, head_bytes_ + body_bytes_);
  request_.method = head_.method;
  request_.target = head_.target;
  request_.headers = head_.headers;
  request_.request_id = as_view(id_);
  request_.content_length = head_.content_length;
  request_.body = in_.view().substr(head_bytes_, body_bytes_);
}

/// The buffer may have moved while the body arrived.
void Session::read_head_again() {
  std::ignore = parse_head(in_.view().substr(0, head_bytes_), loop_.head_limits(), head_);
}

net::Awaitable<Session::Next> Session::read_body() {
  const std::size_t expected = head_bytes_ + body_bytes_;
  if (!may_read(expected)) co_return co_await refuse_for_memory();
  set_deadline(loop_.options().body_timeout);
  if (head_.expects_continue && in_.size() == head_bytes_ && !co_await send_continue()) {
    co_return Next::close;
  }
  loop_.waiting().enter(place);
  while (in_.size() < expected) {
    const auto [error, count] = co_await read_some(expected);
    if (error) {
      read_head_again();
      co_return co_await read_failed(error, Refusal::body_timeout);
    }
    if (!co_await received_more(count)) co_return Next::close;
  }
  read_head_again();
  complete_request();
  co_return Next::request;
}

net::Awaitable<Session::Next> Session::read_chunked_body(std::uint64_t limit) {
  set_deadline(loop_.options().body_timeout);
  if (head_.expects_continue && in_.size() == head_bytes_ && !co_await send_continue()) {
    co_return Next::close;
  }
  ChunkedDecoder decoder(limit);
  for (;;) {
    const std::size_t decoded_end = head_bytes_ + body_bytes_;
    const auto step = decoder.decode(in_.bytes().subspan(decoded_end));
    if (!step) {
      read_head_again();
      co_return co_await refuse(step.error());
    }
    body_bytes_ += step->decoded;
    in_.erase(head_bytes_ + body_bytes_, step->consumed - step->decoded);
    if (decoder.is_done() || decoder.is_too_large()) break;
    if (!may_read(0)) {
      read_head_again();
      co_return co_await refuse_for_memory();
    }
    loop_.waiting().enter(place);
    const auto [error, count] = co_await read_some(0);
    if (error) {
      read_head_again();
      co_return co_await read_failed(error, Refusal::body_timeout);
    }
    if (!co_await received_more(count)) co_return Next::close;
  }
  read_head_again();
  if (decoder.is_too_large()) {
    body_bytes_ = 0;
    must_close_ = true;
    loop_.counters().add(Count::bodies_too_large);
    head_.content_length = limit + 1;
  } else {
    head_.content_length = body_bytes_;
  }
  complete_request();
  co_return Next::request;
}

net::Awaitable<Session::Next> Session::read_failed(net::ErrorCode error, Refusal on_timeout) {
  if (ending_ != Ending::none) co_return Next::close;
  const bool timed_out = error == net::asio::error::operation_aborted;
  // Very many may have been opened, and so time out, at once.
  if (timed_out && !co_await wait_for_turn()) co_return Next::close;
  if (phase_ == Phase::idle) {
    if (timed_out) {
      loop_.counters().add(Count::timeouts_idle);
      ended_ = Count::connections_ended_by_timeout;
    }
    co_return timed_out ? Next::linger : Next::close;
  }
  if (timed_out) co_return co_await refuse(on_timeout);
  // A client may close its sending half and still wait for an answer.
  if (error == net::asio::error::eof) co_return co_await refuse(Refusal::incomplete);
  co_return Next::close;
}

net::Awaitable<Session::Next> Session::refuse(Refusal refusal) {
  const RefusalAnswer& text = answer_to(refusal);
  loop_.counters().add(text.count);
  response_ = api::Response{};
  response_.status = text.status;
  response_.headers = {{"Content-Type", "application/json"}, {"Vary", "Accept"}};
  response_.body.append(R"({"title": ")").append(text.title);
  response_.body.append(R"(", "description": ")").append(text.description).append(R"("})");
  co_return co_await deliver_refusal();
}

/// What else the client sends of the request is not kept, so no other can follow.
net::Awaitable<Session::Next> Session::refuse_for_memory() {
  answer_overload(Count::refused_no_memory);
  co_return co_await deliver_refusal();
}

net::Awaitable<Session::Next> Session::deliver_refusal() {
  request_bytes_ = in_.size();
  head_.keep_alive = false;
  Sending sending = begin_delivery(true);
  if (sending == Sending::blocked) sending = co_await finish_sending();
  co_return end_delivery(sending, true) ? Next::linger : Next::close;
}

net::Awaitable<bool> Session::send_continue() {
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  out_body_ = {};
  sent_ = 0;
  Sending sending = send();
  if (sending == Sending::blocked) sending = co_await finish_sending();
  co_return sending == Sending::done;
}

/// Reads past the rest of a body that nobody wants. False if that cannot be done in time.
net::Awaitable<bool> Session::discard(std::uint64_t count) {
  phase_ = Phase::reading;
  set_deadline(std::min(loop_.options().body_timeout, std::chrono::milliseconds(5000)));
  while (count > 0) {
    const auto [error, arrived] = co_await read_some(0);
    if (error) {
      const bool timed_out = error == net::asio::error::operation_aborted && !is_cut_off();
      if (timed_out) {
        loop_.counters().add(Count::timeouts_body);
        ended_ = Count::connections_ended_by_timeout;
      }
      co_return false;
    }
    received(arrived);
    const auto dropped = std::min<std::uint64_t>(count, arrived);
    in_.consume(static_cast<std::size_t>(dropped));
    count -= dropped;
  }
  co_return true;
}

/// Ends the connection such that the client gets all that was written: closing a socket with
/// unread data would reset it, and the client might lose the answer.
net::Awaitable<void> Session::linger() {
  phase_ = Phase::lingering;
  net::ErrorCode failed;
  socket_.shutdown(net::Socket::shutdown_send, failed);
  if (failed) co_return;
  set_deadline(loop_.options().linger_timeout);
  for (std::uint64_t discarded = 0; discarded < kMaxDiscardedBytes;) {
    drop_input(in_.size());
    const auto [error, count] = co_await read_some(0);
    if (error) co_return;
    received(count);
    discarded += count;
  }
}

}  // namespace marconi::transport::http
