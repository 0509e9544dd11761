// A store that cannot do anything, for testing what is above when its storage is down.
#pragma once

#include "storage/store.h"

namespace marconi::storage::faulty {

/// Fails every operation, `ping` included, with `internal`; changes nothing and gives out no
/// tickets. The changes handed to `QueueStore::update` never run.
class FaultyStore final : public Store {
 public:
  /// What the errors of this store say.
  static constexpr const char* kDescription = "The storage is out of order.";

  QueueStore& queues() override { return queues_; }
  MessageStore& messages() override { return messages_; }
  ClaimStore& claims() override { return claims_; }
  base::CommitFeed& commits() override { return commits_; }
  Result<void> ping(Call& call) override;
  std::uint64_t collect_garbage() override { return 0; }

 private:
  class Queues final : public QueueStore {
   public:
    Result<bool> create(Call& call, const QueueAddress& queue,
                        const domain::QueueMetadata& metadata) override;
    Result<domain::SharedQueueMetadata> find(Call& call, const QueueAddress& queue) override;
    Result<domain::SharedQueueMetadata> update(Call& call, const QueueAddress& queue,
                                               const MetadataChange& change) override;
    Result<void> remove(Call& call, const QueueAddress& queue) override;
    Result<std::vector<QueueEntry>> list(Call& call, const ProjectId& project,
                                         const QueueListRequest& request) override;
    Result<std::uint64_t> count(Call& call, const ProjectId& project) override;
    Result<std::optional<domain::QueueStats>> stats(Call& call, const QueueAddress& queue) override;
  };

  class Messages final : public MessageStore {
   public:
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
  };

  class Claims final : public ClaimStore {
   public:
    Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                                const ClaimTerms& terms,
                                                std::uint64_t limit) override;
    Result<domain::Claim> get(Call& call, const QueueAddress& queue, const ClaimId& id) override;
    Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                       const ClaimTerms& terms) override;
    Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override;
  };

  /// Listeners never hear anything, for nothing is ever pending.
  class SilentFeed final : public base::CommitFeed {
   public:
    void subscribe(base::CommitListener&) override {}
    void unsubscribe(base::CommitListener&) override {}
  };

  Queues queues_;
  Messages messages_;
  Claims claims_;
  SilentFeed commits_;
};

}  // namespace marconi::storage::faulty
