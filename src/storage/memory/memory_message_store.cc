#include "storage/memory/memory_message_store.h"

namespace marconi::storage::memory {

Result<std::vector<MessageId>> MemoryMessageStore::post(
    Call&, const QueueAddress& queue, std::span<const domain::NewMessage> messages,
    const ClientId& client) {
  Access access(state_);
  Queue* found = access.find(queue);
  if (!found) return base::fail(base::ErrorKind::queue_missing);
  return found->post(messages, client, access.now(), access.random());
}

Result<std::vector<domain::Message>> MemoryMessageStore::list(Call&, const QueueAddress& queue,
                                                              const MessageListRequest& request) {
  Access access(state_);
  const Queue* found = access.find(queue);
  return found ? found->list(request, access.now()) : std::vector<domain::Message>();
}

Result<std::optional<Marker>> MemoryMessageStore::position(Call&, const QueueAddress& queue,
                                                           const MessageId& id) {
  Access access(state_);
  const Queue* found = access.find(queue);
  return found ? found->position(id) : std::nullopt;
}

Result<std::vector<domain::Message>> MemoryMessageStore::get(Call&, const QueueAddress& queue,
                                                             std::span<const MessageId> ids) {
  Access access(state_);
  const Queue* found = access.find(queue);
  return found ? found->get(ids, access.now()) : std::vector<domain::Message>();
}

Result<DeleteOutcome> MemoryMessageStore::remove(Call&, const QueueAddress& queue,
                                                 const MessageId& id,
                                                 const std::optional<ClaimId>& claim) {
  Access access(state_);
  Queue* found = access.find(queue);
  return found ? found->remove(id, claim) : DeleteOutcome::done;
}

Result<void> MemoryMessageStore::remove_many(Call&, const QueueAddress& queue,
                                             std::span<const MessageId> ids) {
  Access access(state_);
  if (Queue* found = access.find(queue)) found->remove_many(ids);
  return {};
}

Result<DeleteOutcome> MemoryMessageStore::remove_many_claimed(Call&, const QueueAddress& queue,
                                                              std::span<const MessageId> ids,
                                                              std::span<const ClaimId> claims) {
  Access access(state_);
  Queue* found = access.find(queue);
  return found ? found->remove_many_claimed(ids, claims) : DeleteOutcome::done;
}

Result<std::vector<domain::Message>> MemoryMessageStore::pop(Call&, const QueueAddress& queue,
                                                             std::uint64_t limit) {
  Access access(state_);
  Queue* found = access.find(queue);
  return found ? found->pop(limit, access.now()) : std::vector<domain::Message>();
}

Result<void> MemoryMessageStore::purge(Call&, const QueueAddress& queue) {
  Access access(state_);
  if (Queue* found = access.find(queue)) found->purge();
  return {};
}

}  // namespace marconi::storage::memory
