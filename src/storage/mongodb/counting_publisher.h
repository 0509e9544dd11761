// Posting as the reference service does where markers are unique: messages are shown at the very
// marker the counter is at, and counted then. The unique index lets one of several posters through.
//
// This is for databases that hosts of the reference service write to as well: the other ways skip
// markers, and a poster of theirs that was held up could use one later. Some of what the reference
// service gets wrong is put right: a repeated attempt stores nothing twice, counting names the
// queue and the value and is not a step up, and what a dead poster left uncounted is counted all at
// once. Yet a post is not all or nothing here; readers do not show what is not counted.
//
// What was stored is taken from the answers alone, for a message may be taken by a consumer as soon
// as it is shown. So an insertion is not repeated if its answer is lost: unless all of the batch is
// found to be there, the poster is told that the outcome is not known.
#pragma once

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

class CountingPublisher final : public Publisher {
 public:
  explicit CountingPublisher(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// After `unavailable` a beginning of the batch may be there.
  Result<void> publish(std::string_view scope, Batch& batch) override;

 private:
  /// How far a batch has come.
  struct Progress {
    std::size_t shown = 0;  ///< so many documents, from the first
    std::int64_t next = 0;  ///< behind the marker of the last of them
  };

  Result<bool> attempt(std::string_view scope, Batch& batch, Progress& progress, bool again);
  Result<void> show(std::string_view scope, Batch& batch, Progress& progress);
  Result<void> look_up(std::string_view scope, const Batch& batch, Progress& progress);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
