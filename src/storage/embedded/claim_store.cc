#include "storage/embedded/claim_store.h"

#include <algorithm>

#include "storage/embedded/dead_letters.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/message_store.h"

namespace marconi::storage::embedded {

using base::ErrorKind;

namespace {

/// The messages that the claim still holds, in order.
Result<std::vector<StoredMessage>> messages_of(Call& call, const OpenQueue& open,
                                               const LiveClaim& claim, Part part) {
  std::vector<StoredMessage> messages;
  ReadAllowance allowance(call.patience());
  for (const auto marker : claim.record.markers) {
    auto message = open.queue->read(*open.engine->database, call.patience(), marker, part);
    if (!message) return std::unexpected(message.error());
    if (auto taken = allowance.take(*message ? (*message)->bytes.size() : 0); !taken) {
      return std::unexpected(taken.error());
    }
    if (!*message || !(*message)->is_alive(open.now)) continue;
    if (!(*message)->mark || (*message)->mark->claim != claim.number) continue;
    messages.push_back(std::move(**message));
  }
  return messages;
}

/// The mark of a message under a claim with these terms. A life that ends before the claim does
/// (or, on renewal, with it) becomes the claim's time plus grace (http-v1 §10.5).
MarkRecord mark_for(const StoredMessage& message, std::uint64_t claim, UtcSeconds claim_end,
                    const ClaimTerms& terms, bool renewal) {
  MarkRecord mark = message.mark.value_or(MarkRecord{});
  if (!message.mark) mark.claim_count = message.record.claim_count;
  mark.claim = claim;
  mark.claim_end = claim_end;
  const auto expiry = message.expiry();
  if (expiry < claim_end || (renewal && expiry == claim_end)) {
    mark.extended = true;
    mark.ttl = saturating_add(terms.ttl_seconds, terms.grace_seconds);
    mark.expiry = saturating_add(claim_end, terms.grace_seconds);
  }
  return mark;
}

}  // namespace

Result<std::optional<LiveClaim>> find_live(Call& call, const OpenQueue& open, const ClaimId& id) {
  const auto number = open.engine->ids.decode(IdKind::claim, open.queue->number, id.text);
  if (!number) return std::nullopt;
  std::string bytes;
  const auto found = open.engine->database->get(call.patience(), Table::claims,
                                                MarkerKey{open.queue->number, *number}, bytes);
  if (!found) return std::unexpected(found.error());
  open.engine->journal.rest(call, open.queue->content_changed);
  auto record = *found ? ClaimRecord::decode(bytes) : std::nullopt;
  if (!record || open.now >= record->end) return std::nullopt;
  return LiveClaim{*number, std::move(*record)};
}

Result<std::optional<domain::Claim>> EmbeddedClaimStore::create(Call& call,
                                                                const QueueAddress& queue,
                                                                const ClaimTerms& terms,
                                                                std::uint64_t limit) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return std::nullopt;
  auto found = find_claimable(call, *open, limit);
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return std::nullopt;

  Batch batch(*open->engine->database);
  QueueChange change(*open->queue, batch, open->now);
  DeadLetters letters(*open, batch);
  if (letters.any_in(*found)) {
    // The moves need a second queue under lock, in order; what was found may change meanwhile.
    auto ready = letters.lock_target(call, *open);
    if (!ready) return std::unexpected(ready.error());
    if (!open->exists()) return std::nullopt;
    found = find_claimable(call, *open, limit);
    if (!found) return std::unexpected(found.error());
    if (auto moved = letters.move_from(*found, change); !moved)
      return std::unexpected(moved.error());
  }

  domain::Claim claim;
  ClaimRecord record;
  std::uint64_t number = 0;
  if (!found->empty()) {
    number = change.take_claim_number();
    record.ttl = terms.ttl_seconds;
    record.started = open->now_millis;
    record.end = end_after(open->now_millis, terms.ttl_seconds);
    for (auto& message : *found) {
      auto mark = mark_for(message, number, record.end, terms, false);
      if (letters.is_active()) ++mark.claim_count;
      change.mark(message, mark);
      record.markers.push_back(message.marker);
    }
    change.put_claim(number, record);
  }
  letters.finish();
  if (auto done = open->commit(call, batch, change); !done) {
    letters.failed();
    return std::unexpected(done.error());
  }
  letters.written(open->queue->last_write);
  if (found->empty()) return std::nullopt;
  claim.id.text = open->engine->ids.encode(IdKind::claim, open->queue->number, number).to_string();
  claim.ttl_seconds = record.ttl;
  claim.messages = open->to_messages(*found);
  return claim;
}

Result<domain::Claim> EmbeddedClaimStore::get(Call& call, const QueueAddress& queue,
                                              const ClaimId& id) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return base::fail(ErrorKind::claim_missing);
  const auto live = find_live(call, *open, id);
  if (!live) return std::unexpected(live.error());
  if (!*live) return base::fail(ErrorKind::claim_missing);
  const auto messages = messages_of(call, *open, **live, Part::whole);
  if (!messages) return std::unexpected(messages.error());
  return domain::Claim{.id = id,
                       .ttl_seconds = (*live)->record.ttl,
                       .age_seconds = open->age_since((*live)->record.started),
                       .messages = open->to_messages(*messages)};
}

Result<void> EmbeddedClaimStore::renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                                       const ClaimTerms& terms) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return base::fail(ErrorKind::claim_missing);
  auto live = find_live(call, *open, id);
  if (!live) return std::unexpected(live.error());
  if (!*live) return base::fail(ErrorKind::claim_missing);
  auto messages = messages_of(call, *open, **live, Part::numbers);
  if (!messages) return std::unexpected(messages.error());

  auto& [number, record] = **live;
  record.ttl = terms.ttl_seconds;
  record.started = open->now_millis;
  record.end = end_after(open->now_millis, terms.ttl_seconds);
  Batch batch(*open->engine->database);
  QueueChange change(*open->queue, batch, open->now);
  record.markers.clear();
  for (auto& message : *messages) {
    change.mark(message, mark_for(message, number, record.end, terms, true));
    record.markers.push_back(message.marker);
  }
  change.put_claim(number, record);
  return open->commit(call, batch, change);
}

Result<void> EmbeddedClaimStore::release(Call& call, const QueueAddress& queue, const ClaimId& id) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return {};
  const auto live = find_live(call, *open, id);
  if (!live) return std::unexpected(live.error());
  if (!*live) return {};
  auto messages = messages_of(call, *open, **live, Part::numbers);
  if (!messages) return std::unexpected(messages.error());
  Batch batch(*open->engine->database);
  QueueChange change(*open->queue, batch, open->now);
  for (auto& message : *messages) change.release(message);
  change.erase_claim((*live)->number);
  return open->commit(call, batch, change);
}

}  // namespace marconi::storage::embedded
