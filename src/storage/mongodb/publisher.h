// Posting without transactions over several documents, all or nothing and in order.
//
// Messages are written invisible, under a tag. One conditional update of the queue's counter then
// moves the counter behind their markers and notes the tag as committed. From there on anybody can
// and everybody does make them visible, before anything that comes later is committed or read.
//
//  - Order: a post commits only if the counter has not moved since it was read, and whoever reads
//    the counter finishes what it lists. So all of an earlier post is visible before any of a
//    later one.
//  - All or nothing: what crashes before the commit is never published; the database removes it
//    when it expires. What crashes after it is finished by the next who comes by.
//  - Readers take no marker at or above the counter as they read it. Without that bound a page
//    could pass over an invisible message and then meet a later one that was published meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mongodb/counter.h"

namespace marconi::storage::mongodb {

/// Documents that become visible together.
class Batch {
 public:
  virtual ~Batch() = default;

  [[nodiscard]] virtual std::size_t size() const = 0;

  /// Puts the documents at markers from `base` on, invisible under a fresh tag; if they were put
  /// before, moves those that are not yet published. Returns how many are now invisible under the
  /// tag. `conflict` if a marker is taken.
  virtual Result<std::size_t> place(const ObjectId& tag, std::int64_t base) = 0;

  /// Undoes `place`, if possible; what remains is never published.
  virtual void withdraw() = 0;
};

class Publisher {
 public:
  explicit Publisher(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// Makes the batch part of the queue. Success means all of it is visible. `queue_missing` if
  /// there is no such queue. After `unavailable` the outcome is unknown, but all or nothing.
  Result<void> publish(std::string_view scope, Batch& batch);

 private:
  enum class Attempt { published, lost_race, unknown };

  Result<Attempt> attempt(std::string_view scope, Batch& batch);
  Result<std::int64_t> first_marker(std::string_view scope, const QueueState& state);
  Result<bool> commit(std::string_view scope, const QueueState& state, std::int64_t next,
                      const ObjectId& tag, Moment now);
  void pause_before(int attempt);

  const Shared& shared_;
  Counters counters_;
};

/// Where the markers of a queue made at this second start: above all that a predecessor of the same
/// name can have used, unless it had more than a million messages for each second of its life.
[[nodiscard]] constexpr std::int64_t lifted_start(base::UtcSeconds second) { return second << 20; }

}  // namespace marconi::storage::mongodb
