#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "history/broken/broken_store.h"
#include "history/broken/defects.h"

namespace marconi::history::broken {
namespace {

using domain::ClientId;
using domain::Marker;
using domain::MessageListRequest;
using domain::NewMessage;
using Ids = std::vector<MessageId>;
using Page = std::vector<Message>;
using Batch = std::span<const NewMessage>;

/// The shortest life that a message can have; some have it, and the rest lives much longer.
constexpr std::int64_t kShortTtl = 60;

bool lives_shortly(Batch messages) { return messages.front().ttl_seconds <= kShortTtl; }

std::vector<NewMessage> with_ttl(Batch messages, std::int64_t seconds) {
  std::vector<NewMessage> changed(messages.begin(), messages.end());
  for (NewMessage& message : changed) message.ttl_seconds = seconds;
  return changed;
}

std::vector<NewMessage> with_delay(Batch messages, std::int64_t seconds) {
  std::vector<NewMessage> changed(messages.begin(), messages.end());
  for (NewMessage& message : changed) message.delay_seconds = seconds;
  return changed;
}

// ---- P1 -------------------------------------------------------------------------------------

/// A marker is taken to mean "from here" instead of "after this".
class MarkerIncluded final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Page> list(Call& call, const QueueAddress& queue,
                    const MessageListRequest& request) override {
    MessageListRequest changed = request;
    if (changed.after && changed.after->value > 0 && strike()) --changed.after->value;
    return BrokenStore::list(call, queue, changed);
  }
};

/// A post is repeated inside, although it had worked.
class PostAppliedTwice final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    auto ids = BrokenStore::post(call, queue, messages, client);
    return ids && strike() ? BrokenStore::post(call, queue, messages, client) : std::move(ids);
  }
};

// ---- P2 -------------------------------------------------------------------------------------

/// Markers are given out before their messages can be seen, so that later ones overtake them.
class PostOvertaken final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    if (!call.may_wait()) {
      // What strikes comes back on a thread that may wait.
      return strike() ? base::fail(base::ErrorKind::would_block)
                      : BrokenStore::post(call, queue, messages, client);
    }
    std::unique_lock lock(mutex_);
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (!ids) return ids;
    unseen_.insert(ids->begin(), ids->end());
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    lock.lock();
    for (const MessageId& id : *ids) unseen_.erase(id);
    return ids;
  }

  Result<Page> list(Call& call, const QueueAddress& queue,
                    const MessageListRequest& request) override {
    const std::lock_guard lock(mutex_);
    auto page = BrokenStore::list(call, queue, request);
    if (!page) return page;
    std::erase_if(*page, [&](const Message& message) { return unseen_.contains(message.id); });
    return page;
  }

  std::mutex mutex_;
  std::set<MessageId> unseen_;
};

/// A page leaves one out.
class PageWithHole final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Page> list(Call& call, const QueueAddress& queue,
                    const MessageListRequest& request) override {
    auto page = BrokenStore::list(call, queue, request);
    if (page && page->size() > 2 && strike()) page->erase(page->begin() + 1);
    return page;
  }
};

// ---- P3 -------------------------------------------------------------------------------------

/// The messages of a post are stored last one first.
class PostReversed final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    if (messages.size() < 2 || !strike()) return BrokenStore::post(call, queue, messages, client);
    const std::vector reversed(messages.rbegin(), messages.rend());
    auto ids = BrokenStore::post(call, queue, reversed, client);
    if (ids) std::ranges::reverse(*ids);
    return ids;
  }
};

/// The last message of a post and the first one of the next post change places. All observers see
/// the same order, and each post is in order: only real time tells.
class PostsInterleaved final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    const std::lock_guard lock(mutex_);
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (!ids) return ids;
    const auto found = BrokenStore::position(call, queue, ids->back());
    if (!found || !*found) return ids;  // deleted meanwhile
    const Marker last = **found;
    std::set<Marker>& swapped = swapped_[queue.name.text()];
    if (!swapped.contains(Marker(last.value - 1)) && strike()) swapped.insert(last);
    return ids;
  }

  Result<std::optional<Marker>> position(Call& call, const QueueAddress& queue,
                                         const MessageId& id) override {
    const std::lock_guard lock(mutex_);
    auto marker = BrokenStore::position(call, queue, id);
    if (marker && *marker) **marker = place_of(queue, **marker);
    return marker;
  }

  Result<Page> list(Call& call, const QueueAddress& queue,
                    const MessageListRequest& request) override {
    const std::lock_guard lock(mutex_);
    MessageListRequest wider = request;  // no place is further than one from its marker
    wider.limit += 2;
    if (wider.after) wider.after->value -= std::min<std::uint64_t>(wider.after->value, 2);
    auto page = BrokenStore::list(call, queue, wider);
    if (!page) return page;
    for (Message& message : *page) message.marker = place_of(queue, message.marker);
    std::erase_if(*page, [&](const Message& message) { return message.marker <= request.after; });
    std::ranges::sort(*page, {}, &Message::marker);
    if (page->size() > request.limit) page->resize(request.limit);
    return page;
  }

  Marker place_of(const QueueAddress& queue, Marker marker) {
    const std::set<Marker>& swapped = swapped_[queue.name.text()];
    if (swapped.contains(marker)) return Marker(marker.value + 1);
    if (swapped.contains(Marker(marker.value - 1))) return Marker(marker.value - 1);
    return marker;
  }

  std::mutex mutex_;
  std::map<std::string, std::set<Marker>, std::less<>> swapped_;  ///< each with its successor
};

