// Finishing what crashed posters left behind, where nobody else comes by. Letters whose mover died
// are held in their old queue until the hold ends, and found by whoever comes to either queue.
#pragma once

#include <cstdint>

#include "storage/mongodb/counter.h"

namespace marconi::storage::mongodb {

/// Looks at invisible documents only, so that it takes no longer with more queues. Expiry is the
/// database's work. Any number of hosts may sweep at once.
class Sweeper {
 public:
  explicit Sweeper(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// How many posts it finished.
  Result<std::uint64_t> sweep();

 private:
  Result<void> sweep(std::uint32_t partition, Moment now, std::uint64_t& finished);
  Result<void> finish(BsonView message, Moment now, std::uint64_t& finished);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
