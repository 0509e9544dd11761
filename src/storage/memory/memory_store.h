// The reference implementation of the storage contract, and the test double for everything above.
#pragma once

#include "storage/memory/memory_claim_store.h"
#include "storage/memory/memory_message_store.h"
#include "storage/memory/memory_queue_store.h"
#include "storage/memory/state.h"

namespace marconi::storage::memory {

/// Keeps everything in plain data structures under one lock, until it is destroyed. Clear rather
/// than fast: calls cost time in proportion to what a queue holds. Never returns `would_block` or
/// `unavailable`; every change is complete when its call returns, so no tickets are given out and
/// the feed announces nothing.
class MemoryStore final : public Store {
 public:
  /// Both must outlive the store.
  MemoryStore(const base::Clock& clock, base::Random& random) : state_(clock, random) {}

  QueueStore& queues() override { return queues_; }
  MessageStore& messages() override { return messages_; }
  ClaimStore& claims() override { return claims_; }
  base::CommitFeed& commits() override { return commits_; }

  Result<void> ping(Call&) override { return {}; }
  std::uint64_t collect_garbage() override { return Access(state_).forget_ended(); }

 private:
  /// Listeners never hear anything, for nothing is ever pending.
  class SilentFeed final : public base::CommitFeed {
   public:
    void subscribe(base::CommitListener&) override {}
    void unsubscribe(base::CommitListener&) override {}
  };

  State state_;
  MemoryQueueStore queues_{state_};
  MemoryMessageStore messages_{state_};
  MemoryClaimStore claims_{state_};
  SilentFeed commits_;
};

}  // namespace marconi::storage::memory
