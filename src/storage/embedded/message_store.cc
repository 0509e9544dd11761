#include "storage/embedded/message_store.h"

#include <algorithm>

#include "storage/embedded/claim_store.h"
#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::CommitTicket;
using base::ErrorKind;

namespace {

Result<std::vector<StoredMessage>> find_all(Call& call, const OpenQueue& open,
                                            std::span<const MessageId> ids, Part part) {
  std::vector<StoredMessage> found;
  found.reserve(ids.size());
  ReadAllowance allowance(call.patience());
  for (const auto& id : ids) {
    auto message = open.find(call, id, part);
    if (!message) return std::unexpected(message.error());
    if (auto taken = allowance.take(*message ? (*message)->bytes.size() : 0); !taken) {
      return std::unexpected(taken.error());
    }
    if (*message && (*message)->is_alive(open.now)) found.push_back(std::move(**message));
  }
  return found;
}

/// The numbers of the messages, each message once.
Result<std::vector<StoredMessage>> find_distinct(Call& call, const OpenQueue& open,
                                                 std::span<const MessageId> ids) {
  auto found = find_all(call, open, ids, Part::numbers);
  if (!found) return found;
  std::ranges::sort(*found, {}, &StoredMessage::marker);
  const auto repeated = std::ranges::unique(*found, {}, &StoredMessage::marker);
  found->erase(repeated.begin(), repeated.end());
  return found;
}

/// What the records of these messages will take, and a little more.
std::size_t size_of(std::span<const domain::NewMessage> messages) {
  constexpr std::size_t kBesideBody = 160;
  std::size_t size = kBesideBody;
  for (const auto& message : messages) size += kBesideBody + message.body.size();
  return size;
}

Result<void> remove_all(Call& call, const OpenQueue& open,
                        std::span<const StoredMessage> messages) {
  if (messages.empty()) return {};
  Batch batch(*open.engine->database);
  QueueChange change(*open.queue, batch, open.now);
  for (const auto& message : messages) change.remove(message);
  return open.commit(call, batch, change);
}

}  // namespace

Result<std::vector<StoredMessage>> find_claimable(Call& call, const OpenQueue& open,
                                                  std::uint64_t limit) {
  std::vector<StoredMessage> found;
  CommitTicket rests_on;
  const Wanted wanted{
      .now = open.now, .skip_claimed = true, .skip_delayed = true, .hidden_client = {}};
  // Posts not yet durable may be taken too: the taking is durable no sooner than they are.
  auto scanned =
      open.queue->scan(*open.engine->database, call.patience(), 0, open.queue->next_marker(),
                       wanted, rests_on, [&](StoredMessage&& message, std::string_view encoded) {
                         message.keep(encoded);
                         found.push_back(std::move(message));
                         return found.size() < limit;
                       });
  if (!scanned) return std::unexpected(scanned.error());
  // Finding nothing, or less than wanted, rests on others' pending claims and deletions.
  if (found.size() < limit) {
    open.engine->journal.rest(call, std::max(rests_on, open.queue->content_changed));
  }
  return found;
}

Result<std::vector<MessageId>> EmbeddedMessageStore::post(
    Call& call, const QueueAddress& queue, std::span<const domain::NewMessage> messages,
    const ClientId& client) {
  if (!has_room_.load(std::memory_order_relaxed)) {
    return base::fail(ErrorKind::unavailable, "the disk of the store is nearly full");
  }
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return base::fail(ErrorKind::queue_missing);
  Batch batch(*open->engine->database, size_of(messages));
  QueueChange change(*open->queue, batch, open->now);
  const auto poster = client_bytes(client);
  std::vector<std::uint64_t> markers;
  markers.reserve(messages.size());
  for (const auto& message : messages) {
    MessageRecord record;
    record.created = open->now_millis;
    record.ttl = message.ttl_seconds;
    record.expiry = end_after(open->now_millis, message.ttl_seconds);
    if (message.delay_seconds > 0) {
      record.delayed_until = end_after(open->now_millis, message.delay_seconds);
    }
    record.client = poster;
    record.checksum = message.checksum;
    record.body = message.body;
    markers.push_back(change.append(record));
  }
  if (auto done = open->commit(call, batch, change); !done) return std::unexpected(done.error());
  std::vector<MessageId> ids;
  ids.reserve(markers.size());
  for (const auto& id : open->engine->ids.encode(IdKind::message, open->queue->number, markers)) {
    ids.push_back({id.to_string()});
  }
  return ids;
}

