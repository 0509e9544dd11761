// Posting by transactions over several documents: the counter and the messages change at one
// instant.
//
// Two posts to a queue change the same counter, so one of them is begun anew; hence messages become
// visible in the order of their markers, each post whole. A poster of the reference service, which
// reads the counter outside, sees the counter before and collides where markers are unique, or the
// counter behind with the messages there.
#pragma once

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

/// For deployments that have transactions and keep counters and messages together.
class TransactionPublisher final : public Publisher {
 public:
  explicit TransactionPublisher(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// After `unavailable` it is all or nothing.
  Result<void> publish(std::string_view scope, Batch& batch) override;
  [[nodiscard]] bool transactional() const override { return true; }

 private:
  enum class Obstacle { none, pending_posts };

  Result<bool> post(Operations& inside, std::string_view scope, Batch& batch, Moment now,
                    Obstacle& obstacle);
  Result<std::optional<std::int64_t>> first_marker(Operations& inside, std::string_view scope,
                                                   std::int64_t next, Moment now);
  Result<bool> is_there(std::string_view scope, const Batch& batch);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
