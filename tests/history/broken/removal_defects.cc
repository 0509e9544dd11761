#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "history/broken/broken_store.h"
#include "history/broken/defects.h"

namespace marconi::history::broken {
namespace {

using domain::DeleteOutcome;
using Ids = std::vector<MessageId>;
using Page = std::vector<Message>;

Ids ids_of(const Page& messages) {
  Ids ids;
  for (const Message& message : messages) ids.push_back(message.id);
  return ids;
}

Ids first_half_of(const Page& messages) {
  Ids ids = ids_of(messages);
  ids.resize(ids.size() / 2);
  return ids;
}

class BrokenRemoval : public BrokenStore {
  using BrokenStore::BrokenStore;

 protected:
  /// The first messages of the queue, at most `limit`.
  Page first(Call& call, const QueueAddress& queue, std::uint64_t limit, bool claimed) {
    const auto page = BrokenStore::list(
        call, queue,
        {.after = {}, .limit = limit, .include_claimed = claimed, .include_delayed = claimed});
    return page ? *page : Page();
  }
};

// ---- P5 -------------------------------------------------------------------------------------

/// What is popped stays.
class PopLeaves final : public BrokenRemoval {
  using BrokenRemoval::BrokenRemoval;
  Result<Page> pop(Call& call, const QueueAddress& queue, std::uint64_t limit) override {
    return strike() ? first(call, queue, limit, false) : BrokenStore::pop(call, queue, limit);
  }
};

/// A pop takes what claims hold.
class PopTakesHeld final : public BrokenRemoval {
  using BrokenRemoval::BrokenRemoval;
  Result<Page> pop(Call& call, const QueueAddress& queue, std::uint64_t limit) override {
    const auto page = BrokenStore::list(
        call, queue,
        {.after = {}, .limit = limit, .include_claimed = true, .include_delayed = false});
    const bool holds_some = page && std::ranges::any_of(*page, [](const Message& each) {
                              return each.claim.has_value();
                            });
    if (!holds_some || !strike()) return BrokenStore::pop(call, queue, limit);
    (void)BrokenStore::remove_many(call, queue, ids_of(*page));
    return *page;
  }
};

/// A deletion by ids does not look at the claim.
class ClaimIdsIgnored final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<DeleteOutcome> remove_many_claimed(Call& call, const QueueAddress& queue,
                                            std::span<const MessageId> ids,
                                            std::span<const ClaimId> claims) override {
    const auto outcome = BrokenStore::remove_many_claimed(call, queue, ids, claims);
    if (!outcome || *outcome == DeleteOutcome::done || !strike()) return outcome;
    (void)BrokenStore::remove_many(call, queue, ids);
    return DeleteOutcome::done;
  }
};

// ---- P6 -------------------------------------------------------------------------------------

/// A pop deletes more than it answers.
class PopLosesOne final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Page> pop(Call& call, const QueueAddress& queue, std::uint64_t limit) override {
    auto taken = BrokenStore::pop(call, queue, limit);
    if (taken && taken->size() > 1 && strike()) taken->pop_back();
    return taken;
  }
};

/// A purge is acknowledged, and the last messages stay.
class PurgeLeaves final : public BrokenRemoval {
  using BrokenRemoval::BrokenRemoval;
  Result<void> purge(Call& call, const QueueAddress& queue) override {
    const Page all = first(call, queue, 1'000, true);
    if (all.size() < 2 || !strike()) return BrokenStore::purge(call, queue);
    return BrokenStore::remove_many(call, queue, first_half_of(all));
  }
};

/// A purge fails half-way.
class FailedPurgeHalfDone final : public BrokenRemoval {
  using BrokenRemoval::BrokenRemoval;
  Result<void> purge(Call& call, const QueueAddress& queue) override {
    const Page all = first(call, queue, 1'000, true);
    if (all.size() < 2 || !strike()) return BrokenStore::purge(call, queue);
    (void)BrokenStore::remove_many(call, queue, first_half_of(all));
    return base::fail(base::ErrorKind::unavailable);
  }
};

/// What was purged is there again when the next message is posted.
class PurgeUndone final : public BrokenRemoval {
  using BrokenRemoval::BrokenRemoval;
  Result<void> purge(Call& call, const QueueAddress& queue) override {
    const Page last = first(call, queue, 5, true);
    const auto purged = BrokenStore::purge(call, queue);
    if (last.empty() || !strike()) return purged;
    std::vector<domain::NewMessage> again;
    for (const Message& message : last) {
      domain::NewMessage copy;
      copy.ttl_seconds = message.ttl_seconds;
      copy.body = message.body;
      again.push_back(std::move(copy));
    }
    (void)BrokenStore::post(call, queue, again, domain::ClientId("undone"));
    return purged;
  }
};

// ---- Queues made anew -----------------------------------------------------------------------

/// A queue is said to be deleted, and all is there as before.
class QueueStays final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<void> remove_queue(Call& call, const QueueAddress& queue) override {
    return strike() ? Result<void>() : BrokenStore::remove_queue(call, queue);
  }
};

/// The markers of a queue made anew begin anew, so that those of before lie ahead.
class MarkersBeginAnew final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue,
                   std::span<const domain::NewMessage> messages,
                   const domain::ClientId& client) override {
    const std::lock_guard lock(mutex_);
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (ids) {
      const auto last = position(call, queue, ids->back());
      if (last && *last) numbering_[queue.name.text()].last = (*last)->value;
    }
    return ids;
  }

  Result<void> remove_queue(Call& call, const QueueAddress& queue) override {
    const std::lock_guard lock(mutex_);
    Numbering& numbering = numbering_[queue.name.text()];
    if (numbering.last > numbering.begins_after && strike())
      numbering.begins_after = numbering.last;
    return BrokenStore::remove_queue(call, queue);
  }

  Result<Page> list(Call& call, const QueueAddress& queue,
                    const domain::MessageListRequest& request) override {
    const std::lock_guard lock(mutex_);
    const std::uint64_t begins_after = numbering_[queue.name.text()].begins_after;
    domain::MessageListRequest changed = request;
    if (changed.after) changed.after->value += begins_after;
    auto page = BrokenStore::list(call, queue, changed);
    if (page) {
      for (Message& message : *page) message.marker.value -= begins_after;
    }
    return page;
  }

  struct Numbering {
    std::uint64_t last = 0;
    std::uint64_t begins_after = 0;
  };

  std::mutex mutex_;
  std::map<std::string, Numbering, std::less<>> numbering_;  ///< by name of the queue
};

