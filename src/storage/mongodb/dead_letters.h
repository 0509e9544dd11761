// Moving messages that were claimed too often to another queue.
//
// A letter keeps its id, and a collection holds an id but once. So within a partition the document
// itself changes queues, place and life, in one step. Before that, the mover holds it by a claim
// whose id is the tag of the post, and notes its new place in a field `n`; once the post is
// committed anybody can take that step. A letter whose mover dies sooner is free again when the
// hold ends. Nobody ever misses it in the old queue, for it was never away.
// Between partitions a copy is posted and the original removed then. Meanwhile the original is
// under a claim and names it in a field `l`, so that a mover in the other direction, who may meet
// the copy at once, does not take the original for what it would copy. With transactions either
// move is one step, and needs none of these fields. A mover between partitions that died, or a host
// of the reference service that did, may have left letters at both places. The next mover removes
// the one it finds first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

/// A message to move, and the marker it has where it is.
struct Letter {
  ObjectId id;
  std::int64_t marker = 0;
};

class DeadLetters {
 public:
  DeadLetters(const Shared& shared, Publisher& publisher)
      : shared_(shared), publisher_(publisher) {}

  /// What became of letters. Others have got the rest.
  struct Outcome {
    std::uint64_t moved = 0;
    std::vector<ObjectId>
        staying;  ///< for now: another mover, who may be alive, is at work on them
  };

  /// Moves those of the messages that are still free. Makes the dead-letter queue if it is missing.
  Result<Outcome> move(const QueueAddress& from, const domain::DeadLetterPolicy& policy,
                       const std::vector<Letter>& letters, Moment now);

  /// From a queue to another, by scope.
  struct Route {
    std::string from;
    std::string to;
    const domain::DeadLetterPolicy& policy;
    Moment now;
  };

 private:
  template <class Batch>
  Result<Outcome> publish_letters(const Route& route, const std::vector<Letter>& letters);
  Result<Outcome> move_to_other_partition(const Route& route, const std::vector<Letter>& letters);
  Result<void> publish(const Route& route, Batch& batch);
  Result<std::vector<Document>> clear_target(const Route& route, const std::vector<Document>& held);
  Result<void> let_go(const Route& route, const Array& ids, const ObjectId& holder);
  Result<std::vector<Document>> hold(const Route& route, const std::vector<Letter>& letters,
                                     const ObjectId& holder);

  const Shared& shared_;
  Publisher& publisher_;
};

}  // namespace marconi::storage::mongodb
