// What this process knows of the counters of queues from the last answers of the database.
//
// A remembered counter is only ever a lower bound: others may have moved it. It saves round trips
// where that does no harm. A post that starts from it commits on the condition that the counter has
// not moved; a page below it is as good as one below the true counter if it is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/mongodb/documents.h"

namespace marconi::storage::mongodb {

/// A queue's document as read at one moment.
struct QueueState {
  Document document;
  std::int64_t next = 0;  ///< `c.v`: every visible message has a smaller marker
  /// `c.p`: committed posts that may still be invisible, in order
  std::vector<PendingPost> pending = {};
  bool remembered = false;  ///< not read just now

  [[nodiscard]] ObjectId id() const { return *document.find("_id")->as_object_id(); }
};

/// Of the queues that were used last, as many as fit into so much memory. Thread-safe.
class CounterMemory {
 public:
  /// Enough for some tens of thousands of queues with little metadata.
  static constexpr std::size_t kMostBytes = 32UL << 20;

  explicit CounterMemory(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  /// Keeps a state of which nothing is pending. `shown`: a post that this process made visible and
  /// that may still be listed as pending.
  void remember(std::string_view scope, QueueState state, Moment now,
                std::optional<ObjectId> shown = std::nullopt);

  /// Nothing if it is not known.
  [[nodiscard]] std::optional<QueueState> recall(std::string_view scope);
  /// Nothing if it is not known or was heard before `since`.
  [[nodiscard]] std::optional<QueueState> recall(std::string_view scope, Date since);

  /// Whether all of this post is known to be visible.
  [[nodiscard]] bool knows_shown(std::string_view scope, const ObjectId& tag);

  void forget(std::string_view scope);

 private:
  struct Entry {
    std::string scope;
    QueueState state;
    base::UtcMillis heard = 0;
    std::optional<ObjectId> shown;

    [[nodiscard]] std::size_t memory() const;
  };
  using Entries = std::list<Entry>;

  Entry* find(std::string_view scope);
  void forget(Entries::iterator entry);

  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;  ///< of all entries; by mutex_, as is what follows
  Entries entries_;        ///< the one used last in front
  std::unordered_map<std::string_view, Entries::iterator> places_;  ///< scopes of entries
};

}  // namespace marconi::storage::mongodb
