// Messages and claims as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"

namespace marconi::domain {

/// A message about to be posted. Views point into the request and need only live for the call.
struct NewMessage {
  std::string_view body;  ///< JSON text, byte for byte as the client sent it
  std::int64_t ttl_seconds = 0;
  std::int64_t delay_seconds = 0;
  std::string checksum;  ///< as shown to clients (`MD5:…`); empty for none
};

/// A message as a store returns it.
struct Message {
  MessageId id;
  Marker marker;
  std::string body;              ///< JSON text, byte for byte as it was posted
  std::int64_t ttl_seconds = 0;  ///< as posted, or as a claim extended it
  std::int64_t age_seconds = 0;  ///< since posting, by the store's clock
  std::optional<ClaimId> claim;  ///< present exactly while a live claim holds the message
  std::int64_t claim_count = 0;  ///< kept only in queues with a dead-letter policy
  std::string checksum;          ///< empty for none
};

/// A live claim with what is left of its messages, in order of delivery.
struct Claim {
  ClaimId id;
  std::int64_t ttl_seconds = 0;
  std::int64_t age_seconds = 0;  ///< since creation or last renewal
  std::vector<Message> messages;
};

/// The first or last message of a queue, as statistics show it.
struct MessageSummary {
  MessageId id;
  std::int64_t age_seconds = 0;
  std::int64_t created_utc_seconds = 0;
};

/// What a queue holds now. Expired messages never count; `free` is `total - claimed`.
struct QueueStats {
  std::uint64_t total = 0;
  std::uint64_t claimed = 0;
  std::optional<MessageSummary> oldest;  ///< absent when `total` is 0
  std::optional<MessageSummary> newest;
};

}  // namespace marconi::domain
