// The counter of a queue: which marker comes next, and which posts are committed. And the step by
// which everybody who reads it finishes what crashed posters left behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/mongodb/documents.h"
#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

/// A queue's document as read at one moment.
struct QueueState {
  Document document;
  std::int64_t next = 0;  ///< `c.v`: every visible message has a smaller marker
  std::vector<ObjectId> pending =
      {};  ///< `c.p`: committed posts that may still be invisible, in order

  [[nodiscard]] ObjectId id() const { return *document.find("_id")->as_object_id(); }
};

class Counters {
 public:
  explicit Counters(const Shared& shared) : shared_(shared) {}

  /// The queue's state, as it is; nothing if there is no queue.
  Result<std::optional<QueueState>> read(std::string_view scope);

  /// The queue's state with all pending posts made visible, so that every message with a marker
  /// below `next` can be seen, once and for all; nothing if there is no queue.
  Result<std::optional<QueueState>> read_settled(std::string_view scope);

  /// Makes a committed post visible, in the order of its markers, and strikes it off the list. May
  /// be done by several at once and any number of times.
  Result<void> finish(std::string_view scope, const ObjectId& tag);

  /// The largest marker of any document of the queue, visible or not; nothing if it has none.
  Result<std::optional<std::int64_t>> largest_marker(std::string_view scope);

 private:
  Result<void> count_stragglers(std::string_view scope, QueueState& state);

  const Shared& shared_;
};

}  // namespace marconi::storage::mongodb
