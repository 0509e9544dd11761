// One event loop with its listening socket, its connections and the answers they hold back.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/handler.h"
#include "base/commit_feed.h"
#include "base/error.h"
#include "net/asio.h"
#include "net/event_loop.h"
#include "net/worker_pool.h"
#include "transport/http/access_log.h"
#include "transport/http/admission.h"
#include "transport/http/commit_progress.h"
#include "transport/http/counters.h"
#include "transport/http/head.h"
#include "transport/http/memory_budget.h"
#include "transport/http/options.h"
#include "transport/http/request_ids.h"
#include "transport/http/turns.h"
#include "transport/http/waiting_list.h"

namespace marconi::transport::http {

class Session;

/// What all loops of a server share; not owned, and outliving the loops.
struct Shared {
  const ServerOptions& options;
  api::Handler& handler;
  net::WorkerPool& workers;
  Admission& admission;
  MemoryBudget& memory;
  AccessLog* access_log;  ///< may be null
  base::Random& random;
};

class Loop final : public base::CommitListener {
 public:
  explicit Loop(const Shared& shared);
  ~Loop() override;

  /// Opens the listening socket. Before `start`.
  base::Result<void> listen(const net::Tcp::endpoint& endpoint);
  [[nodiscard]] std::uint16_t port() const;

  /// Starts to serve on a thread of its own.
  void start();

  // From other threads, in this order:

  /// Takes no more connections, ends the idle ones, and each other one with its next answer.
  void drain();
  /// Cuts off all connections. A handler call under way still ends first.
  void abort();
  /// Waits until the loop has ended. No connection may be left.
  void finish();

  /// Announcement of the store, from its thread.
  void settled(base::CommitTicket up_to, base::CommitOutcome outcome) noexcept override;

  // For sessions, on the loop's thread:

  [[nodiscard]] const ServerOptions& options() const { return shared_.options; }
  [[nodiscard]] const HeadLimits& head_limits() const { return head_limits_; }
  [[nodiscard]] api::Handler& handler() { return shared_.handler; }
  [[nodiscard]] net::WorkerPool& workers() { return shared_.workers; }
  [[nodiscard]] MemoryBudget& memory() { return shared_.memory; }
  [[nodiscard]] AccessLog* access_log() { return shared_.access_log; }
  [[nodiscard]] net::asio::io_context& context() { return events_.context(); }
  [[nodiscard]] RequestIds& request_ids() { return request_ids_; }
  [[nodiscard]] bool draining() const { return draining_; }

  /// Written on the loop's thread, read on any.
  [[nodiscard]] Counters& counters() { return counters_; }

  /// What became of a ticket, as far as announced.
  [[nodiscard]] std::optional<base::CommitOutcome> outcome_of(base::CommitTicket ticket) const {
    return progress_.outcome_of(ticket);
  }

  /// Has the session told once the ticket is settled.
  void hold(base::CommitTicket ticket, Session& session);

  /// Has the session told when it is its turn.
  void wait_for_turn(Turns::Participant& participant);

  [[nodiscard]] Turns& turns() { return turns_; }

  void add(Session& session);
  void remove(Session& session, const std::string& peer, Count ended);

  /// The sessions that may have to make room for new ones.
  [[nodiscard]] WaitingList<Session>& waiting() { return waiting_; }

 private:
  struct Announcement {
    base::CommitTicket up_to;
    base::CommitOutcome outcome;
  };
  struct Held {
    base::CommitTicket ticket;
    Session* session;
  };

  net::Awaitable<void> accept_connections();
  void accept_backlog();
  void adopt(net::Socket socket, const net::Tcp::endpoint& peer);
  [[nodiscard]] Admission::Verdict admit(const std::string& peer);
  [[nodiscard]] bool make_room();
  void turn_away(net::Socket socket);
  void take_announcements();
  void give_turns_later();
  void give_turns();
  void check_deadlines_later();
  void check_deadlines();
  void abort_sessions();

  const Shared shared_;
  const HeadLimits head_limits_;
  net::EventLoop events_;
  net::Acceptor acceptor_;
  net::Timer deadline_timer_;
  RequestIds request_ids_;
  Counters counters_;
  bool draining_ = false;
  bool aborting_ = false;
  std::vector<Session*> sessions_;  // each knows its slot
  WaitingList<Session> waiting_;
  Turns turns_;
  bool turns_are_due_ = false;  // a handler that gives them is posted
  std::vector<Held> held_;      // heap, lowest ticket first
  CommitProgress progress_;

  std::mutex announcements_mutex_;
  std::vector<Announcement> announcements_;  // guarded; not taken yet, neighbours differ
};

}  // namespace marconi::transport::http
