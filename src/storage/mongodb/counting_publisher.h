// Posting as the reference service does where markers are unique: messages are shown at the very
// marker the counter is at, and counted then. The unique index lets one of several posters through.
//
// This is for databases that hosts of the reference service write to as well: the other ways skip
// markers, and a poster of theirs that was held up could use one later. Some of what the reference
// service gets wrong is put right: a repeated attempt stores nothing twice, counting names the
// value and is not a step up, and what a dead poster left uncounted is counted all at once. Yet a
// post is not all or nothing here; readers do not show what is not counted.
#pragma once

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

class CountingPublisher final : public Publisher {
 public:
  explicit CountingPublisher(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// After `unavailable` a beginning of the batch may be there.
  Result<void> publish(std::string_view scope, Batch& batch) override;

 private:
  Result<bool> attempt(std::string_view scope, Batch& batch, std::size_t& there, bool again);
  Result<void> count_own(std::string_view scope, const Batch& batch, std::size_t& there);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
