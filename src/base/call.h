// The context of one request on its way down: how long it may wait, and what its answer rests on.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace marconi::base {

/// Names a point in the order in which a store makes changes durable. Zero: nothing to wait for.
/// Tickets of one store only grow and are never reused, also across a failed commit.
struct CommitTicket {
  std::uint64_t value = 0;

  [[nodiscard]] bool is_complete() const { return value == 0; }
  friend auto operator<=>(const CommitTicket&, const CommitTicket&) = default;
};

/// Whether a call may wait for a disk or a network. On an event loop it may not.
enum class Patience { immediate, may_wait };

/// Travels by reference from the transport down to the store and back.
///
/// A store adds to it the ticket of every pending change that the answer depends on, errors and
/// no-op answers included; the transport holds the answer back until the highest of them is
/// durable. One Call serves one request and is used by one thread at a time.
class Call {
 public:
  explicit Call(Patience patience) : patience_(patience) {}

  [[nodiscard]] Patience patience() const { return patience_; }
  [[nodiscard]] bool may_wait() const { return patience_ == Patience::may_wait; }

  /// Records that the answer depends on the change with this ticket.
  void rests_on(CommitTicket ticket) { ticket_ = std::max(ticket_, ticket); }

  /// The highest ticket recorded; complete if the answer depends on nothing pending.
  [[nodiscard]] CommitTicket ticket() const { return ticket_; }

 private:
  Patience patience_;
  CommitTicket ticket_;
};

}  // namespace marconi::base
