#include "storage/mongodb/counter_memory.h"

#include <iterator>
#include <utility>

namespace marconi::storage::mongodb {

/// The entry itself, what it owns, and what list and table need to hold it.
std::size_t CounterMemory::Entry::memory() const {
  constexpr std::size_t kLinks = 128;
  return sizeof(Entry) + kLinks + scope.capacity() + state.document.bytes().capacity() +
         state.pending.capacity() * sizeof(PendingPost);
}

void CounterMemory::remember(std::string_view scope, QueueState state, Moment now,
                             std::optional<ObjectId> shown) {
  const std::lock_guard lock(mutex_);
  if (const auto* known = find(scope)) {
    const bool same_queue = known->state.id() == state.id();
    if (same_queue && known->state.next > state.next) return;  // heard later, but said earlier
    if (!shown && same_queue) shown = known->shown;
    forget(entries_.begin());
  }
  state.remembered = true;
  entries_.push_front({std::string(scope), std::move(state), now.millis(), shown});
  places_.emplace(entries_.front().scope, entries_.begin());
  bytes_ += entries_.front().memory();
  while (bytes_ > most_bytes_) forget(std::prev(entries_.end()));
}

std::optional<QueueState> CounterMemory::recall(std::string_view scope) {
  return recall(scope, {});
}

std::optional<QueueState> CounterMemory::recall(std::string_view scope, Date since) {
  const std::lock_guard lock(mutex_);
  const auto* known = find(scope);
  if (known == nullptr || known->heard < since.millis) return std::nullopt;
  return known->state;
}

bool CounterMemory::knows_shown(std::string_view scope, const ObjectId& tag) {
  const std::lock_guard lock(mutex_);
  const auto* known = find(scope);
  return known != nullptr && known->shown == tag;
}

void CounterMemory::forget(std::string_view scope) {
  const std::lock_guard lock(mutex_);
  if (find(scope) != nullptr) forget(entries_.begin());
}

/// Null if it is not known. It is then the one used last.
CounterMemory::Entry* CounterMemory::find(std::string_view scope) {
  const auto place = places_.find(scope);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return &entries_.front();
}

void CounterMemory::forget(Entries::iterator entry) {
  bytes_ -= entry->memory();
  places_.erase(entry->scope);
  entries_.erase(entry);
}

}  // namespace marconi::storage::mongodb
