// Finishing what crashed posters and movers left behind, where nobody else comes by.
#pragma once

#include <cstdint>

#include "storage/mongodb/counter.h"

namespace marconi::storage::mongodb {

/// Expiry is the database's work; this is for the rest. Any number of hosts may sweep at once.
class Sweeper {
 public:
  explicit Sweeper(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// One pass over all queues; returns how many posts it finished and letters it put back.
  Result<std::uint64_t> sweep();

 private:
  Result<std::uint64_t> finish_posts(Moment now);
  Result<std::uint64_t> put_letters_back(std::uint32_t partition, Moment now);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
