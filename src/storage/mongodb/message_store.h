// The messages of a MongoDB store.
#pragma once

#include "storage/mongodb/counter.h"
#include "storage/mongodb/post_lines.h"
#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

/// Bulk deletions and pops take one message after the other: each message is deleted in one step,
/// all of them together are not.
class MongodbMessageStore final : public MessageStore {
 public:
  MongodbMessageStore(const Shared& shared, Publisher& publisher)
      : shared_(shared), counters_(shared), lines_(shared, publisher) {}

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
  /// A page, and whether there is something beyond it that was left uncounted.
  struct Page {
    std::vector<domain::Message> messages;
    bool left = false;
  };

  Result<Page> find_page(std::string_view scope, const MessageListRequest& request,
                         std::int64_t bound);
  Result<void> complete(Page& page, std::string_view scope, const MessageListRequest& request,
                        Moment now);
  [[nodiscard]] bool is_held_back(BsonView message, Moment now) const;
  Result<void> count_before_removal(std::string_view scope, const Array& ids);
  Result<bool> remove_counted(std::string_view scope, const ObjectId& id, const Document& filter);
  Result<DeleteOutcome> why_not_removed(std::string_view scope, const ObjectId& id,
                                        const std::optional<ClaimId>& claim);

  const Shared& shared_;
  Counters counters_;
  PostLines lines_;
};

}  // namespace marconi::storage::mongodb
