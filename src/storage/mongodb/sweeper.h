// Finishing what crashed posters and movers left behind, where nobody else comes by.
#pragma once

#include <cstdint>

#include "storage/mongodb/counter.h"

namespace marconi::storage::mongodb {

/// What a sweep did.
struct Swept {
  std::uint64_t posts = 0;    ///< finished
  std::uint64_t letters = 0;  ///< put back
};

/// Looks at invisible documents only, so that it takes no longer with more queues. Expiry is the
/// database's work. Any number of hosts may sweep at once.
class Sweeper {
 public:
  explicit Sweeper(const Shared& shared) : shared_(shared), counters_(shared) {}

  Result<Swept> sweep();

 private:
  Result<void> sweep(std::uint32_t partition, Moment now, Swept& swept);
  Result<void> finish_or_put_back(BsonView message, Moment now, Swept& swept);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
