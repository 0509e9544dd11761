// Remembers which commits have been announced.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "base/commit_feed.h"

namespace marconi::transport::http {

/// An answer may learn of its ticket after that was announced, when it was made on another
/// thread; so what was announced is remembered. Memory is bounded: beyond kMaxFailedRanges
/// separate failures the oldest are taken together, and tickets between them count as failed too.
/// That errs on the safe side, since failed means that the outcome is unknown.
class CommitProgress {
 public:
  static constexpr std::size_t kMaxFailedRanges = 64;

  /// As CommitListener::settled.
  void settled(base::CommitTicket up_to, base::CommitOutcome outcome);

  /// The outcome of a ticket, or nothing while it is pending.
  [[nodiscard]] std::optional<base::CommitOutcome> outcome_of(base::CommitTicket ticket) const;

 private:
  struct Range {
    base::CommitTicket after;  // exclusive
    base::CommitTicket up_to;  // inclusive
  };

  base::CommitTicket settled_up_to_;
  std::deque<Range> failed_;  // ascending and apart
};

}  // namespace marconi::transport::http
