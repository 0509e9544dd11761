#include "service/message_service.h"

#include <algorithm>
#include <utility>

#include "domain/errors.h"
#include "service/storage_errors.h"

namespace marconi::service {

namespace errors = domain::errors;
using domain::Message;
using domain::MessageId;
using domain::NewMessage;
using domain::QueueAddress;
using storage::DeleteOutcome;

namespace {

/// How often a post starts over because its queue was deleted under its hands.
constexpr int kMaxCreationAttempts = 3;

bool is_between(std::int64_t value, std::int64_t least, std::int64_t most) {
  return value >= least && value <= most;
}

Result<void> as_result(const Result<DeleteOutcome>& outcome) {
  if (!outcome) return std::unexpected(outcome.error());
  switch (*outcome) {
    case DeleteOutcome::done:
      return {};
    case DeleteOutcome::claimed:
      return std::unexpected(errors::message_claimed());
    case DeleteOutcome::not_claimed:
      return std::unexpected(errors::message_not_claimed());
    case DeleteOutcome::claim_not_found:
      return std::unexpected(errors::claim_not_found());
  }
  return {};
}

}  // namespace

// ---- posting ------------------------------------------------------------------------------------

Result<PostingTerms> MessageService::posting_terms(Call& call, const QueueAddress& queue) const {
  PostingTerms terms;
  terms.default_ttl_seconds = limits_.default_message_ttl_seconds;
  const auto metadata = queues_.find(call, queue);
  if (!metadata) return std::unexpected(metadata.error());
  if (!*metadata) return terms;
  const domain::QueueOptions& options = (*metadata)->options();
  terms.queue_exists = true;
  terms.encrypts = options.encrypt_messages;
  terms.default_ttl_seconds =
      options.default_message_ttl_seconds.value_or(limits_.default_message_ttl_seconds);
  terms.default_delay_seconds = options.default_message_delay_seconds;
  terms.queue_max_bytes = options.max_messages_post_bytes;
  return terms;
}

Result<void> MessageService::check_post_size(
    std::uint64_t bytes, const std::optional<std::int64_t>& queue_max_bytes) const {
  const std::int64_t configured = limits_.max_messages_post_bytes;
  if (queue_max_bytes && std::cmp_greater(bytes, std::min(configured, *queue_max_bytes))) {
    return std::unexpected(errors::post_too_large_for_queue(configured, *queue_max_bytes));
  }
  if (std::cmp_greater(bytes, configured)) {
    return std::unexpected(errors::post_too_large(configured));
  }
  return {};
}

Result<void> MessageService::check(std::span<const NewMessage> messages) const {
  if (messages.empty()) return std::unexpected(errors::no_messages());
  if (std::cmp_greater(messages.size(), limits_.max_messages_per_post)) {
    return std::unexpected(errors::too_many_messages(limits_.max_messages_per_post));
  }
  const std::int64_t max_ttl = limits_.max_message_ttl_seconds;
  const std::int64_t max_delay = limits_.max_message_delay_seconds;
  for (const NewMessage& message : messages) {
    if (!is_between(message.ttl_seconds, domain::kMinMessageTtlSeconds, max_ttl)) {
      return std::unexpected(errors::message_ttl_out_of_range(max_ttl));
    }
    if (!is_between(message.delay_seconds, 0, max_delay)) {
      return std::unexpected(errors::message_delay_out_of_range(max_delay));
    }
  }
  return {};
}

Result<std::vector<MessageId>> MessageService::post(Call& call, const QueueAddress& queue,
                                                    std::span<const NewMessage> messages,
                                                    const domain::ClientId& client,
                                                    const PostingTerms& terms,
                                                    MissingQueue missing) const {
  if (auto checked = check(messages); !checked) return std::unexpected(checked.error());
  if (terms.encrypts) {
    return std::unexpected(errors::unavailable("Messages could not be enqueued."));
  }
  auto ids = missing == MissingQueue::create ? post_creating_queue(call, queue, messages, client)
                                             : messages_.post(call, queue, messages, client);
  if (ids) return ids;
  if (ids.error().kind == base::ErrorKind::conflict) {
    return std::unexpected(errors::unavailable("No messages could be enqueued."));
  }
  return std::unexpected(in_words(ids.error(), queue));
}

Result<std::vector<MessageId>> MessageService::post_creating_queue(
    Call& call, const QueueAddress& queue, std::span<const NewMessage> messages,
    const domain::ClientId& client) const {
  for (int attempt = 0; attempt < kMaxCreationAttempts; ++attempt) {
    auto ids = messages_.post(call, queue, messages, client);
    if (ids || ids.error().kind != base::ErrorKind::queue_missing) return ids;
    const auto created = queues_.create(call, queue, domain::QueueMetadata());
    if (!created) return std::unexpected(created.error());
  }
  return base::fail(base::ErrorKind::unavailable, "the queue is deleted again and again");
}

// ---- reading ------------------------------------------------------------------------------------

Result<std::optional<domain::Marker>> MessageService::position_of(Call& call,
                                                                  const QueueAddress& queue,
                                                                  const std::string& marker) const {
  if (const auto own = domain::Marker::from(marker)) return own;
  // Some clients page by the id of the last message they got.
  return messages_.position(call, queue, MessageId{marker});
}

Result<MessagePage> MessageService::list(Call& call, const QueueAddress& queue,
                                         const MessageListQuery& query) const {
  if (auto checked = check_page(query.limit); !checked) return std::unexpected(checked.error());
  MessagePage page;
  if (query.delays_need_queue_option) {
    const auto metadata = queues_.find(call, queue);
    if (!metadata) return std::unexpected(metadata.error());
    page.delayed_forced = !*metadata || !(*metadata)->options().default_message_delay_seconds;
  }
  storage::MessageListRequest request;
  request.limit = static_cast<std::uint64_t>(query.limit);
  request.hide_client = query.hide_client;
  request.include_claimed = query.include_claimed;
  request.include_delayed = query.include_delayed || page.delayed_forced;
  if (query.marker) {
    const auto after = position_of(call, queue, *query.marker);
    if (!after) return std::unexpected(after.error());
    if (!*after) return page;
    request.after = *after;
  }
  auto messages = messages_.list(call, queue, request);
  if (!messages) return std::unexpected(messages.error());
  page.messages = std::move(*messages);
  return page;
}

Result<std::vector<Message>> MessageService::get_many(Call& call, const QueueAddress& queue,
                                                      std::span<const MessageId> ids) const {
  const auto checked = check_page(static_cast<std::int64_t>(ids.size()));
  if (!checked) return std::unexpected(checked.error());
  return messages_.get(call, queue, ids);
}

Result<Message> MessageService::get(Call& call, const QueueAddress& queue,
                                    const MessageId& id) const {
  auto found = messages_.get(call, queue, std::span(&id, 1));
  if (!found) return std::unexpected(found.error());
  if (!found->empty()) return std::move(found->front());
  const auto metadata = queues_.find(call, queue);
  if (!metadata) return std::unexpected(metadata.error());
  return std::unexpected(*metadata ? errors::message_missing(id, queue)
                                   : errors::queue_missing(queue));
}

// ---- deleting -----------------------------------------------------------------------------------

Result<void> MessageService::remove(Call& call, const QueueAddress& queue, const MessageId& id,
                                    const std::optional<domain::ClaimId>& claim) const {
  return as_result(messages_.remove(call, queue, id, claim));
}

Result<void> MessageService::remove_many(Call& call, const QueueAddress& queue,
                                         std::span<const MessageId> ids) const {
  return messages_.remove_many(call, queue, ids);
}

Result<void> MessageService::remove_many_claimed(Call& call, const QueueAddress& queue,
                                                 std::span<const MessageId> ids,
                                                 std::span<const domain::ClaimId> claims) const {
  return as_result(messages_.remove_many_claimed(call, queue, ids, claims));
}

Result<std::vector<Message>> MessageService::pop(Call& call, const QueueAddress& queue,
                                                 std::int64_t limit) const {
  if (auto checked = check_pop(limit); !checked) return std::unexpected(checked.error());
  return messages_.pop(call, queue, static_cast<std::uint64_t>(limit));
}

Result<void> MessageService::purge(Call& call, const QueueAddress& queue) const {
  return messages_.purge(call, queue);
}

// ---- limits -------------------------------------------------------------------------------------

Result<void> MessageService::check_page(std::int64_t count) const {
  const std::int64_t max = limits_.max_messages_per_page;
  if (!is_between(count, 1, max)) return std::unexpected(errors::message_limit_out_of_range(max));
  return {};
}

Result<void> MessageService::check_deleted_ids(std::size_t count) const {
  const std::int64_t max = limits_.max_messages_per_page;
  if (count < 1 || std::cmp_greater(count, max)) {
    return std::unexpected(errors::id_count_out_of_range(max));
  }
  return {};
}

Result<void> MessageService::check_pop(std::int64_t count) const {
  const std::int64_t max = limits_.max_messages_per_claim_or_pop;
  if (!is_between(count, 1, max)) return std::unexpected(errors::pop_out_of_range(max));
  return {};
}

}  // namespace marconi::service
