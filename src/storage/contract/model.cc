#include "storage/contract/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/uuid.h"

namespace marconi::storage::contract {

namespace {

/// Whether the text has one of the forms in which stores give out ids.
bool well_formed(const ClaimId& claim) {
  constexpr std::size_t kObjectIdDigits = 24;
  const bool is_object_id = claim.text.size() == kObjectIdDigits &&
                            claim.text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_object_id || base::Uuid::from_canonical(claim.text);
}

std::string claim_header(std::int64_t ttl_seconds, std::int64_t age_seconds) {
  return fmt::format("claim ttl {} age {}", ttl_seconds, age_seconds);
}

std::string message_line(const domain::Message& message) {
  return fmt::format("{} {} body {} ttl {} age {} claim {} count {}", message.marker.value,
                     message.id.text, message.body, message.ttl_seconds, message.age_seconds,
                     message.claim ? message.claim->text : "-", message.claim_count);
}

std::string summary_line(const MessageId& id, std::int64_t age, std::int64_t created) {
  return fmt::format("{} age {} created {}", id.text, age, created);
}

}  // namespace

// ---- what it should look like -------------------------------------------------------------

std::string ModelQueue::shown(const ModelMessage& message) const {
  return message_line({.id = message.id,
                       .marker = message.marker,
                       .body = message.body,
                       .ttl_seconds = message.ttl_seconds,
                       .age_seconds = (now - message.created) / 1000,
                       .claim = held(message) ? message.claim : std::nullopt,
                       .claim_count = message.claim_count,
                       .checksum = ""});
}

std::string ModelQueue::summary(const ModelMessage& message) const {
  return summary_line(message.id, (now - message.created) / 1000, message.created / 1000);
}

std::vector<std::string> ModelQueue::list(const MessageListRequest& request) const {
  std::vector<std::string> page;
  for (const auto& message : messages_) {
    if (page.size() == request.limit) break;
    if (!live(message)) continue;
    if (request.after && message.marker <= *request.after) continue;
    if (request.hide_client && message.client == *request.hide_client) continue;
    if (!request.include_claimed && held(message)) continue;
    if (!request.include_delayed && !over(message.delayed_until)) continue;
    page.push_back(shown(message));
  }
  return page;
}

std::vector<std::string> ModelQueue::get(std::span<const MessageId> ids) const {
  std::vector<std::string> found;
  for (const auto& id : ids) {
    if (const auto* message = find(id)) found.push_back(shown(*message));
  }
  return found;
}

std::optional<std::string> ModelQueue::claim_text(const ClaimId& id) const {
  if (!live(id)) return std::nullopt;
  const auto& claim = claims_.at(id);
  std::string text = claim_header(claim.ttl_seconds, (now - claim.started) / 1000);
  for (const auto& message : messages_) {
    if (live(message) && message.claim == id) text += "\n  " + shown(message);
  }
  return text;
}

std::string ModelQueue::stats() const {
  std::vector<const ModelMessage*> all;
  for (const auto& message : messages_) {
    if (live(message)) all.push_back(&message);
  }
  const auto claimed = std::ranges::count_if(all, [&](const auto* m) { return held(*m); });
  return fmt::format("total {} claimed {} oldest {} newest {}", all.size(), claimed,
                     all.empty() ? "-" : summary(*all.front()),
                     all.empty() ? "-" : summary(*all.back()));
}

// ---- what changes it ----------------------------------------------------------------------

base::UtcSeconds ModelQueue::end_after(std::int64_t seconds) const {
  return (now + 999) / 1000 + seconds;
}

void ModelQueue::post(const domain::NewMessage& message, const ClientId& client,
                      const MessageId& id, Marker marker) {
  messages_.push_back(
      {.id = id,
       .marker = marker,
       .body = std::string(message.body),
       .client = client,
       .created = now,
       .ttl_seconds = message.ttl_seconds,
       .expires = end_after(message.ttl_seconds),
       .delayed_until = message.delay_seconds == 0 ? 0 : end_after(message.delay_seconds),
       .claim = std::nullopt});
}

DeleteOutcome ModelQueue::remove(const MessageId& id, const std::optional<ClaimId>& claim) {
  const auto* message = find(id);
  if (!message) return DeleteOutcome::done;
  if (claim && !well_formed(*claim)) return DeleteOutcome::claim_not_found;
  if (!claim && held(*message)) return DeleteOutcome::claimed;
  if (claim && !held(*message)) return DeleteOutcome::not_claimed;
  if (claim && message->claim != claim) {
    return live(*claim) ? DeleteOutcome::claimed : DeleteOutcome::claim_not_found;
  }
  remove_many({&id, 1});
  return DeleteOutcome::done;
}

void ModelQueue::remove_many(std::span<const MessageId> ids) {
  std::erase_if(messages_, [&](const auto& message) {
    return std::ranges::find(ids, message.id) != ids.end();
  });
}

DeleteOutcome ModelQueue::remove_many_claimed(std::span<const MessageId> ids,
                                              std::span<const ClaimId> claims) {
  bool in_other_hands = false;
  for (const auto& id : ids) {
    const auto* message = find(id);
    if (!message) continue;
    if (!held(*message)) return DeleteOutcome::not_claimed;
    if (std::ranges::find(claims, *message->claim) == claims.end()) in_other_hands = true;
  }
  if (in_other_hands) return DeleteOutcome::claimed;
  remove_many(ids);
  return DeleteOutcome::done;
}

std::vector<std::string> ModelQueue::pop(std::uint64_t limit) {
  std::vector<MessageId> taken;
  for (const auto& message : messages_) {
    if (taken.size() < limit && free(message)) taken.push_back(message.id);
  }
  auto popped = get(taken);
  remove_many(taken);
  return popped;
}

void ModelQueue::clear() {
  messages_.clear();
  claims_.clear();
}

ModelTaking ModelQueue::take(std::uint64_t limit) {
  ModelTaking taking;
  for (auto& message : messages_) {
    if (taking.delivered.size() + taking.moved.size() == limit) break;
    if (!free(message)) continue;
    if (max_claim_count && message.claim_count >= *max_claim_count) {
      taking.moved.push_back(message);
    } else {
      if (max_claim_count) ++message.claim_count;
      taking.delivered.push_back(message);
    }
  }
  for (const auto& message : taking.moved) remove_many({&message.id, 1});
  return taking;
}

void ModelQueue::claim(const ClaimId& id, const ClaimTerms& terms,
                       const std::vector<ModelMessage>& taken) {
  const auto ends = end_after(terms.ttl_seconds);
  claims_[id] = {now, terms.ttl_seconds, ends};
  for (const auto& one : taken) {
    auto& message = *find(one.id);
    message.claim = id;
    if (message.expires < ends) {
      message.ttl_seconds = terms.ttl_seconds + terms.grace_seconds;
      message.expires = ends + terms.grace_seconds;
    }
  }
}

bool ModelQueue::renew(const ClaimId& id, const ClaimTerms& terms) {
  if (!live(id)) return false;
  const auto ends = end_after(terms.ttl_seconds);
  for (auto& message : messages_) {
    if (live(message) && message.claim == id && message.expires <= ends) {
      message.ttl_seconds = terms.ttl_seconds + terms.grace_seconds;
      message.expires = ends + terms.grace_seconds;
    }
  }
  claims_[id] = {now, terms.ttl_seconds, ends};
  return true;
}

void ModelQueue::release(const ClaimId& id) { claims_.erase(id); }

// ---- what is alive ------------------------------------------------------------------------

bool ModelQueue::live(const ClaimId& id) const {
  const auto claim = claims_.find(id);
  return claim != claims_.end() && !over(claim->second.ends);
}

bool ModelQueue::held(const ModelMessage& message) const {
  return message.claim && live(*message.claim);
}

bool ModelQueue::free(const ModelMessage& message) const {
  return live(message) && !held(message) && over(message.delayed_until);
}

const ModelMessage* ModelQueue::find(const MessageId& id) const {
  for (const auto& message : messages_) {
    if (message.id == id && live(message)) return &message;
  }
  return nullptr;
}

ModelMessage* ModelQueue::find(const MessageId& id) {
  return const_cast<ModelMessage*>(std::as_const(*this).find(id));
}

// ---- the store's answers ------------------------------------------------------------------

std::string text_of(const domain::Message& message) { return message_line(message); }

std::vector<std::string> text_of(const std::vector<domain::Message>& messages) {
  std::vector<std::string> lines;
  for (const auto& message : messages) lines.push_back(message_line(message));
  return lines;
}

std::string text_of(const domain::Claim& claim) {
  std::string text = claim_header(claim.ttl_seconds, claim.age_seconds);
  for (const auto& message : claim.messages) text += "\n  " + message_line(message);
  return text;
}

std::string text_of(const domain::QueueStats& stats) {
  const auto line = [](const std::optional<domain::MessageSummary>& summary) {
    return summary ? summary_line(summary->id, summary->age_seconds, summary->created_utc_seconds)
                   : "-";
  };
  return fmt::format("total {} claimed {} oldest {} newest {}", stats.total, stats.claimed,
                     line(stats.oldest), line(stats.newest));
}

std::string text_of(DeleteOutcome outcome) {
  switch (outcome) {
    case DeleteOutcome::done:
      return "done";
    case DeleteOutcome::claimed:
      return "claimed";
    case DeleteOutcome::not_claimed:
      return "not claimed";
    case DeleteOutcome::claim_not_found:
      return "claim not found";
  }
  return "?";
}

}  // namespace marconi::storage::contract