// ---- P4 -------------------------------------------------------------------------------------

/// A post fails half-way, and the first half stays.
class PostHalfStored final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    if (messages.size() < 2 || !strike()) return BrokenStore::post(call, queue, messages, client);
    (void)BrokenStore::post(call, queue, messages.first(messages.size() / 2), client);
    return base::fail(base::ErrorKind::unavailable);
  }
};

/// A post is stored, and then found to be at fault.
class RefusedPostStored final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (!strike()) return ids;
    return std::unexpected(base::Error{base::ErrorKind::invalid, "Refused", "Found at fault."});
  }
};

// ---- P6 -------------------------------------------------------------------------------------

/// The last acknowledged post is lost when the next one comes.
class PostForgotten final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    const std::lock_guard lock(mutex_);
    if (!last_.empty() && queue.name == last_queue_->name && strike()) {
      (void)remove_many(call, queue, last_);
    }
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (!ids) return ids;
    last_ = *ids;
    last_queue_ = queue;
    return ids;
  }

  std::mutex mutex_;
  std::optional<QueueAddress> last_queue_;
  Ids last_;
};

/// A message ends before its time.
class MessageEndsEarly final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    const bool struck = lives_shortly(messages) && strike();
    return struck ? BrokenStore::post(call, queue, with_ttl(messages, kShortTtl / 12), client)
                  : BrokenStore::post(call, queue, messages, client);
  }
};

// ---- P7 -------------------------------------------------------------------------------------

/// A message outlives its TTL.
class MessageOutlivesTtl final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    const bool struck = lives_shortly(messages) && strike();
    return struck ? BrokenStore::post(call, queue, with_ttl(messages, kShortTtl * 10), client)
                  : BrokenStore::post(call, queue, messages, client);
  }
};

/// A message can be taken at once, whatever its delay.
class DelayIgnored final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    const bool struck = messages.front().delay_seconds > 0 && strike();
    return struck ? BrokenStore::post(call, queue, with_delay(messages, 0), client)
                  : BrokenStore::post(call, queue, messages, client);
  }
};

/// A message cannot be taken long after its delay.
class DelayTooLong final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    const bool struck = messages.front().delay_seconds > 0 && strike();
    return struck ? BrokenStore::post(call, queue, with_delay(messages, kShortTtl), client)
                  : BrokenStore::post(call, queue, messages, client);
  }
};

// ---- P8 -------------------------------------------------------------------------------------

/// A post is told the id of an older message.
class IdUsedTwice final : public BrokenStore {
  using BrokenStore::BrokenStore;
  Result<Ids> post(Call& call, const QueueAddress& queue, Batch messages,
                   const ClientId& client) override {
    auto ids = BrokenStore::post(call, queue, messages, client);
    if (!ids) return ids;
    const std::lock_guard lock(mutex_);
    const MessageId own = ids->front();
    if (last_ && strike()) ids->front() = *last_;
    last_ = own;
    return ids;
  }

  std::mutex mutex_;
  std::optional<MessageId> last_;
};

}  // namespace

std::span<const Defect> message_defects() {
  static const std::array kDefects{
      Defect{.name = "marker_included",
             .breaks = Rule::once,
             .chance = 0.02,
             .make = make<MarkerIncluded>},
      Defect{.name = "post_applied_twice",
             .breaks = Rule::once,
             .chance = 0.02,
             .make = make<PostAppliedTwice>},
      Defect{.name = "post_overtaken",
             .breaks = Rule::no_gap,
             .chance = 0.05,
             .make = make<PostOvertaken>},
      Defect{.name = "page_with_hole",
             .breaks = Rule::no_gap,
             .chance = 0.02,
             .make = make<PageWithHole>},
      Defect{.name = "post_reversed",
             .breaks = Rule::order,
             .chance = 0.02,
             .make = make<PostReversed>},
      Defect{.name = "posts_interleaved",
             .breaks = Rule::order,
             .chance = 0.05,
             .make = make<PostsInterleaved>},
      Defect{.name = "post_half_stored",
             .breaks = Rule::whole,
             .chance = 0.02,
             .make = make<PostHalfStored>},
      Defect{.name = "refused_post_stored",
             .breaks = Rule::whole,
             .chance = 0.02,
             .make = make<RefusedPostStored>},
      Defect{.name = "post_forgotten",
             .breaks = Rule::survives,
             .chance = 0.05,
             .make = make<PostForgotten>},
      Defect{.name = "message_ends_early",
             .breaks = Rule::survives,
             .chance = 0.5,
             .takes_time = true,
             .make = make<MessageEndsEarly>},
      Defect{.name = "message_outlives_ttl",
             .breaks = Rule::clock,
             .chance = 0.5,
             .takes_time = true,
             .make = make<MessageOutlivesTtl>},
      Defect{.name = "delay_ignored",
             .breaks = Rule::clock,
             .chance = 0.5,
             .make = make<DelayIgnored>},
      Defect{.name = "delay_too_long",
             .breaks = Rule::clock,
             .chance = 0.5,
             .takes_time = true,
             .make = make<DelayTooLong>},
      Defect{
          .name = "id_used_twice", .breaks = Rule::ids, .chance = 0.02, .make = make<IdUsedTwice>},
  };
  return kDefects;
}

}  // namespace marconi::history::broken
