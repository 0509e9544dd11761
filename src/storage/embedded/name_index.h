// Which queues may have a text in their name, without a look at all names.
#pragma once

#include <atomic>
#include <string_view>

#include "storage/embedded/queue_directory.h"

namespace marconi::storage::embedded {

/// The parts of all names, up to eight bytes from each position, each with the queue's number.
///
/// Creating a queue writes nothing here. The index follows in the order of queue numbers, a few at
/// a time, and so also takes up the queues of a store that was made without it. Whoever reads it
/// has to look at the queues from `indexed` on as well. Thread-safe.
class NameIndex {
 public:
  /// Queues with numbers below `indexed` are in the index.
  NameIndex(Journal& journal, QueueNumber indexed) : journal_(journal), indexed_(indexed) {}

  /// Takes up some queues; false if there are no more.
  base::Result<bool> extend(base::Patience patience, QueueDirectory& directory);

  /// Takes a queue's name out along with its removal. Changes must be serialized.
  void put_removal(const Queue& queue, Batch& batch) const;

  [[nodiscard]] QueueNumber indexed() const { return indexed_; }

  /// What the keys begin with, in the table `queues`, that lead to queues of the project whose
  /// names contain `text`. They end with the queue's number. A key may lead to a queue that is
  /// gone, and to one whose name does not contain all of a long text.
  [[nodiscard]] static std::string prefix(const domain::ProjectId& project, std::string_view text);

 private:
  Journal& journal_;
  std::atomic<QueueNumber> indexed_;
};

}  // namespace marconi::storage::embedded
