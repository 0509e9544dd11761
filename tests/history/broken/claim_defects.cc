#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "history/broken/broken_store.h"
#include "history/broken/defects.h"

namespace marconi::history::broken {
namespace {

using domain::ClaimTerms;
using domain::DeleteOutcome;
using MaybeClaim = std::optional<domain::Claim>;

// ---- P5 -------------------------------------------------------------------------------------

/// A claim takes a message that another one holds, too; both may delete it.
class TwoOwners final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    const std::lock_guard lock(mutex_);
    auto claim = BrokenStore::create(call, queue, terms, limit);
    if (!claim || !*claim) return claim;
    const auto other = get(call, queue, last_);
    if (other && !other->messages.empty() && (*claim)->messages.size() < limit && strike()) {
      const Message& shared = other->messages.back();
      (*claim)->messages.push_back(shared);
      first_owners_[{shared.id, (*claim)->id}] = last_;
    }
    last_ = (*claim)->id;
    return claim;
  }

  Result<DeleteOutcome> remove(Call& call, const QueueAddress& queue, const MessageId& id,
                               const std::optional<ClaimId>& claim) override {
    const std::lock_guard lock(mutex_);
    if (claim) {
      const auto first = first_owners_.find({id, *claim});
      if (first != first_owners_.end()) return BrokenStore::remove(call, queue, id, first->second);
    }
    return BrokenStore::remove(call, queue, id, claim);
  }

  std::mutex mutex_;
  ClaimId last_;
  std::map<std::pair<MessageId, ClaimId>, ClaimId> first_owners_;  ///< by message and second owner
};

/// Deletes what `Forgives` says although the claims speak against it.
template <bool (*Forgives)(DeleteOutcome)>
class WrongDeletion final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<DeleteOutcome> remove(Call& call, const QueueAddress& queue, const MessageId& id,
                               const std::optional<ClaimId>& claim) override {
    auto outcome = BrokenStore::remove(call, queue, id, claim);
    if (outcome && Forgives(*outcome) && strike()) {
      if (!remove_many(call, queue, std::span(&id, 1))) return outcome;
      return DeleteOutcome::done;
    }
    return outcome;
  }
};

bool claim_has_ended(DeleteOutcome outcome) {
  return outcome == DeleteOutcome::not_claimed || outcome == DeleteOutcome::claim_not_found;
}

bool is_held(DeleteOutcome outcome) { return outcome == DeleteOutcome::claimed; }

/// The renewal of a claim that has ended is acknowledged.
class EndedClaimRenewed final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                     const ClaimTerms& terms) override {
    auto renewed = BrokenStore::renew(call, queue, id, terms);
    return !renewed && strike() ? Result<void>() : renewed;
  }
};

// ---- P6 -------------------------------------------------------------------------------------

/// A deletion is acknowledged, but not carried out.
class DeletionLost final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<void> remove_many(Call& call, const QueueAddress& queue,
                           std::span<const MessageId> ids) override {
    return strike() ? Result<void>() : BrokenStore::remove_many(call, queue, ids);
  }
};

// ---- P7 -------------------------------------------------------------------------------------

/// A claim is over as soon as it has been answered.
class ClaimEndsEarly final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    auto claim = BrokenStore::create(call, queue, terms, limit);
    if (!claim || !*claim || !strike()) return claim;
    const auto released = release(call, queue, (*claim)->id);
    if (!released) return std::unexpected(released.error());
    return claim;
  }
};

/// A claim goes on after its end.
class ClaimOutlivesTtl final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    // The lives of the messages are not changed: TTL and grace come to the same together.
    const std::int64_t longer = 30 * terms.ttl_seconds;
    const ClaimTerms changed{longer, terms.ttl_seconds + terms.grace_seconds - longer};
    return BrokenStore::create(call, queue, strike() ? changed : terms, limit);
  }
};

/// A release is acknowledged, but not carried out.
class ReleaseLost final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override {
    return strike() ? Result<void>() : BrokenStore::release(call, queue, id);
  }
};

/// A claim does not see what is free.
class ClaimFindsNothing final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    return strike() ? MaybeClaim() : BrokenStore::create(call, queue, terms, limit);
  }
};

