// Removing expired messages and records. The database does that too, by an index with expiry; but
// some servers do not, and one with much to do may fall behind.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

class ExpiredMessages {
 public:
  explicit ExpiredMessages(const Shared& shared) : shared_(shared) {}

  /// Whether a partition holds so many expired messages that one of its queues can have reached the
  /// threshold. Much cheaper than to ask that of each queue.
  Result<bool> may_be_due(std::uint32_t partition);

  /// Told how many were removed in a step; false ends the removal.
  using Step = std::function<bool(std::uint64_t removed)>;

  /// Removes the expired messages of a queue if they have reached the threshold; all but the newest
  /// message, even if it has expired.
  Result<void> remove(std::string_view scope, const Step& step);

  /// Removes the records of claims that are over, and notes of removed queues that are of no use
  /// any more.
  Result<void> remove_records();

 private:
  Result<std::optional<std::int64_t>> newest_marker(std::string_view scope);
  Result<bool> holds_threshold(const CollectionName& where, const Document& filter);

  const Shared& shared_;
};

}  // namespace marconi::storage::mongodb
