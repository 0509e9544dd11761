#include "storage/memory/queue.h"

#include <algorithm>
#include <utility>

#include "base/uuid.h"

namespace marconi::storage::memory {

namespace {

domain::Message shown(Marker marker, const StoredMessage& message, Instant now) {
  return {.id = message.id,
          .marker = marker,
          .body = message.body,
          .ttl_seconds = message.ttl_seconds,
          .age_seconds = now.age_seconds(message.created),
          .claim = message.claim,
          .claim_count = message.claim_count,
          .checksum = message.checksum};
}

domain::MessageSummary summary(const StoredMessage& message, Instant now) {
  return {.id = message.id,
          .age_seconds = now.age_seconds(message.created),
          .created_utc_seconds = message.created.second()};
}

bool is_shown(const StoredMessage& message, const MessageListRequest& request, Instant now) {
  if (request.hide_client && message.client == *request.hide_client) return false;
  if (message.claim && !request.include_claimed) return false;
  return request.include_delayed || now.reached(message.delayed_until);
}

}  // namespace

// ---- what ends ----------------------------------------------------------------------------

std::uint64_t Queue::forget_ended(Instant now) {
  if (!now.reached(nothing_ends_before_)) return 0;
  nothing_ends_before_ = std::numeric_limits<base::UtcSeconds>::max();
  const auto before = messages_.size() + claims_.size();
  for (auto at = claims_.begin(); at != claims_.end();) {
    const auto& [id, claim] = *at++;
    if (now.reached(claim.ends)) {
      release(ClaimId(id));
    } else {
      ends_at(claim.ends);
    }
  }
  for (auto at = messages_.begin(); at != messages_.end();) {
    if (now.reached(at->second.expires)) {
      at = erase(at);
    } else {
      ends_at(at->second.expires);
      ++at;
    }
  }
  return before - messages_.size() - claims_.size();
}

void Queue::ends_at(base::UtcSeconds end) {
  nothing_ends_before_ = std::min(nothing_ends_before_, end);
}

// ---- messages -----------------------------------------------------------------------------

std::vector<MessageId> Queue::post(std::span<const domain::NewMessage> messages,
                                   const ClientId& client, Instant now, base::Random& random) {
  std::vector<MessageId> ids;
  for (const auto& message : messages) {
    ids.emplace_back(base::random_uuid(random));
    append({.id = ids.back(),
            .body = std::string(message.body),
            .checksum = message.checksum,
            .client = client,
            .created = now,
            .ttl_seconds = message.ttl_seconds,
            .expires = now.end_after(message.ttl_seconds),
            .delayed_until = message.delay_seconds > 0 ? now.end_after(message.delay_seconds) : 0,
            .claim = std::nullopt});
  }
  return ids;
}

void Queue::append(StoredMessage message) {
  ++last_marker_.value;
  ends_at(message.expires);
  markers_.emplace(message.id, last_marker_);
  messages_.emplace(last_marker_, std::move(message));
}

std::vector<domain::Message> Queue::list(const MessageListRequest& request, Instant now) const {
  std::vector<domain::Message> page;
  auto at = request.after ? messages_.upper_bound(*request.after) : messages_.begin();
  for (; at != messages_.end() && page.size() < request.limit; ++at) {
    if (is_shown(at->second, request, now)) page.push_back(shown(at->first, at->second, now));
  }
  return page;
}

std::optional<Marker> Queue::position(const MessageId& id) const {
  const auto at = markers_.find(id);
  if (at == markers_.end()) return std::nullopt;
  return at->second;
}

std::vector<domain::Message> Queue::get(std::span<const MessageId> ids, Instant now) const {
  std::vector<domain::Message> found;
  for (const auto& id : ids) {
    const auto at = markers_.find(id);
    if (at != markers_.end()) {
      found.push_back(shown(at->second, messages_.at(at->second), now));
    }
  }
  return found;
}

DeleteOutcome Queue::remove(const MessageId& id, const std::optional<ClaimId>& claim) {
  const StoredMessage* message = find(id);
  if (!message) return DeleteOutcome::done;
  if (message->claim != claim) {
    if (!claim) return DeleteOutcome::claimed;
    if (!base::Uuid::from_canonical(claim->text)) return DeleteOutcome::claim_not_found;
    if (!message->claim) return DeleteOutcome::not_claimed;
    return claims_.contains(*claim) ? DeleteOutcome::claimed : DeleteOutcome::claim_not_found;
  }
  erase(id);
  return DeleteOutcome::done;
}

void Queue::remove_many(std::span<const MessageId> ids) {
  for (const auto& id : ids) erase(id);
}

DeleteOutcome Queue::remove_many_claimed(std::span<const MessageId> ids,
                                         std::span<const ClaimId> claims) {
  const auto held_by_none = [&](const MessageId& id) {
    const auto* message = find(id);
    return message && !message->claim;
  };
  const auto held_by_another = [&](const MessageId& id) {
    const auto* message = find(id);
    return message && std::ranges::find(claims, *message->claim) == claims.end();
  };
  if (std::ranges::any_of(ids, held_by_none)) return DeleteOutcome::not_claimed;
  if (std::ranges::any_of(ids, held_by_another)) return DeleteOutcome::claimed;
  remove_many(ids);
  return DeleteOutcome::done;
}

std::vector<domain::Message> Queue::pop(std::uint64_t limit, Instant now) {
  std::vector<domain::Message> popped;
  for (const Marker marker : oldest_free(limit, now)) {
    popped.push_back(shown(marker, extract(marker), now));
  }
  return popped;
}

void Queue::purge() {
  messages_.clear();
  markers_.clear();
  claims_.clear();
}

domain::QueueStats Queue::stats(Instant now) const {
  domain::QueueStats stats;
  stats.total = messages_.size();
  for (const auto& [id, claim] : claims_) stats.claimed += claim.holds.size();
  if (!messages_.empty()) {
    stats.oldest = summary(messages_.begin()->second, now);
    stats.newest = summary(messages_.rbegin()->second, now);
  }
  return stats;
}

const StoredMessage* Queue::find(const MessageId& id) const {
  const auto at = markers_.find(id);
  return at == markers_.end() ? nullptr : &messages_.at(at->second);
}

void Queue::erase(const MessageId& id) {
  const auto at = markers_.find(id);
  if (at != markers_.end()) erase(messages_.find(at->second));
}

Queue::Messages::iterator Queue::erase(Messages::iterator at) {
  const StoredMessage& message = at->second;
  if (message.claim) claims_.at(*message.claim).holds.erase(at->first);
  markers_.erase(message.id);
  return messages_.erase(at);
}

// ---- claims -------------------------------------------------------------------------------

std::vector<Marker> Queue::oldest_free(std::uint64_t limit, Instant now) const {
  std::vector<Marker> markers;
  for (auto at = messages_.begin(); at != messages_.end() && markers.size() < limit; ++at) {
    if (at->second.is_free(now)) markers.push_back(at->first);
  }
  return markers;
}

std::int64_t Queue::claim_count(Marker marker) const { return messages_.at(marker).claim_count; }

void Queue::raise_claim_count(Marker marker) { ++messages_.at(marker).claim_count; }

StoredMessage Queue::extract(Marker marker) {
  const auto at = messages_.find(marker);
  StoredMessage message = at->second;
  erase(at);
  return message;
}

domain::Claim Queue::claim(const ClaimId& id, const std::vector<Marker>& markers,
                           const ClaimTerms& terms, Instant now) {
  StoredClaim claim{.started = now,
                    .ttl_seconds = terms.ttl_seconds,
                    .ends = now.end_after(terms.ttl_seconds),
                    .holds = {markers.begin(), markers.end()}};
  ends_at(claim.ends);
  for (const Marker marker : markers) {
    StoredMessage& message = messages_.at(marker);
    message.claim = id;
    if (message.expires < claim.ends) extend(message, claim, terms.grace_seconds);
  }
  claims_.emplace(id, std::move(claim));
  return *find_claim(id, now);
}

std::optional<domain::Claim> Queue::find_claim(const ClaimId& id, Instant now) const {
  const auto at = claims_.find(id);
  if (at == claims_.end()) return std::nullopt;
  const StoredClaim& stored = at->second;
  domain::Claim claim{.id = id,
                      .ttl_seconds = stored.ttl_seconds,
                      .age_seconds = now.age_seconds(stored.started),
                      .messages = {}};
  for (const Marker marker : stored.holds) {
    claim.messages.push_back(shown(marker, messages_.at(marker), now));
  }
  return claim;
}

bool Queue::renew(const ClaimId& id, const ClaimTerms& terms, Instant now) {
  const auto at = claims_.find(id);
  if (at == claims_.end()) return false;
  StoredClaim& claim = at->second;
  claim.started = now;
  claim.ttl_seconds = terms.ttl_seconds;
  claim.ends = now.end_after(terms.ttl_seconds);
  ends_at(claim.ends);
  for (const Marker marker : claim.holds) {
    StoredMessage& message = messages_.at(marker);
    // Unlike at creation, a message that ends together with the claim is extended too.
    if (message.expires <= claim.ends) extend(message, claim, terms.grace_seconds);
  }
  return true;
}

void Queue::release(const ClaimId& id) {
  const auto at = claims_.find(id);
  if (at == claims_.end()) return;
  for (const Marker marker : at->second.holds) messages_.at(marker).claim.reset();
  claims_.erase(at);
}

void Queue::extend(StoredMessage& message, const StoredClaim& claim, std::int64_t grace_seconds) {
  message.ttl_seconds = saturating_add(claim.ttl_seconds, grace_seconds);
  message.expires = saturating_add(claim.ends, grace_seconds);
  ends_at(message.expires);
}

}  // namespace marconi::storage::memory
