// Messages of the embedded store.
#pragma once

#include "storage/embedded/engine.h"
#include "storage/store.h"

namespace marconi::storage::embedded {

class EmbeddedMessageStore final : public MessageStore {
 public:
  /// `has_room` tells whether the disk has room for more messages.
  EmbeddedMessageStore(const EngineHolder& engines, const std::atomic<bool>& has_room)
      : engines_(engines), has_room_(has_room) {}

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
  const EngineHolder& engines_;
  const std::atomic<bool>& has_room_;
};

/// The first `limit` messages that are free and whose delay is over.
Result<std::vector<StoredMessage>> find_claimable(Call& call, const OpenQueue& open,
                                                  std::uint64_t limit);

}  // namespace marconi::storage::embedded
