#include <algorithm>
#include <array>
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

}  // namespace

std::span<const Defect> removal_defects() {
  static const std::array kDefects{
      Defect{.name = "pop_leaves",
             .breaks = Rule::one_owner,
             .may_break = {Rule::survives, Rule::clock},
             .chance = 0.1,
             .make = make<PopLeaves>},
      Defect{.name = "pop_takes_held",
             .breaks = Rule::one_owner,
             .may_break = {Rule::clock},
             .chance = 0.5,
             .make = make<PopTakesHeld>},
      Defect{.name = "claim_ids_ignored",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .deletes_with_claims = true,
             .make = make<ClaimIdsIgnored>},
      Defect{.name = "pop_loses_one",
             .breaks = Rule::survives,
             .may_break = {Rule::no_gap, Rule::clock},
             .chance = 0.1,
             .make = make<PopLosesOne>},
      Defect{.name = "purge_leaves",
             .breaks = Rule::survives,
             .chance = 0.5,
             .make = make<PurgeLeaves>},
      Defect{.name = "failed_purge_half_done",
             .breaks = Rule::survives,
             .may_break = {Rule::no_gap},
             .chance = 0.3,
             .make = make<FailedPurgeHalfDone>},
      Defect{.name = "purge_undone",
             .breaks = Rule::survives,
             .may_break = {Rule::once, Rule::order, Rule::ids, Rule::no_gap},
             .chance = 0.5,
             .make = make<PurgeUndone>},
  };
  return kDefects;
}

}  // namespace marconi::history::broken
