#include "transport/http/commit_progress.h"

#include <algorithm>

namespace marconi::transport::http {

void CommitProgress::settled(base::CommitTicket up_to, base::CommitOutcome outcome) {
  if (up_to <= settled_up_to_) return;
  if (outcome == base::CommitOutcome::failed) {
    if (!failed_.empty() && failed_.back().up_to == settled_up_to_) {
      failed_.back().up_to = up_to;
    } else {
      failed_.push_back({settled_up_to_, up_to});
    }
    if (failed_.size() > kMaxFailedRanges) {
      failed_[1].after = failed_[0].after;
      failed_.pop_front();
    }
  }
  settled_up_to_ = up_to;
}

std::optional<base::CommitOutcome> CommitProgress::outcome_of(base::CommitTicket ticket) const {
  if (ticket.is_complete()) return base::CommitOutcome::durable;
  if (ticket > settled_up_to_) return std::nullopt;
  const auto range = std::ranges::lower_bound(failed_, ticket, {}, &Range::up_to);
  const bool failed = range != failed_.end() && ticket > range->after;
  return failed ? base::CommitOutcome::failed : base::CommitOutcome::durable;
}

}  // namespace marconi::transport::http
