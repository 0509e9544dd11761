#include "storage/embedded/claimed_messages.h"

namespace marconi::storage::embedded {

void ClaimedMessages::put(const StoredMessage& message) {
  constexpr std::size_t kMost = 2048;  // half a megabyte
  StoredMessage numbers;
  numbers.marker = message.marker;
  numbers.record = message.record;
  numbers.record.client = numbers.record.checksum = numbers.record.body = {};
  numbers.mark = message.mark;
  messages_.insert_or_assign(message.marker, std::move(numbers));
  // Messages are mostly claimed in their order, so that this one is mostly the oldest.
  if (messages_.size() > kMost) messages_.erase(messages_.begin());
}

const StoredMessage* ClaimedMessages::find(MarkerNumber marker) const {
  const auto found = messages_.find(marker);
  return found == messages_.end() ? nullptr : &found->second;
}

std::size_t ClaimedMessages::memory() const {
  constexpr std::size_t kPerEntry = sizeof(StoredMessage) + 48;  // an estimate
  return messages_.size() * kPerEntry;
}

}  // namespace marconi::storage::embedded
