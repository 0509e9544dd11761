// A naive model of one queue, written from the rules alone, that drivers are compared with.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/store.h"

namespace marconi::storage::contract {

struct ModelMessage {
  MessageId id;
  Marker marker;
  std::string body;
  ClientId client;
  base::UtcMillis created = 0;
  std::int64_t ttl_seconds = 0;
  base::UtcSeconds expires = 0;
  base::UtcSeconds delayed_until = 0;  ///< 0 for none
  std::int64_t claim_count = 0;
  std::optional<ClaimId> claim;  ///< the last to take it, perhaps ended since
};

struct ModelClaim {
  base::UtcMillis started = 0;
  std::int64_t ttl_seconds = 0;
  base::UtcSeconds ends = 0;
};

/// What a claim takes: messages it delivers and, by their markers, messages it would move.
struct ModelTaking {
  std::vector<ModelMessage> delivered;
  std::vector<ModelMessage> moved;
};

/// Forgets nothing that has ended but looks at the clock whenever it is asked: the opposite of how
/// a store works. The caller keeps `now` up to date.
class ModelQueue {
 public:
  base::UtcMillis now = 0;
  std::optional<std::int64_t> max_claim_count;  ///< set if there is a dead-letter policy

  // What the store should answer, as a listing shows it (see `shown` in model.cc for the text).
  [[nodiscard]] std::vector<std::string> list(const MessageListRequest& request) const;
  [[nodiscard]] std::vector<std::string> get(std::span<const MessageId> ids) const;
  [[nodiscard]] std::optional<std::string> claim_text(const ClaimId& id) const;
  [[nodiscard]] std::string stats() const;

  void post(const domain::NewMessage& message, const ClientId& client, const MessageId& id,
            Marker marker);
  DeleteOutcome remove(const MessageId& id, const std::optional<ClaimId>& claim);
  void remove_many(std::span<const MessageId> ids);
  DeleteOutcome remove_many_claimed(std::span<const MessageId> ids,
                                    std::span<const ClaimId> claims);
  std::vector<std::string> pop(std::uint64_t limit);
  void clear();

  /// What a claim would take now; changes nothing but takes out what is to be moved.
  ModelTaking take(std::uint64_t limit);
  /// Puts messages, by their markers, under a claim.
  void claim(const ClaimId& id, const ClaimTerms& terms, const std::vector<ModelMessage>& taken);
  bool renew(const ClaimId& id, const ClaimTerms& terms);
  void release(const ClaimId& id);
  /// Puts a dead letter behind all others.
  void append(ModelMessage message) { messages_.push_back(std::move(message)); }

  /// Start plus length, the start rounded up to a second.
  [[nodiscard]] base::UtcSeconds end_after(std::int64_t seconds) const;

 private:
  [[nodiscard]] bool over(base::UtcSeconds end) const { return now >= end * 1000; }
  [[nodiscard]] bool live(const ModelMessage& message) const { return !over(message.expires); }
  [[nodiscard]] bool live(const ClaimId& id) const;
  [[nodiscard]] bool held(const ModelMessage& message) const;
  [[nodiscard]] bool free(const ModelMessage& message) const;
  [[nodiscard]] std::string shown(const ModelMessage& message) const;
  [[nodiscard]] std::string summary(const ModelMessage& message) const;
  ModelMessage* find(const MessageId& id);
  [[nodiscard]] const ModelMessage* find(const MessageId& id) const;

  std::vector<ModelMessage> messages_;  ///< in order of delivery
  std::map<ClaimId, ModelClaim> claims_;
};

// How the store's answers are written down to be compared with the model's.
[[nodiscard]] std::string text_of(const domain::Message& message);
[[nodiscard]] std::vector<std::string> text_of(const std::vector<domain::Message>& messages);
[[nodiscard]] std::string text_of(const domain::Claim& claim);
[[nodiscard]] std::string text_of(const domain::QueueStats& stats);
[[nodiscard]] std::string text_of(DeleteOutcome outcome);

}  // namespace marconi::storage::contract
