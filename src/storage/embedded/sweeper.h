// Gives space back: clears away what has expired. Nothing that readers see depends on it.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/embedded/engine.h"

namespace marconi::storage::embedded {

/// One pass over the store. Work is in proportion to the blocks there are, not to messages:
/// a block is read only when a good part of it has expired. Those who use a queue meanwhile wait
/// for the removal of a few messages at most: reading needs no lock, and between two removals
/// whoever waits has a turn. One pass at a time.
class Sweeper {
 public:
  /// How many messages are removed in one go.
  static constexpr std::size_t kStep = 256;

  explicit Sweeper(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

  /// Returns the number of records removed. Stops early where the store cannot write.
  std::uint64_t run();

 private:
  class Removal;

  void sweep_blocks();
  SharedQueue find(QueueNumber number);
  std::optional<OpenQueue> lock(const SharedQueue& queue);
  void sweep_block(const SharedQueue& queue, BlockNumber block);
  void sweep_claims();
  void sweep_counts();
  void extend_names();
  bool commit(Batch& batch);

  std::shared_ptr<Engine> engine_;
  base::Call call_{base::Patience::may_wait};
  UtcSeconds now_ = 0;
  std::uint64_t removed_ = 0;
};

}  // namespace marconi::storage::embedded
