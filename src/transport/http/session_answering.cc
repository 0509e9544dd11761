// The half of a session that answers.
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "transport/http/loop.h"
#include "transport/http/response_text.h"
#include "transport/http/session.h"

namespace marconi::transport::http {

namespace {

/// Bodies up to this size are copied behind the head, so that one buffer is sent.
constexpr std::size_t kMaxCopiedBody = Reservation::kFreeBytes;

/// An output buffer above this size is given back after use.
constexpr std::size_t kMaxKeptOutput = 16 * 1024;

Count class_of(int status) {
  switch (status / 100) {
    case 5:
      return Count::responses_5xx;
    case 4:
      return Count::responses_4xx;
    case 3:
      return Count::responses_3xx;
    default:
      return Count::responses_2xx;
  }
}

/// Whether the request can change nothing, so that the client may be told to just repeat it.
bool only_reads(const RequestHead& head) { return head.method == "GET" || head.method == "HEAD"; }

/// Gives back the memory of a text. Assigning a short text would keep it.
void release(std::string& text) { std::string().swap(text); }

}  // namespace

/// Waits for `resume`. Whoever is to call it does so on this loop, hence never before the
/// coroutine is suspended, even if it was set off before.
net::Awaitable<void> Session::suspend() {
  net::UseAwaitable token;
  return net::asio::async_initiate<net::UseAwaitable, void()>(
      [this](net::Resumption resumption) { resumption_.emplace(std::move(resumption)); }, token);
}

/// False if the connection was cut off meanwhile.
net::Awaitable<bool> Session::wait_for_turn() {
  const Phase phase = std::exchange(phase_, Phase::in_line);
  loop_.wait_for_turn(*this);
  co_await suspend();
  phase_ = phase;
  co_return !is_cut_off();
}

void Session::answer() {
  loop_.counters().add(Count::requests);
  // Once handled, it would have to be answered at whatever cost in memory.
  if (!only_reads(head_) && loop_.memory().is_exceeded()) {
    answer_overload(Count::refused_no_memory);
  } else {
    response_ = loop_.handler().handle(request_, base::Patience::immediate);
  }
}

net::Awaitable<void> Session::answer_on_worker() {
  const bool taken = loop_.workers().try_submit(address(), [this] {
    response_ = loop_.handler().handle(request_, base::Patience::may_wait);
    net::asio::post(loop_.context(), [this] { resume(); });
  });
  if (taken) {
    loop_.counters().add(Count::handled_by_workers);
    co_await suspend();
  }
  if (!taken || response_.would_block) {
    answer_overload(Count::overloads);
  }
}

/// Replaces the answer if there is no memory for it, unless it may tell what became of a change.
void Session::reserve_answer() {
  const std::size_t bytes = response_.body.capacity();
  if (response_reservation_.try_hold(bytes)) return;
  if (only_reads(head_)) {
    answer_overload(Count::refused_no_memory);
  } else {
    response_reservation_.hold(bytes);
  }
}

void Session::answer_overload(Count reason) {
  loop_.counters().add(reason);
  replace_answer(loop_.handler().on_overload());
  response_.ticket = {};
}

void Session::replace_answer(api::Response replacement) {
  release(response_.body);
  response_ = std::move(replacement);
  response_reservation_.hold(response_.body.capacity());
}

/// Whether the answer has to wait, by `suspend`, for a commit.
bool Session::hold_back() {
  const base::CommitTicket ticket = response_.ticket;
  if (is_cut_off() || loop_.outcome_of(ticket)) return false;
  loop_.counters().add(Count::answers_held_back);
  phase_ = Phase::held_back;
  loop_.hold(ticket, *this);
  return true;
}

void Session::check_commit() {
  if (loop_.outcome_of(response_.ticket) != base::CommitOutcome::failed) return;
  loop_.counters().add(Count::commit_failures);
  replace_answer(loop_.handler().on_commit_failure(request_));
}

/// Writes the answer, and sends as much as the socket takes now.
Session::Sending Session::begin_delivery(bool close) {
  phase_ = Phase::writing;
  loop_.waiting().leave(place);
  write_out(close);
  return send();
}

/// Accounts for the answer. False if the client did not take it.
bool Session::end_delivery(Sending sending, bool close) {
  const bool sent = sending == Sending::done;
  if (sent) account_for_answer();
  if (sent && close && !is_cut_off()) ended_ = Count::connections_ended_after_answer;
  if (out_.capacity() > kMaxKeptOutput) release(out_);
  release(response_.body);
  response_reservation_.hold(0);
  out_body_ = {};
  return sent;
}

void Session::write_out(bool close) {
  const Delivery delivery{.request_id = as_view(id_),
                          .to_head_request = head_.method == "HEAD",
                          .to_http_1_0 = head_.is_http_1_0,
                          .close = close,
                          .retry_after = loop_.options().retry_after};
  sent_ = 0;
  out_.clear();
  out_body_ = {};
  append_response_head(out_, response_, delivery);
  if (!carries_body(response_, delivery)) return;
  if (response_.body.size() <= kMaxCopiedBody) {
    out_.append(response_.body);
    release(response_.body);
  } else {
    out_body_ = response_.body;
  }
}

/// Sends as much as the socket takes now, which nearly always is everything.
Session::Sending Session::send() {
  for (;;) {
    const std::string_view head = std::string_view(out_).substr(std::min(sent_, out_.size()));
    const std::size_t body_sent = sent_ - std::min(sent_, out_.size());
    const std::string_view body = out_body_.substr(body_sent);
    if (head.empty() && body.empty()) return Sending::done;
    const std::array<net::asio::const_buffer, 2> rest = {
        net::asio::buffer(head.data(), head.size()), net::asio::buffer(body.data(), body.size())};
    net::ErrorCode error;
    const std::size_t count =
        body.empty() ? socket_.write_some(rest.front(), error) : socket_.write_some(rest, error);
    if (error == net::asio::error::would_block) return Sending::blocked;
    if (error) return Sending::failed;
    sent_ += count;
    loop_.counters().add(Count::bytes_sent, count);
  }
}

/// Sends the rest as the socket takes it, by a deadline of its own. Afterwards the one before holds
/// again: that of the body, if it is the client's permission to send it that was sent.
net::Awaitable<Session::Sending> Session::finish_sending() {
  const TimePoint deadline_before = deadline_;
  set_deadline(loop_.options().write_timeout);
  Sending sending = Sending::blocked;
  while (sending == Sending::blocked) {
    const auto [error] = co_await socket_.async_wait(net::Socket::wait_write, net::kAsTuple);
    if (error) {
      const bool timed_out = !is_cut_off() && error == net::asio::error::operation_aborted;
      if (timed_out && co_await wait_for_turn()) {
        loop_.counters().add(Count::timeouts_write);
        ended_ = Count::connections_ended_by_timeout;
        net::ErrorCode ignored;  // reset: the system need not keep trying either
        socket_.set_option(net::Socket::linger(true, 0), ignored);
      }
      co_return Sending::failed;
    }
    sending = send();
  }
  deadline_ = deadline_before;
  co_return sending;
}

void Session::account_for_answer() {
  loop_.counters().add(class_of(response_.status));
  AccessLog* log = loop_.access_log();
  if (log == nullptr) return;
  const auto duration = std::chrono::steady_clock::now() - started_;
  log->record({.request_id = as_view(id_),
               .peer = address(),
               .method = head_.method,
               .target = head_.target,
               .status = response_.status,
               .request_bytes = request_bytes_,
               .response_bytes = out_.size() + out_body_.size(),
               .duration = std::chrono::duration_cast<std::chrono::microseconds>(duration)});
}

}  // namespace marconi::transport::http
