// One queue in memory: its messages, its claims and the rules of both.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/memory/store_clock.h"
#include "storage/store.h"

namespace marconi::storage::memory {

/// A message as it is kept.
struct StoredMessage {
  MessageId id;
  std::string body;
  std::string checksum;
  ClientId client;
  Instant created;
  std::int64_t ttl_seconds = 0;
  base::UtcSeconds expires = 0;
  base::UtcSeconds delayed_until = 0;  ///< 0 for a message without delay
  std::int64_t claim_count = 0;
  std::optional<ClaimId> claim;  ///< the live claim that holds it

  /// Whether a claim or a pop may take it.
  [[nodiscard]] bool is_free(Instant now) const { return !claim && now.reached(delayed_until); }
};

/// A claim as it is kept.
struct StoredClaim {
  Instant started;
  std::int64_t ttl_seconds = 0;
  base::UtcSeconds ends = 0;
  std::set<Marker> holds;
};

/// Not thread-safe. Every function that takes the time or asks what there is expects
/// `forget_ended` to have been called for that moment, so that all it finds is alive.
class Queue {
 public:
  /// `last_marker`: the first message gets the marker that follows it.
  Queue(domain::SharedQueueMetadata metadata, Marker last_marker)
      : metadata_(std::move(metadata)), last_marker_(last_marker) {}

  [[nodiscard]] const domain::SharedQueueMetadata& metadata() const { return metadata_; }
  void set_metadata(domain::SharedQueueMetadata metadata) { metadata_ = std::move(metadata); }

  /// The highest marker ever given out here.
  [[nodiscard]] Marker last_marker() const { return last_marker_; }

  /// Drops expired messages and ended claims; returns how many of both.
  std::uint64_t forget_ended(Instant now);

  // Messages; see MessageStore for what they do.
  std::vector<MessageId> post(std::span<const domain::NewMessage> messages, const ClientId& client,
                              Instant now, base::Random& random);
  [[nodiscard]] std::vector<domain::Message> list(const MessageListRequest& request,
                                                  Instant now) const;
  [[nodiscard]] std::optional<Marker> position(const MessageId& id) const;
  [[nodiscard]] std::vector<domain::Message> get(std::span<const MessageId> ids, Instant now) const;
  DeleteOutcome remove(const MessageId& id, const std::optional<ClaimId>& claim);
  void remove_many(std::span<const MessageId> ids);
  DeleteOutcome remove_many_claimed(std::span<const MessageId> ids,
                                    std::span<const ClaimId> claims);
  std::vector<domain::Message> pop(std::uint64_t limit, Instant now);
  void purge();
  [[nodiscard]] domain::QueueStats stats(Instant now) const;

  // The steps of making a claim, and what can be done with one; see ClaimStore.

  /// The oldest messages that a claim may take, in order of delivery.
  [[nodiscard]] std::vector<Marker> oldest_free(std::uint64_t limit, Instant now) const;
  [[nodiscard]] std::int64_t claim_count(Marker marker) const;
  void raise_claim_count(Marker marker);
  /// Takes a message out of the queue.
  StoredMessage extract(Marker marker);
  /// Puts a message behind all others.
  void append(StoredMessage message);
  /// Puts free messages under a new claim.
  domain::Claim claim(const ClaimId& id, const std::vector<Marker>& markers,
                      const ClaimTerms& terms, Instant now);
  [[nodiscard]] std::optional<domain::Claim> find_claim(const ClaimId& id, Instant now) const;
  /// False if there is no such claim.
  bool renew(const ClaimId& id, const ClaimTerms& terms, Instant now);
  void release(const ClaimId& id);

 private:
  using Messages = std::map<Marker, StoredMessage>;

  [[nodiscard]] const StoredMessage* find(const MessageId& id) const;
  void erase(const MessageId& id);
  Messages::iterator erase(Messages::iterator at);
  void ends_at(base::UtcSeconds end);
  void extend(StoredMessage& message, const StoredClaim& claim, std::int64_t grace_seconds);

  domain::SharedQueueMetadata metadata_;
  Marker last_marker_;
  Messages messages_;
  std::map<MessageId, Marker> markers_;
  std::map<ClaimId, StoredClaim> claims_;

  /// Nothing in the queue ends before this second. Spares looking through it at every call.
  base::UtcSeconds nothing_ends_before_ = std::numeric_limits<base::UtcSeconds>::max();
};

}  // namespace marconi::storage::memory
