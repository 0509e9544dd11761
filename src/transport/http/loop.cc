#include "transport/http/loop.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "net/listener.h"
#include "transport/http/response_text.h"
#include "transport/http/session.h"

namespace marconi::transport::http {

namespace {

/// One look at all deadlines instead of a timer per request, which would cost more than it tells.
constexpr std::chrono::milliseconds kDeadlineCheckPeriod(200);

/// How long to leave new connections waiting when the system is out of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause(100);

/// For how long to give turns before looking what else is ready: asking the system after each would
/// cost a busy loop a good part of its time.
constexpr std::chrono::microseconds kTurnsAtATime(100);

/// How many connections to look at for one that can make room. A request that has arrived and not
/// been read yet ends the wait of its connection, but that is rare among those that wait longest.
constexpr std::ptrdiff_t kMaxLookedAt = 16;

net::Awaitable<void> serve(std::unique_ptr<Session> session) { co_await session->run(); }

constexpr auto kLaterTicket = [](const auto& a, const auto& b) { return a.ticket > b.ticket; };

}  // namespace

Loop::Loop(const Shared& shared)
    : shared_(shared),
      head_limits_{.bytes = shared.options.max_header_bytes,
                   .target_bytes = shared.options.max_target_bytes,
                   .fields = shared.options.max_header_fields},
      acceptor_(events_.context()),
      deadline_timer_(events_.context()),
      request_ids_(shared.random) {}

Loop::~Loop() = default;

base::Result<void> Loop::listen(const net::Tcp::endpoint& endpoint) {
  auto acceptor = net::listen_on(events_.context(), endpoint);
  if (!acceptor) return std::unexpected(std::move(acceptor.error()));
  acceptor_ = std::move(*acceptor);
  return {};
}

std::uint16_t Loop::port() const {
  net::ErrorCode ignored;
  return acceptor_.local_endpoint(ignored).port();
}

void Loop::start() {
  net::asio::co_spawn(context(), accept_connections(), net::asio::detached);
  check_deadlines_later();
  events_.start("http");
}

void Loop::drain() {
  net::asio::post(context(), [this] {
    draining_ = true;
    accept_backlog();
    net::ErrorCode ignored;
    acceptor_.close(ignored);
    for (Session* session : sessions_) session->end_if_idle();
  });
}

void Loop::abort() {
  net::asio::post(context(), [this] { abort_sessions(); });
}

void Loop::finish() {
  net::asio::post(context(), [this] {
    abort_sessions();
    deadline_timer_.cancel();
  });
  events_.finish();
}

void Loop::abort_sessions() {
  aborting_ = true;
  held_.clear();
  const std::vector<Session*> sessions = sessions_;  // they remove themselves meanwhile
  for (Session* session : sessions) session->abort();
}

net::Awaitable<void> Loop::accept_connections() {
  while (acceptor_.is_open()) {
    net::Tcp::endpoint peer;
    auto [error, socket] = co_await acceptor_.async_accept(context(), peer, net::kAsTuple);
    if (error == net::asio::error::operation_aborted) break;
    if (!error) {
      adopt(std::move(socket), peer);
    } else if (error != net::asio::error::connection_aborted) {
      counters_.add(Count::accept_errors);
      net::Timer pause(context(), kAcceptPause);
      co_await pause.async_wait(net::kAsTuple);
    }
  }
}

/// Connections that the system has set up for this socket would be reset when it is closed.
void Loop::accept_backlog() {
  net::ErrorCode error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    net::Tcp::endpoint peer;
    net::Socket socket = acceptor_.accept(context(), peer, error);
    if (!error) adopt(std::move(socket), peer);
  }
}

void Loop::adopt(net::Socket socket, const net::Tcp::endpoint& peer) {
  if (aborting_) return;
  const std::string address = peer.address().to_string();
  const Admission::Verdict verdict = admit(address);
  if (verdict != Admission::Verdict::admitted) {
    counters_.add(verdict == Admission::Verdict::too_many ? Count::connections_refused_total_limit
                                                          : Count::connections_refused_peer_limit);
    turn_away(std::move(socket));
    return;
  }
  counters_.add(Count::connections_accepted);
  auto session = std::make_unique<Session>(*this, std::move(socket), address);
  net::asio::co_spawn(context(), serve(std::move(session)), net::asio::detached);
}

