// Moving messages that were claimed too often to another queue.
//
// A letter keeps its id, and a collection holds an id but once. So within a partition the document
// itself moves: invisible under a tag, like a new message, it bears where it came from in a field
// `o` until it is published. Should the mover die before the commit, the sweeper puts it back.
// Between partitions a copy is posted and the original removed then. Meanwhile the original is
// under a claim and bears a field `l`, so that a mover in the other direction, who may meet the
// copy at once, does not take the original for what it would copy. With transactions either move is
// one step, and needs neither field.
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

  /// Moves those of the messages that are still free; returns how many. Makes the dead-letter queue
  /// if it is missing.
  Result<std::uint64_t> move(const QueueAddress& from, const domain::DeadLetterPolicy& policy,
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
  Result<std::uint64_t> publish_letters(const Route& route, const std::vector<Letter>& letters);
  Result<std::uint64_t> move_to_other_partition(const Route& route,
                                                const std::vector<Letter>& letters);
  Result<void> publish(const Route& route, Batch& batch);
  Result<std::vector<Document>> clear_target(const Route& route, const std::vector<Document>& held);
  Result<void> let_go(const Route& route, const Array& ids, const ObjectId& holder);
  Result<std::vector<Document>> hold(const Route& route, const std::vector<Letter>& letters,
                                     const ObjectId& holder);

  const Shared& shared_;
  Publisher& publisher_;
};

/// Puts a letter whose move was never committed back to where it was.
Result<void> put_back(const Shared& shared, BsonView letter);

}  // namespace marconi::storage::mongodb
