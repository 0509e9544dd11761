// One pass of marconi-gc over a database.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "storage/collector.h"
#include "storage/mongodb/counter.h"
#include "storage/mongodb/expired_messages.h"
#include "storage/mongodb/orphans.h"

namespace marconi::storage::mongodb {

/// Goes through the queues in pages, in the order of their scopes, so that it needs the same memory
/// however many there are. To be run once.
class CollectionPass {
 public:
  CollectionPass(const Shared& shared, const Collector::GoOn& go_on)
      : shared_(shared), go_on_(go_on), counters_(shared), expired_(shared), orphans_(shared) {}

  /// See Collector::collect.
  Result<void> run();

 private:
  using Step = std::function<Result<void>()>;

  bool run_queues();
  bool run_queue(BsonView queue);
  bool run_removed_queues();
  bool take(const Step& step);
  bool tell();
  Result<void> find_due_partitions();
  Result<void> finish_posts(BsonView queue);
  Result<void> raise_counter(BsonView queue);
  Result<void> sweep();

  const Shared& shared_;
  const Collector::GoOn& go_on_;
  Counters counters_;
  ExpiredMessages expired_;
  Orphans orphans_;
  Collected so_far_;
  std::vector<bool> due_partitions_;
  std::optional<base::Error> first_error_;
  int failures_in_a_row_ = 0;
  bool ended_ = false;  ///< by `go_on`
};

}  // namespace marconi::storage::mongodb
