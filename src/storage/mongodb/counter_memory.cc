#include "storage/mongodb/counter_memory.h"

#include <utility>

namespace marconi::storage::mongodb {

void CounterMemory::remember(std::string_view scope, QueueState state, Moment now,
                             std::optional<ObjectId> shown) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMostQueues && !entries_.contains(scope)) entries_.clear();
  auto& entry = entries_[std::string(scope)];
  const bool same_queue = entry.heard != 0 && entry.state.id() == state.id();
  if (same_queue && entry.state.next > state.next) return;  // heard later, but said earlier
  if (!shown && same_queue) shown = entry.shown;
  state.remembered = true;
  entry = {std::move(state), now.millis(), shown};
}

std::optional<QueueState> CounterMemory::recall(std::string_view scope) const {
  return recall(scope, {});
}

std::optional<QueueState> CounterMemory::recall(std::string_view scope, Date since) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(scope);
  if (at == entries_.end() || at->second.heard < since.millis) return std::nullopt;
  return at->second.state;
}

bool CounterMemory::knows_shown(std::string_view scope, const ObjectId& tag) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(scope);
  return at != entries_.end() && at->second.shown == tag;
}

void CounterMemory::forget(std::string_view scope) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(scope);
  if (at != entries_.end()) entries_.erase(at);
}

}  // namespace marconi::storage::mongodb
