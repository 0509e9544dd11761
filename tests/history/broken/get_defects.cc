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

using Ids = std::span<const MessageId>;
using Page = std::vector<Message>;

// ---- P2 -------------------------------------------------------------------------------------

/// A get leaves one out.
class GetMissesOne final : public BrokenStore {
  using BrokenStore::BrokenStore;
  using BrokenStore::get;
  Result<Page> get(Call& call, const QueueAddress& queue, Ids ids) override {
    auto found = BrokenStore::get(call, queue, ids);
    if (found && !found->empty() && strike()) found->pop_back();
    return found;
  }
};

// ---- P6, P7 ---------------------------------------------------------------------------------

/// Shows messages that are gone, as they were when it showed them before.
class StaleGet : public BrokenStore {
 public:
  StaleGet(const base::Clock& clock, base::Random& random, Mishaps& mishaps)
      : BrokenStore(clock, random, mishaps), clock_(clock) {}

 private:
  using BrokenStore::get;
  Result<Page> get(Call& call, const QueueAddress& queue, Ids ids) override {
    auto found = BrokenStore::get(call, queue, ids);
    if (!found) return found;
    const std::lock_guard lock(mutex_);
    for (const Message& message : *found) {
      const auto [first_seen, is_new] = seen_.try_emplace(message.id);
      if (is_new) first_seen->second = {clock_.utc_now() + 1000 * message.ttl_seconds, message};
    }
    for (const MessageId& id : ids) {
      const auto seen = seen_.find(id);
      const bool is_gone = std::ranges::find(*found, id, &Message::id) == found->end();
      if (is_gone && seen != seen_.end() && may_show(clock_.utc_now() > seen->second.ends_by) &&
          strike()) {
        found->push_back(seen->second.message);
      }
    }
    return found;
  }

  [[nodiscard]] virtual bool may_show(bool has_ended) const = 0;

  struct Seen {
    base::UtcMillis ends_by = 0;
    Message message;
  };

  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<MessageId, Seen> seen_;
};

/// A get shows what was deleted.
class GetShowsDeleted final : public StaleGet {
  using StaleGet::StaleGet;
  [[nodiscard]] bool may_show(bool has_ended) const override { return !has_ended; }
};

/// A get shows what has ended.
class GetShowsEnded final : public StaleGet {
  using StaleGet::StaleGet;
  [[nodiscard]] bool may_show(bool has_ended) const override { return has_ended; }
};

// ---- P8 -------------------------------------------------------------------------------------

/// A get shows another message than the one that has the id.
class GetShowsAnother final : public BrokenStore {
  using BrokenStore::BrokenStore;
  using BrokenStore::get;
  Result<Page> get(Call& call, const QueueAddress& queue, Ids ids) override {
    auto found = BrokenStore::get(call, queue, ids);
    if (!found) return found;
    const std::lock_guard lock(mutex_);
    std::optional<MessageId>& last = last_[queue.name.text()];
    if (last && !found->empty() && std::ranges::find(ids, *last) == ids.end()) {
      const auto other = BrokenStore::get(call, queue, std::span(&*last, 1));
      if (other && !other->empty() && strike()) found->front() = other->front();
    }
    last = ids.front();
    return found;
  }

  std::mutex mutex_;
  std::map<std::string, std::optional<MessageId>, std::less<>> last_;  ///< by name of the queue
};

}  // namespace

std::span<const Defect> get_defects() {
  static const std::array kDefects{
      Defect{.name = "get_misses_one",
             .breaks = Rule::no_gap,
             .chance = 0.1,
             .make = make<GetMissesOne>},
      Defect{.name = "get_shows_deleted",
             .breaks = Rule::survives,
             .chance = 0.1,
             .make = make<GetShowsDeleted>},
      Defect{.name = "get_shows_ended",
             .breaks = Rule::clock,
             .chance = 0.2,
             .takes_time = true,
             .make = make<GetShowsEnded>},
      Defect{.name = "get_shows_another",
             .breaks = Rule::ids,
             .chance = 0.1,
             .make = make<GetShowsAnother>},
  };
  return kDefects;
}

}  // namespace marconi::history::broken