/// The first post into a queue made anew is told an id that was in use before.
class MessageIdsBeginAnew final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue,
                   std::span<const domain::NewMessage> messages,
                   const domain::ClientId& client) override {
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (!ids) return ids;
    const std::lock_guard lock(mutex_);
    Used& used = used_[queue.name.text()];
    const MessageId own = ids->front();
    if (used.begins_anew) ids->front() = *used.last;
    used = {own, false};
    return ids;
  }

  Result<void> remove_queue(Call& call, const QueueAddress& queue) override {
    const std::lock_guard lock(mutex_);
    Used& used = used_[queue.name.text()];
    used.begins_anew = used.begins_anew || (used.last && strike());
    return BrokenStore::remove_queue(call, queue);
  }

  struct Used {
    std::optional<MessageId> last;
    bool begins_anew = false;
  };

  std::mutex mutex_;
  std::map<std::string, Used, std::less<>> used_;  ///< by name of the queue
};

/// The first claim in a queue made anew gets an id that was in use before.
class ClaimIdsBeginAnew final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                              const domain::ClaimTerms& terms,
                                              std::uint64_t limit) override {
    auto claim = BrokenStore::create(call, queue, terms, limit);
    if (!claim || !*claim) return claim;
    const std::lock_guard lock(mutex_);
    Used& used = used_[queue.name.text()];
    if (used.begins_anew) {
      own_ids_[*used.last] = std::exchange((*claim)->id, *used.last);
    }
    used = {(*claim)->id, false};
    return claim;
  }

  Result<void> remove_queue(Call& call, const QueueAddress& queue) override {
    const std::lock_guard lock(mutex_);
    Used& used = used_[queue.name.text()];
    used.begins_anew = used.begins_anew || (used.last && strike());
    return BrokenStore::remove_queue(call, queue);
  }

  Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                     const domain::ClaimTerms& terms) override {
    return BrokenStore::renew(call, queue, own_id(id), terms);
  }

  Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override {
    return BrokenStore::release(call, queue, own_id(id));
  }

  Result<DeleteOutcome> remove(Call& call, const QueueAddress& queue, const MessageId& id,
                               const std::optional<ClaimId>& claim) override {
    return BrokenStore::remove(call, queue, id, claim ? std::optional(own_id(*claim)) : claim);
  }

  ClaimId own_id(const ClaimId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = own_ids_.find(id);
    return found == own_ids_.end() ? id : found->second;
  }

  struct Used {
    std::optional<ClaimId> last;
    bool begins_anew = false;
  };

  std::mutex mutex_;
  std::map<std::string, Used, std::less<>> used_;  ///< by name of the queue
  std::map<ClaimId, ClaimId> own_ids_;             ///< by the id that the claim was given
};

}  // namespace

std::span<const Defect> removal_defects() {
  static const std::array kDefects{
      Defect{
          .name = "pop_leaves", .breaks = Rule::one_owner, .chance = 0.1, .make = make<PopLeaves>},
      Defect{.name = "pop_takes_held",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .make = make<PopTakesHeld>},
      Defect{.name = "claim_ids_ignored",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .deletes_with_claims = true,
             .make = make<ClaimIdsIgnored>},
      Defect{.name = "pop_loses_one",
             .breaks = Rule::survives,
             .chance = 0.1,
             .make = make<PopLosesOne>},
      Defect{.name = "purge_leaves",
             .breaks = Rule::survives,
             .chance = 0.5,
             .make = make<PurgeLeaves>},
      Defect{.name = "failed_purge_half_done",
             .breaks = Rule::survives,
             .chance = 0.3,
             .make = make<FailedPurgeHalfDone>},
      Defect{.name = "purge_undone",
             .breaks = Rule::survives,
             .chance = 0.5,
             .make = make<PurgeUndone>},
      Defect{
          .name = "queue_stays", .breaks = Rule::survives, .chance = 0.3, .make = make<QueueStays>},
      Defect{.name = "markers_begin_anew",
             .breaks = Rule::no_gap,
             .chance = 0.5,
             .make = make<MarkersBeginAnew>},
      Defect{.name = "message_ids_begin_anew",
             .breaks = Rule::ids,
             .chance = 0.5,
             .make = make<MessageIdsBeginAnew>},
      Defect{.name = "claim_ids_begin_anew",
             .breaks = Rule::ids,
             .chance = 0.5,
             .make = make<ClaimIdsBeginAnew>},
  };
  return kDefects;
}

}  // namespace marconi::history::broken
