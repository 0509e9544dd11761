// The rules of messages: how many, how large, how long they may live, and who may delete them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/error.h"
#include "domain/limits.h"
#include "domain/message.h"
#include "domain/names.h"
#include "storage/store.h"

namespace marconi::service {

using base::Call;
using base::Result;

/// What a queue asks of the messages posted to it (http-v2 §6.2).
struct PostingTerms {
  bool queue_exists = false;
  bool encrypts = false;
  std::int64_t default_ttl_seconds = 0;
  std::optional<std::int64_t> default_delay_seconds;  ///< absent: delays are not even read
  std::optional<std::int64_t> queue_max_bytes;        ///< the queue's own limit for a post
};

/// What happens to a post when its queue does not exist.
enum class MissingQueue { refuse, create };

/// What to list. `limit` and `marker` are as the client sent them, still to be checked.
struct MessageListQuery {
  std::optional<std::string> marker;
  std::int64_t limit = domain::kDefaultPageSize;
  const domain::ClientId* hide_client = nullptr;  ///< leave out messages of this client
  bool include_claimed = false;
  bool include_delayed = false;  ///< also those whose delay has not elapsed
  /// A queue without a default delay hides nothing, whatever `include_delayed` says (http-v2
  /// §10.3).
  bool delays_need_queue_option = false;
};

struct MessagePage {
  std::vector<domain::Message> messages;
  bool delayed_forced = false;  ///< delayed ones were shown because the queue knows no delays
};

/// Thread-safe. Errors of the storage are handed through without words of their own; every other
/// error carries a title and a description for the client.
class MessageService {
 public:
  /// The stores must outlive the service.
  MessageService(storage::QueueStore& queues, storage::MessageStore& messages,
                 const domain::Limits& limits)
      : queues_(queues), messages_(messages), limits_(limits) {}

  /// What posting to this queue is subject to; also for a queue that does not exist yet.
  Result<PostingTerms> posting_terms(Call& call, const domain::QueueAddress& queue) const;

  /// `invalid` if a post of so many bytes is too large for the service or for the queue.
  Result<void> check_post_size(std::uint64_t bytes,
                               const std::optional<std::int64_t>& queue_max_bytes) const;

  /// `invalid` if there are no messages, too many, or one with a TTL or delay out of range.
  Result<void> check(std::span<const domain::NewMessage> messages) const;

  /// Stores all messages or none, after `check`. `queue_missing` if there is no such queue and
  /// none is to be made; `unavailable` for a queue that wants its messages encrypted.
  Result<std::vector<domain::MessageId>> post(Call& call, const domain::QueueAddress& queue,
                                              std::span<const domain::NewMessage> messages,
                                              const domain::ClientId& client,
                                              const PostingTerms& terms,
                                              MissingQueue missing) const;

  /// A page of messages in order of delivery; empty for a missing queue or a marker that is none.
  /// `invalid` if the limit is out of range.
  Result<MessagePage> list(Call& call, const domain::QueueAddress& queue,
                           const MessageListQuery& query) const;

  /// The messages with these ids, in this order, without those that are not there. `invalid` if
  /// there are no ids or too many.
  Result<std::vector<domain::Message>> get_many(Call& call, const domain::QueueAddress& queue,
                                                std::span<const domain::MessageId> ids) const;

  /// One message. `queue_missing` or `message_missing`.
  Result<domain::Message> get(Call& call, const domain::QueueAddress& queue,
                              const domain::MessageId& id) const;

  /// Deletes one message, respecting claims (http-v1 §9.2). `forbidden` if another claim holds
  /// it; `invalid` if the claim given does not hold it. No error if there is nothing to delete.
  Result<void> remove(Call& call, const domain::QueueAddress& queue, const domain::MessageId& id,
                      const std::optional<domain::ClaimId>& claim) const;

  /// Deletes messages whoever holds them. The caller has checked the number of ids.
  Result<void> remove_many(Call& call, const domain::QueueAddress& queue,
                           std::span<const domain::MessageId> ids) const;

  /// Deletes messages that these claims hold, all or none. `invalid` if one is held by no claim,
  /// `forbidden` if one is held by another. The caller has checked the number of ids.
  Result<void> remove_many_claimed(Call& call, const domain::QueueAddress& queue,
                                   std::span<const domain::MessageId> ids,
                                   std::span<const domain::ClaimId> claims) const;

  /// `invalid` if so many messages are not to be asked for at once.
  Result<void> check_page(std::int64_t count) const;

  /// `invalid` if so many ids are not to be deleted at once.
  Result<void> check_deleted_ids(std::size_t count) const;

  /// `invalid` if so many messages are not to be popped at once.
  Result<void> check_pop(std::int64_t count) const;

  /// Takes and deletes the oldest free messages. `invalid` if the limit is out of range.
  Result<std::vector<domain::Message>> pop(Call& call, const domain::QueueAddress& queue,
                                           std::int64_t limit) const;

  /// Removes all messages and claims; no error if the queue does not exist.
  Result<void> purge(Call& call, const domain::QueueAddress& queue) const;

 private:
  /// What a client's marker stands for; nothing if it stands for nothing.
  Result<std::optional<domain::Marker>> position_of(Call& call, const domain::QueueAddress& queue,
                                                    const std::string& marker) const;
  Result<std::vector<domain::MessageId>> post_creating_queue(
      Call& call, const domain::QueueAddress& queue, std::span<const domain::NewMessage> messages,
      const domain::ClientId& client) const;

  storage::QueueStore& queues_;
  storage::MessageStore& messages_;
  const domain::Limits limits_;
};

}  // namespace marconi::service
