// The messages of a memory store.
#pragma once

#include "storage/memory/state.h"

namespace marconi::storage::memory {

class MemoryMessageStore final : public MessageStore {
 public:
  explicit MemoryMessageStore(State& state) : state_(state) {}

  Result<std::vector<MessageId>> post(Call& call, const QueueAddress& queue,
                                      std::span<const domain::NewMessage> messages,
                                      const ClientId& client) override;
  Result<std::vector<domain::Message>> list(Call& call, const QueueAddress& queue,
                                            const MessageListRequest& request) override;
  Result<std::optional<Marker>> position(Call& call, const QueueAddress& queue,
                                         const MessageId& id) override;
  Result<std::vector<domain::Message>> get(Call& call, const QueueAddress& queue,
                                           std::span<const MessageId> ids) override;
  Result<DeleteOutcome> remove(Call& call, const QueueAddress& queue, const MessageId& id,
                               const std::optional<ClaimId>& claim) override;
  Result<void> remove_many(Call& call, const QueueAddress& queue,
                           std::span<const MessageId> ids) override;
  Result<DeleteOutcome> remove_many_claimed(Call& call, const QueueAddress& queue,
                                            std::span<const MessageId> ids,
                                            std::span<const ClaimId> claims) override;
  Result<std::vector<domain::Message>> pop(Call& call, const QueueAddress& queue,
                                           std::uint64_t limit) override;
  Result<void> purge(Call& call, const QueueAddress& queue) override;

 private:
  State& state_;
};

}  // namespace marconi::storage::memory
