// Moves messages that were claimed too often to their dead-letter queue, in the batch of the
// claim that finds them.
#pragma once

#include <optional>
#include <vector>

#include "storage/embedded/engine.h"
#include "storage/store.h"

namespace marconi::storage::embedded {

/// For one claim. The source queue stays locked throughout, but for a moment in `lock_target`.
class DeadLetters {
 public:
  DeadLetters(const OpenQueue& source, Batch& batch);

  /// Whether the queue has a policy that applies.
  [[nodiscard]] bool is_active() const { return policy_.has_value(); }

  /// Whether one of these messages is due to be moved.
  [[nodiscard]] bool any_in(const std::vector<StoredMessage>& messages) const;

  /// Finds the dead-letter queue, creating it if missing, and holds both queues' locks. If they
  /// cannot be taken in order at once, the source is unlocked and locked again; its `queue`
  /// becomes null if it was removed meanwhile.
  base::Result<void> lock_target(Call& call, OpenQueue& source);

  /// Moves the messages that are due, and takes them out of `messages`.
  base::Result<void> move_from(std::vector<StoredMessage>& messages, QueueChange& source_change);

  void finish();                            ///< completes the batch
  void written(base::CommitTicket ticket);  ///< after the batch was written
  void failed();                            ///< after it was not

 private:
  [[nodiscard]] bool is_due(const StoredMessage& message) const;

  Batch& batch_;
  std::optional<domain::DeadLetterPolicy> policy_;
  OpenQueue target_;
  std::optional<QueueChange> target_change_;
  IdCodec const& ids_;
  QueueNumber source_number_;
};

}  // namespace marconi::storage::embedded