Result<std::vector<domain::Message>> EmbeddedMessageStore::list(Call& call,
                                                                const QueueAddress& queue,
                                                                const MessageListRequest& request) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return std::vector<domain::Message>{};
  const auto end = open->visible_end();
  if (request.after && request.after->value >= end) return std::vector<domain::Message>{};
  Wanted wanted{.now = open->now,
                .skip_claimed = !request.include_claimed,
                .skip_delayed = !request.include_delayed,
                .hidden_client = {}};
  const auto hidden = request.hide_client != nullptr ? client_bytes(*request.hide_client) : "";
  wanted.hidden_client = client_uuid(hidden);
  const bool hide_text = !hidden.empty() && !wanted.hidden_client;

  ShownMessages shown(*open);
  CommitTicket rests_on;
  auto scanned = open->queue->scan(*open->engine->database, call.patience(),
                                   request.after ? request.after->value + 1 : 0, end, wanted,
                                   rests_on, [&](StoredMessage&& message, std::string_view) {
                                     if (hide_text && message.record.client == hidden) return true;
                                     shown.add(message);
                                     return shown.size() < request.limit;
                                   });
  if (!scanned) return std::unexpected(scanned.error());
  open->engine->journal.rest(call, std::max(rests_on, open->queue->blocks_erased));
  return std::move(shown).take();
}

Result<std::optional<Marker>> EmbeddedMessageStore::position(Call& call, const QueueAddress& queue,
                                                             const MessageId& id) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return std::nullopt;
  const auto marker = open->marker_of(call, id);
  if (!marker) return std::unexpected(marker.error());
  if (!*marker) return std::nullopt;
  return Marker{**marker};
}

Result<std::vector<domain::Message>> EmbeddedMessageStore::get(Call& call,
                                                               const QueueAddress& queue,
                                                               std::span<const MessageId> ids) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return std::vector<domain::Message>{};
  const auto found = find_all(call, *open, ids, Part::whole);
  if (!found) return std::unexpected(found.error());
  return open->to_messages(*found);
}

Result<DeleteOutcome> EmbeddedMessageStore::remove(Call& call, const QueueAddress& queue,
                                                   const MessageId& id,
                                                   const std::optional<ClaimId>& claim) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return DeleteOutcome::done;
  const auto message = open->find(call, id, Part::numbers);
  if (!message) return std::unexpected(message.error());
  if (!*message || !(*message)->is_alive(open->now)) return DeleteOutcome::done;

  const bool claimed = (*message)->is_claimed(open->now);
  if (!claim && claimed) return DeleteOutcome::claimed;
  if (claim && !claimed) {
    return base::Uuid::from_canonical(claim->text) ? DeleteOutcome::not_claimed
                                                   : DeleteOutcome::claim_not_found;
  }
  if (claim) {
    const auto number = open->engine->ids.decode(IdKind::claim, open->queue->number, claim->text);
    if (!number || *number != (*message)->mark->claim) {
      const auto live = find_live(call, *open, *claim);
      if (!live) return std::unexpected(live.error());
      return *live ? DeleteOutcome::claimed : DeleteOutcome::claim_not_found;
    }
  }
  if (auto done = remove_all(call, *open, std::span(&**message, 1)); !done) {
    return std::unexpected(done.error());
  }
  return DeleteOutcome::done;
}

Result<void> EmbeddedMessageStore::remove_many(Call& call, const QueueAddress& queue,
                                               std::span<const MessageId> ids) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return {};
  const auto found = find_distinct(call, *open, ids);
  if (!found) return std::unexpected(found.error());
  return remove_all(call, *open, *found);
}

Result<DeleteOutcome> EmbeddedMessageStore::remove_many_claimed(Call& call,
                                                                const QueueAddress& queue,
                                                                std::span<const MessageId> ids,
                                                                std::span<const ClaimId> claims) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return DeleteOutcome::done;
  std::vector<std::uint64_t> numbers;
  for (const auto& claim : claims) {
    const auto number = open->engine->ids.decode(IdKind::claim, open->queue->number, claim.text);
    if (number) numbers.push_back(*number);
  }
  const auto found = find_distinct(call, *open, ids);
  if (!found) return std::unexpected(found.error());
  for (const auto& message : *found) {
    if (!message.is_claimed(open->now)) return DeleteOutcome::not_claimed;
  }
  for (const auto& message : *found) {
    if (std::ranges::find(numbers, message.mark->claim) == numbers.end())
      return DeleteOutcome::claimed;
  }
  if (auto done = remove_all(call, *open, *found); !done) return std::unexpected(done.error());
  return DeleteOutcome::done;
}

Result<std::vector<domain::Message>> EmbeddedMessageStore::pop(Call& call,
                                                               const QueueAddress& queue,
                                                               std::uint64_t limit) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return std::vector<domain::Message>{};
  const auto found = find_claimable(call, *open, limit);
  if (!found) return std::unexpected(found.error());
  if (auto done = remove_all(call, *open, *found); !done) return std::unexpected(done.error());
  return open->to_messages(*found);
}

Result<void> EmbeddedMessageStore::purge(Call& call, const QueueAddress& queue) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return {};
  Batch batch(*open->engine->database);
  QueueChange change(*open->queue, batch, open->now);
  if (auto cleared = change.clear(*open->engine->database, call.patience()); !cleared) {
    open->queue->forget();
    return cleared;
  }
  return open->commit(call, batch, change);
}

}  // namespace marconi::storage::embedded
