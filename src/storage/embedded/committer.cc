#include "storage/embedded/committer.h"

#include <algorithm>
#include <utility>

#include "base/thread_turns.h"

namespace marconi::storage::embedded {

using base::CommitOutcome;
using base::CommitTicket;
using base::ErrorKind;

Committer::Committer(SyncMode mode, Sync sync, Failed failed)
    : mode_(mode), sync_(std::move(sync)), failed_(std::move(failed)), thread_([this] { run(); }) {}

Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
}

base::Result<CommitTicket> Committer::take() {
  const CommitTicket ticket{taken_.fetch_add(1) + 1};
  // In this order: a ticket that passes the check was taken before writes were stopped, and so is
  // among those announced as failed.
  if (is_stopped()) {
    return base::fail(ErrorKind::unavailable, "the store is recovering from a failed commit");
  }
  if (mode_.kind == SyncMode::Kind::always) {
    // Taking the mutex makes sure that the notification is not lost between check and sleep.
    if (idle_.load()) {
      {
        const std::scoped_lock lock(mutex_);
      }
      wake_.notify_one();
    }
    return ticket;
  }
  return CommitTicket{};
}

void Committer::fail(const base::Error& error) {
  {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = error;
    stopped_.store(true);
  }
  wake_.notify_one();
}

void Committer::resume() {
  std::unique_lock lock(mutex_);
  reported_.wait(lock, [this] { return !is_reporting_; });
  failure_.reset();  // of the former opening
  settled_.store(taken_.load(), std::memory_order_release);
  stopped_.store(false);
}

void Committer::subscribe(base::CommitListener& listener) {
  const std::scoped_lock lock(listeners_mutex_);
  listeners_.push_back(&listener);
}

void Committer::unsubscribe(base::CommitListener& listener) {
  const std::scoped_lock lock(listeners_mutex_);
  std::erase(listeners_, &listener);
}

void Committer::run() {
  base::run_promptly();  // every answer to a write waits for this thread
  std::unique_lock lock(mutex_);
  while (true) {
    const auto due = [this] {
      return ending_ || failure_ ||
             (mode_.kind == SyncMode::Kind::always && !stopped_ && taken_.load() > settled_.load());
    };
    idle_.store(true);
    if (mode_.kind == SyncMode::Kind::interval) {
      wake_.wait_for(lock, mode_.period, due);
    } else {
      wake_.wait(lock, due);
    }
    idle_.store(false);
    const bool last_round = ending_;
    run_once(lock);
    if (last_round) return;
  }
}

void Committer::run_once(std::unique_lock<std::mutex>& lock) {
  if (!failure_ && !stopped_) {
    // Whoever took a ticket up to this one had finished writing, so the sync covers it.
    const CommitTicket up_to{taken_.load()};
    if (up_to.value > settled_.load()) {
      lock.unlock();
      const auto synced = sync_();
      if (synced) {
        settled_.store(up_to.value, std::memory_order_release);
        announce(up_to, CommitOutcome::durable);
      }
      lock.lock();
      if (!synced && !failure_) failure_ = synced.error();
    }
  }
  if (failure_) {
    // Taken out before unlocking, so that a failure reported meanwhile is not forgotten.
    const auto error = *std::exchange(failure_, std::nullopt);
    stopped_.store(true);
    is_reporting_ = true;
    lock.unlock();
    stop_writes(error);
    lock.lock();
    is_reporting_ = false;
    reported_.notify_all();
  }
}

void Committer::stop_writes(const base::Error& error) {
  // Not settled yet for readers: what they find in the database may not survive its reopening.
  announce(CommitTicket{taken_.load()}, CommitOutcome::failed);
  failed_(error);
}

void Committer::announce(CommitTicket up_to, CommitOutcome outcome) {
  const std::scoped_lock lock(listeners_mutex_);
  for (auto* listener : listeners_) listener->settled(up_to, outcome);
}

}  // namespace marconi::storage::embedded
