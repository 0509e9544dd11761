#include "storage/embedded/second_counts.h"

namespace marconi::storage::embedded {

void SecondCounts::add(base::UtcSeconds end, std::uint32_t count) {
  counts_[end] += count;
  alive_ += count;
}

void SecondCounts::remove(base::UtcSeconds end) {
  const auto entry = counts_.find(end);
  if (entry == counts_.end()) return;
  --alive_;
  if (--entry->second == 0) counts_.erase(entry);
}

std::uint64_t SecondCounts::alive(base::UtcSeconds now) {
  while (!counts_.empty() && counts_.begin()->first <= now) {
    alive_ -= counts_.begin()->second;
    counts_.erase(counts_.begin());
  }
  return alive_;
}

std::uint32_t SecondCounts::at(base::UtcSeconds end) const {
  const auto entry = counts_.find(end);
  return entry == counts_.end() ? 0 : entry->second;
}

void SecondCounts::clear() {
  counts_.clear();
  alive_ = 0;
}

}  // namespace marconi::storage::embedded
