#include <algorithm>
#include <array>
#include <mutex>
#include <string>

#include "history/broken/broken_store.h"
#include "history/broken/defects.h"

namespace marconi::history::broken {
namespace {

using domain::ClaimTerms;
using domain::QueueMetadata;
using Ids = std::vector<MessageId>;
using MaybeClaim = std::optional<domain::Claim>;
using Page = std::vector<Message>;

class BrokenMove : public BrokenStore {
  using BrokenStore::BrokenStore;

 protected:
  /// Where messages of the queue move to, if they do.
  std::optional<QueueAddress> dead_letter_queue(Call& call, const QueueAddress& queue) {
    const auto metadata = queues().find(call, queue);
    if (!metadata || !*metadata || !(*metadata)->options().dead_letter) return std::nullopt;
    return QueueAddress{queue.project, (*metadata)->options().dead_letter->queue};
  }
};

// ---- P5 -------------------------------------------------------------------------------------

/// A claim takes the queue's policy to allow another number of claims.
template <int Claims>
class Miscounted final : public BrokenMove {
  using BrokenMove::BrokenMove;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    const std::lock_guard lock(mutex_);
    const auto to = dead_letter_queue(call, queue);
    if (!to || !strike()) return BrokenStore::create(call, queue, terms, limit);
    const auto before = queues().find(call, queue);
    if (!before || !*before) return BrokenStore::create(call, queue, terms, limit);
    const std::string changed = R"({"_max_claim_count": )" + std::to_string(Claims) +
                                R"(, "_dead_letter_queue": ")" + std::string(to->name.text()) +
                                "\"}";
    replace(call, queue, QueueMetadata::from_json(changed));
    auto claim = BrokenStore::create(call, queue, terms, limit);
    replace(call, queue, **before);
    return claim;
  }

  void replace(Call& call, const QueueAddress& queue, const Result<QueueMetadata>& metadata) {
    (void)queues().update(call, queue, [&](const QueueMetadata&) { return metadata; });
  }

  std::mutex mutex_;
};

// ---- P6 -------------------------------------------------------------------------------------

/// A message that moves does not arrive.
class LetterLost final : public BrokenMove {
  using BrokenMove::BrokenMove;
  Result<MaybeClaim> create(Call& call, const QueueAddress& queue, const ClaimTerms& terms,
                            std::uint64_t limit) override {
    const auto to = dead_letter_queue(call, queue);
    if (!to) return BrokenStore::create(call, queue, terms, limit);
    const std::lock_guard lock(mutex_);
    const Ids before = ids_in(call, queue);
    auto claim = BrokenStore::create(call, queue, terms, limit);
    const Ids after = ids_in(call, queue);
    const auto moved = std::ranges::find_if(before, [&](const MessageId& id) {
      return std::ranges::find(after, id) == after.end() && is_in(call, *to, id);
    });
    if (moved != before.end() && strike()) {
      (void)remove_many(call, *to, std::span(&*moved, 1));
    }
    return claim;
  }

  Ids ids_in(Call& call, const QueueAddress& queue) {
    Ids ids;
    const auto page = BrokenStore::list(
        call, queue,
        {.after = {}, .limit = 1'000, .include_claimed = true, .include_delayed = true});
    if (!page) return ids;
    for (const Message& message : *page) ids.push_back(message.id);
    return ids;
  }

  bool is_in(Call& call, const QueueAddress& queue, const MessageId& id) {
    const auto found = BrokenStore::get(call, queue, std::span(&id, 1));
    return found && !found->empty();
  }

  std::mutex mutex_;
};

/// A message that has moved is still shown in the queue that it left.
class LetterStays final : public BrokenMove {
  using BrokenMove::BrokenMove;
  using BrokenMove::get;
  Result<Page> get(Call& call, const QueueAddress& queue, std::span<const MessageId> ids) override {
    auto found = BrokenStore::get(call, queue, ids);
    const auto to = dead_letter_queue(call, queue);
    if (!found || !to) return found;
    const auto moved = BrokenStore::get(call, *to, ids);
    if (moved && !moved->empty() && strike()) found->push_back(moved->front());
    return found;
  }
};

}  // namespace

std::span<const Defect> dead_letter_defects() {
  static const std::array kDefects{
      Defect{.name = "letter_moves_early",
             .breaks = Rule::one_owner,
             .chance = 0.1,
             .make = make<Miscounted<1>>},
      Defect{.name = "letter_claimed_too_often",
             .breaks = Rule::one_owner,
             .chance = 0.5,
             .make = make<Miscounted<100>>},
      Defect{
          .name = "letter_lost", .breaks = Rule::survives, .chance = 0.3, .make = make<LetterLost>},
      Defect{.name = "letter_stays",
             .breaks = Rule::survives,
             .chance = 0.3,
             .make = make<LetterStays>},
  };
  return kDefects;
}

}  // namespace marconi::history::broken
