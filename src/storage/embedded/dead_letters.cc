#include "storage/embedded/dead_letters.h"

#include <algorithm>

#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::Result;

DeadLetters::DeadLetters(const OpenQueue& source, Batch& batch)
    : batch_(batch), ids_(source.engine->ids), source_number_(source.queue->number) {
  const auto& policy = source.queue->metadata->options().dead_letter;
  if (policy && policy->queue != source.queue->address.name) policy_ = policy;
}

bool DeadLetters::is_due(const StoredMessage& message) const {
  return policy_ && message.claim_count() >= policy_->max_claim_count;
}

bool DeadLetters::any_in(const std::vector<StoredMessage>& messages) const {
  return std::ranges::any_of(messages, [this](const auto& message) { return is_due(message); });
}

Result<void> DeadLetters::lock_target(Call& call, OpenQueue& source) {
  auto& directory = source.engine->directory;
  const domain::QueueAddress address{source.queue->address.project, policy_->queue};
  // Created ahead of the batch of the move: an empty queue that nothing is moved to after all is
  // harmless, and the other order of things, letters without a queue, cannot happen.
  auto creation =
      directory.create(call.patience(), address, std::make_shared<const domain::QueueMetadata>());
  if (!creation) return std::unexpected(creation.error());
  if (creation->queue->number < source.queue->number) {
    // Locks are taken in the order of queue numbers.
    source.lock.unlock();
    auto target = lock_queue(source.engine, call, creation->queue);
    if (!target) return std::unexpected(target.error());
    target_ = std::move(*target);
    auto again = lock_queue(source.engine, call, source.queue);
    if (!again) return std::unexpected(again.error());
    source = std::move(*again);
  } else {
    auto target = lock_queue(source.engine, call, creation->queue);
    if (!target) return std::unexpected(target.error());
    target_ = std::move(*target);
  }
  if (!target_.exists()) {
    return base::fail(base::ErrorKind::unavailable, "the dead-letter queue is being removed");
  }
  target_change_.emplace(*target_.queue, batch_, target_.now);
  return {};
}

Result<void> DeadLetters::move_from(std::vector<StoredMessage>& messages,
                                    QueueChange& source_change) {
  for (const auto& message : messages) {
    if (!is_due(message)) continue;
    MessageRecord moved = message.record;
    moved.foreign_id = message.record.foreign_id.value_or(
        ids_.encode(IdKind::message, source_number_, message.marker));
    moved.claim_count = message.claim_count();
    moved.ttl = policy_->ttl_seconds.value_or(message.ttl());
    moved.expiry = policy_->ttl_seconds ? end_after(target_.now_millis, *policy_->ttl_seconds)
                                        : message.expiry();
    moved.delayed_until = 0;
    const auto marker = target_change_->append(moved);
    batch_.put(Table::aliases, alias_key(target_.queue->number, *moved.foreign_id),
               NumberKey<1>{marker});
    source_change.remove(message);
  }
  std::erase_if(messages, [this](const auto& message) { return is_due(message); });
  return {};
}

void DeadLetters::finish() {
  if (target_change_) target_change_->finish();
}

void DeadLetters::written(base::CommitTicket ticket) {
  if (target_change_) target_change_->written(ticket);
}

void DeadLetters::failed() {
  if (target_.exists()) target_.queue->forget();
}

}  // namespace marconi::storage::embedded
