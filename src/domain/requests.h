// What is asked of queues, messages and claims, and answered, in the words of all rooms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/ids.h"
#include "domain/names.h"
#include "domain/queue_filter.h"
#include "domain/queue_metadata.h"

namespace marconi::domain {

/// Which queues of a project to list.
struct QueueListRequest {
  std::string after;        ///< names strictly greater, in byte order; empty for the start
  std::uint64_t limit = 0;  ///< at least 1; counted after the filter
  bool with_metadata = false;
  QueueFilter filter;
};

/// A queue in a listing.
struct QueueEntry {
  std::string name;
  SharedQueueMetadata metadata;  ///< null unless asked for
};

/// Which messages of a queue to list.
struct MessageListRequest {
  std::optional<Marker> after;            ///< exclusive; absent for the start
  std::uint64_t limit = 0;                ///< at least 1; counted after the filters
  const ClientId* hide_client = nullptr;  ///< leave out messages posted by this client
  bool include_claimed = false;
  bool include_delayed = false;
};

/// How the deletion of one message ended (http-v1 §9.2).
enum class DeleteOutcome {
  done,             ///< deleted, or there was nothing to delete
  claimed,          ///< a live claim holds it, and it is not the one given
  not_claimed,      ///< a claim was given, but no live claim holds the message
  claim_not_found,  ///< the claim given is malformed, unknown or has ended
};

/// What a claim asks for.
struct ClaimTerms {
  std::int64_t ttl_seconds = 0;
  std::int64_t grace_seconds = 0;  ///< may be negative on renewal
};

}  // namespace marconi::domain
