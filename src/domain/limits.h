// The configured limits and defaults of the API, one plain struct. Filled from configuration
// by the composition root; the option table owns the defaults shown to users.
#pragma once

#include <cstdint>

namespace marconi::domain {

/// Bounds that are fixed in the protocol (configuration §10).
inline constexpr std::int64_t kMinMessageTtlSeconds = 60;
inline constexpr std::int64_t kMinClaimTtlSeconds = 60;
inline constexpr std::int64_t kMinClaimGraceSeconds = 60;
inline constexpr std::int64_t kDefaultPageSize = 10;
inline constexpr std::int64_t kDefaultMessagesPerClaim = 10;

/// `[transport]` of the configuration; names there are the same without the unit at the end.
struct Limits {
  std::int64_t default_message_ttl_seconds = 3600;
  std::int64_t default_message_delay_seconds = 0;  ///< only displayed (http-v2 §6.2)
  std::int64_t default_claim_ttl_seconds = 300;
  std::int64_t default_claim_grace_seconds = 60;
  std::int64_t max_queues_per_page = 20;
  std::int64_t max_messages_per_page = 20;
  std::int64_t max_messages_per_claim_or_pop = 20;
  std::int64_t max_queue_metadata_bytes = 65536;
  std::int64_t max_messages_post_bytes = 262144;
  std::int64_t max_message_ttl_seconds = 1209600;
  std::int64_t max_message_delay_seconds = 900;
  std::int64_t max_claim_ttl_seconds = 43200;
  std::int64_t max_claim_grace_seconds = 43200;
  std::int64_t max_messages_per_post = 1000;
  std::int64_t max_location_ids = 20;

  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace marconi::domain
