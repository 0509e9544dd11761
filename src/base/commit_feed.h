// How a store tells the transport that changes have become durable, or have failed.
#pragma once

#include "base/call.h"

namespace marconi::base {

enum class CommitOutcome {
  durable,  ///< on disk as the configured sync mode demands
  failed,   ///< unknown outcome: the change may or may not have survived
};

/// Receives the progress of commits. Implemented by the transport.
class CommitListener {
 public:
  virtual ~CommitListener() = default;

  /// All tickets up to and including `up_to` that were not settled before now have `outcome`.
  /// Called in ticket order, from a thread of the store; must return quickly and not call back
  /// into the store.
  virtual void settled(CommitTicket up_to, CommitOutcome outcome) noexcept = 0;
};

/// The side of a store that listeners subscribe to.
///
/// A ticket that a call returned is announced after that call looked at its change: a listener
/// that records the ticket on the same thread on which it handles announcements misses none.
class CommitFeed {
 public:
  virtual ~CommitFeed() = default;

  /// Adds a listener, not owned; it must outlive its subscription. Thread-safe.
  virtual void subscribe(CommitListener& listener) = 0;

  /// Removes it; once this returns the listener is not called again. Thread-safe.
  virtual void unsubscribe(CommitListener& listener) = 0;
};

}  // namespace marconi::base
