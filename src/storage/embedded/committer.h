// Group commit: hands out tickets for writes, syncs the log for all of them at once, and tells
// listeners how it went. While one sync runs, the next group gathers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/commit_feed.h"
#include "base/error.h"
#include "storage/embedded/options.h"

namespace marconi::storage::embedded {

/// One per store; lives longer than any one opening of its database, so that tickets are never
/// reused. Thread-safe.
class Committer final : public base::CommitFeed {
 public:
  /// Makes everything written so far durable.
  using Sync = std::function<base::Result<void>()>;
  /// Called on the committer's thread after a write or a sync has failed and all tickets have been
  /// announced as failed; perhaps again before `resume`. Tickets are refused until then.
  using Failed = std::function<void(const base::Error&)>;

  Committer(SyncMode mode, Sync sync, Failed failed);
  ~Committer() override;  ///< syncs what is pending

  /// The ticket of a write that has just returned. Complete at once where the mode does not wait
  /// for syncs. `unavailable` while writes are stopped.
  base::Result<base::CommitTicket> take();

  /// Whether the write with this ticket, and all before it, are durable. Tickets that failed
  /// count as settled only after `resume`, when nothing remembers their writes any more.
  [[nodiscard]] bool is_settled(base::CommitTicket ticket) const {
    return ticket.value <= settled_.load(std::memory_order_acquire);
  }

  /// Reports a failed write: treated as a failed sync, for its outcome is unknown too.
  void fail(const base::Error& error);

  /// Takes tickets again, after the database was reopened. No call that wrote to the former
  /// opening may still be under way. Waits until whatever that opening reported was passed on.
  void resume();

  /// Whether writes are stopped.
  [[nodiscard]] bool is_stopped() const { return stopped_.load(); }

  void subscribe(base::CommitListener& listener) override;
  void unsubscribe(base::CommitListener& listener) override;

 private:
  void run();
  void run_once(std::unique_lock<std::mutex>& lock);
  void announce(base::CommitTicket up_to, base::CommitOutcome outcome);
  void stop_writes(const base::Error& error);

  const SyncMode mode_;
  const Sync sync_;
  const Failed failed_;

  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> settled_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> idle_{false};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::optional<base::Error> failure_;
  bool is_reporting_ = false;  // a failure was taken out and is being passed on
  std::condition_variable reported_;

  std::mutex listeners_mutex_;
  std::vector<base::CommitListener*> listeners_;

  std::jthread thread_;
};

}  // namespace marconi::storage::embedded