/// A claim shows before it is certain, and then fails.
class FailedClaimShows final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    std::unique_lock lock(mutex_);
    auto claim = BrokenStore::create(call, queue, terms, limit);
    if (!claim) return claim;
    const std::size_t got = *claim ? (*claim)->messages.size() : 0;
    if (got < limit && shown_in_ == queue.name.text()) {
      is_missing_ = true;
      missing_.notify_all();
    }
    // One that leaves nothing for those who follow.
    if (got == 0 || got == limit || !shown_in_.empty()) return claim;
    if (!call.may_wait()) {
      if (!strike()) return claim;
      (void)release(call, queue, (*claim)->id);
      return base::fail(base::ErrorKind::would_block);  // comes back on a thread that may wait
    }
    shown_in_ = queue.name.text();
    is_missing_ = false;
    missing_.wait_for(lock, std::chrono::milliseconds(300), [this] { return is_missing_; });
    shown_in_.clear();
    (void)release(call, queue, (*claim)->id);
    return base::fail(base::ErrorKind::unavailable);
  }

  std::mutex mutex_;
  std::string shown_in_;  ///< a queue
  std::condition_variable missing_;
  bool is_missing_ = false;  ///< for another claim
};

/// The answer to a claim is lost, and until that claim ends the queue seems to hold nothing that is
/// free: claims and pops find nothing.
class LostClaimHidesAll final : public BrokenStore {
 public:
  LostClaimHidesAll(const base::Clock& clock, base::Random& random, Mishaps& mishaps)
      : BrokenStore(clock, random, mishaps), clock_(clock) {}

 private:
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    if (hides_all(queue)) return MaybeClaim();
    auto claim = BrokenStore::create(call, queue, terms, limit);
    if (!claim || !*claim || !strike()) return claim;
    const std::lock_guard lock(mutex_);
    hidden_until_[queue.name.text()] = clock_.utc_now() + 1000 * terms.ttl_seconds;
    return base::fail(base::ErrorKind::unavailable);
  }

  Result<std::vector<Message>> pop(Call& call, const QueueAddress& queue,
                                   std::uint64_t limit) override {
    if (hides_all(queue)) return std::vector<Message>();
    return BrokenStore::pop(call, queue, limit);
  }

  bool hides_all(const QueueAddress& queue) {
    const std::lock_guard lock(mutex_);
    return clock_.utc_now() < hidden_until_[queue.name.text()];
  }

  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, base::UtcMillis> hidden_until_;  ///< by name of the queue
};

}  // namespace

std::span<const Defect> claim_defects() {
  static const std::array kDefects{
      Defect{
          .name = "two_owners", .breaks = Rule::one_owner, .chance = 0.5, .make = make<TwoOwners>},
      Defect{.name = "ended_claim_deletes",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .make = make<WrongDeletion<claim_has_ended>>},
      Defect{.name = "held_message_deleted",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .make = make<WrongDeletion<is_held>>},
      Defect{.name = "ended_claim_renewed",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .make = make<EndedClaimRenewed>},
      Defect{.name = "deletion_lost",
             .breaks = Rule::survives,
             .chance = 0.05,
             .make = make<DeletionLost>},
      Defect{.name = "claim_ends_early",
             .breaks = Rule::clock,
             .chance = 0.02,
             .make = make<ClaimEndsEarly>},
      Defect{.name = "claim_outlives_ttl",
             .breaks = Rule::clock,
             .chance = 0.1,
             .takes_time = true,
             .make = make<ClaimOutlivesTtl>},
      Defect{
          .name = "release_lost", .breaks = Rule::clock, .chance = 0.2, .make = make<ReleaseLost>},
      Defect{.name = "claim_finds_nothing",
             .breaks = Rule::clock,
             .chance = 0.05,
             .make = make<ClaimFindsNothing>},
      Defect{.name = "failed_claim_shows",
             .breaks = Rule::clock,
             .chance = 0.3,
             .make = make<FailedClaimShows>},
      Defect{.name = "lost_claim_hides_all",
             .breaks = Rule::clock,
             .chance = 0.02,
             .make = make<LostClaimHidesAll>},
  };
  return kDefects;
}

}  // namespace marconi::history::broken
