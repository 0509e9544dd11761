#include "storage/embedded/claimed_messages.h"

namespace marconi::storage::embedded {

void ClaimedMessages::put(const StoredMessage& message) {
  constexpr std::size_t kMost = 2048;  // half a megabyte
  StoredMessage numbers;
  numbers.marker = message.marker;
  numbers.record = message.record;
  numbers.record.client = numbers.record.checksum = numbers.record.body = {};
  numbers.mark = message.mark;
  const auto [entry, is_new] = messages_.try_emplace(message.marker);
  entry->second.numbers = std::move(numbers);
  if (is_new) {
    entry->second.place = order_.insert(order_.end(), message.marker);
  } else {
    order_.splice(order_.end(), order_, entry->second.place);
  }
  // Not the first in the queue: that is where claims begin anew, once a great many have ended.
  if (messages_.size() > kMost) erase(order_.front());
}

void ClaimedMessages::erase(MarkerNumber marker) {
  const auto found = messages_.find(marker);
  if (found == messages_.end()) return;
  order_.erase(found->second.place);
  messages_.erase(found);
}

void ClaimedMessages::clear() {
  messages_.clear();
  order_.clear();
}

const StoredMessage* ClaimedMessages::find(MarkerNumber marker) const {
  const auto found = messages_.find(marker);
  return found == messages_.end() ? nullptr : &found->second.numbers;
}

std::size_t ClaimedMessages::memory() const {
  constexpr std::size_t kPerEntry = sizeof(Entry) + 80;  // an estimate
  return messages_.size() * kPerEntry;
}

}  // namespace marconi::storage::embedded