Admission::Verdict Loop::admit(const std::string& peer) {
  Admission::Verdict verdict = shared_.admission.enter(peer);
  if (verdict == Admission::Verdict::too_many && make_room()) {
    verdict = shared_.admission.enter_instead(peer);
  }
  return verdict;
}

/// Ends the connection that has waited longest for its client: a client that holds many for little
/// use must not keep out those that have something to ask.
bool Loop::make_room() {
  const auto end = std::ranges::next(waiting_.begin(), kMaxLookedAt, waiting_.end());
  const auto found =
      std::find_if(waiting_.begin(), end, [](Session* session) { return session->give_way(); });
  if (found == end) return false;
  waiting_.leave((*found)->place);
  return true;
}

/// Says 503 at once, as far as that can be done without keeping the connection.
void Loop::turn_away(net::Socket socket) {
  api::Response response = shared_.handler.on_overload();
  const RequestIds::Text id = request_ids_.next();
  std::string text;
  append_response_head(
      text, response,
      {.request_id = as_view(id), .close = true, .retry_after = shared_.options.retry_after});
  text += response.body;

  net::ErrorCode ignored;
  socket.non_blocking(true, ignored);
  std::array<char, 16 * 1024> request;  // unread data would make the system reset the connection
  socket.read_some(net::asio::buffer(request), ignored);
  socket.write_some(net::asio::buffer(text), ignored);
  socket.shutdown(net::Socket::shutdown_both, ignored);
  counters_.add(Count::responses_5xx);
}

void Loop::settled(base::CommitTicket up_to, base::CommitOutcome outcome) noexcept {
  const std::lock_guard lock(announcements_mutex_);
  const bool first = announcements_.empty();
  if (!first && announcements_.back().outcome == outcome) {
    announcements_.back().up_to = up_to;
  } else {
    announcements_.push_back({up_to, outcome});
  }
  // One handler takes all that have gathered until it runs.
  if (first) net::asio::post(context(), [this] { take_announcements(); });
}

void Loop::take_announcements() {
  std::vector<Announcement> announcements;
  {
    const std::lock_guard lock(announcements_mutex_);
    announcements.swap(announcements_);
  }
  for (const auto& [up_to, outcome] : announcements) progress_.settled(up_to, outcome);
  while (!held_.empty() && progress_.outcome_of(held_.front().ticket)) {
    std::ranges::pop_heap(held_, kLaterTicket);
    Session* session = held_.back().session;
    held_.pop_back();
    session->settled();
  }
}

void Loop::hold(base::CommitTicket ticket, Session& session) {
  held_.push_back({ticket, &session});
  std::ranges::push_heap(held_, kLaterTicket);
}

void Loop::wait_for_turn(Turns::Participant& participant) {
  participant.join_line();
  give_turns_later();
}

/// After all that is ready now.
void Loop::give_turns_later() {
  if (turns_.nobody_waits() || std::exchange(turns_are_due_, true)) return;
  net::asio::post(context(), [this] { give_turns(); });
}

void Loop::give_turns() {
  turns_are_due_ = false;
  const auto end = std::chrono::steady_clock::now() + kTurnsAtATime;
  do {
    Turns::Participant* const participant = turns_.next();
    if (participant == nullptr) break;
    participant->take_turn();
  } while (std::chrono::steady_clock::now() < end);
  give_turns_later();
}

void Loop::add(Session& session) {
  session.slot = sessions_.size();
  sessions_.push_back(&session);
  counters_.add(Count::connections_active);
}

void Loop::remove(Session& session, const std::string& peer, Count ended) {
  waiting_.leave(session.place);
  sessions_[session.slot] = sessions_.back();
  sessions_[session.slot]->slot = session.slot;
  sessions_.pop_back();
  counters_.subtract_one(Count::connections_active);
  counters_.add(ended);
  shared_.admission.leave(peer, ended == Count::connections_ended_for_room);
}

void Loop::check_deadlines_later() {
  deadline_timer_.expires_after(kDeadlineCheckPeriod);
  deadline_timer_.async_wait([this](const net::ErrorCode& error) {
    if (error || aborting_) return;
    check_deadlines();
    check_deadlines_later();
  });
}

void Loop::check_deadlines() {
  const auto now = std::chrono::steady_clock::now();
  for (Session* session : sessions_) session->check_deadline(now);
}

}  // namespace marconi::transport::http
