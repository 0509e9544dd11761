// The database together with the committer: writes that come with a ticket.
#pragma once

#include "storage/embedded/committer.h"
#include "storage/embedded/database.h"

namespace marconi::storage::embedded {

/// Thread-safe.
class Journal {
 public:
  Journal(Database& database, Committer& committer) : database_(database), committer_(committer) {}

  /// Applies the batch and returns its ticket. `would_block`: nothing was applied. Any other
  /// error: the outcome is unknown, and all writes stop until the store has been reopened.
  base::Result<base::CommitTicket> commit(base::Patience patience, Batch& batch) {
    if (auto running = check_running(); !running) return std::unexpected(running.error());
    if (auto written = database_.write(patience, batch); !written) {
      if (written.error().kind != base::ErrorKind::would_block) committer_.fail(written.error());
      return std::unexpected(written.error());
    }
    return committer_.take();
  }

  /// `unavailable` once a write or a sync has failed. To be asked after taking the lock under which
  /// something is read: a refused write may be found in the database until that is reopened, and
  /// whoever was refused has stopped the journal before giving the lock back.
  [[nodiscard]] base::Result<void> check_running() const {
    if (!committer_.is_stopped()) return {};
    return base::fail(base::ErrorKind::unavailable, "the store is recovering from a failed commit");
  }

  [[nodiscard]] bool is_settled(base::CommitTicket ticket) const {
    return committer_.is_settled(ticket);
  }

  /// Notes in the call that its answer depends on this change, if that is still pending.
  void rest(base::Call& call, base::CommitTicket ticket) const {
    if (!is_settled(ticket)) call.rests_on(ticket);
  }

  [[nodiscard]] Database& database() const { return database_; }

 private:
  Database& database_;
  Committer& committer_;
};

}  // namespace marconi::storage::embedded
