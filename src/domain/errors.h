// The catalogue of errors that rules lead to, with their words as clients know them. A client may
// match on title and description: they are part of the interface (http-v2 §15).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "domain/ids.h"
#include "domain/names.h"

namespace marconi::domain::errors {

using base::Error;

/// A request that breaks a rule, in words of its own.
[[nodiscard]] Error invalid_request(std::string description);

/// The store cannot do this now. `what_failed` is a whole sentence, such as
/// `Queue could not be created.`
[[nodiscard]] Error unavailable(std::string_view what_failed);

// ---- things that are not there --------------------------------------------------------------

[[nodiscard]] Error queue_missing(const QueueAddress& queue);
[[nodiscard]] Error message_missing(const MessageId& id, const QueueAddress& queue);
[[nodiscard]] Error messages_missing(std::span<const MessageId> ids, const QueueAddress& queue);
[[nodiscard]] Error claim_missing(const ClaimId& id, const QueueAddress& queue);

// ---- limits: each takes the configured maximum it names ---------------------------------------

[[nodiscard]] Error queue_limit_out_of_range(std::int64_t max);
[[nodiscard]] Error message_limit_out_of_range(std::int64_t max);
[[nodiscard]] Error pop_out_of_range(std::int64_t max);
[[nodiscard]] Error id_count_out_of_range(std::int64_t max);
[[nodiscard]] Error metadata_too_large(std::int64_t max_bytes);
[[nodiscard]] Error post_too_large(std::int64_t max_bytes);
/// For a queue that has a limit of its own; the smaller of the two counts.
[[nodiscard]] Error post_too_large_for_queue(std::int64_t configured_bytes,
                                             std::int64_t queue_bytes);
[[nodiscard]] Error too_many_messages(std::int64_t max);

[[nodiscard]] Error message_ttl_out_of_range(std::int64_t max_seconds);
[[nodiscard]] Error message_delay_out_of_range(std::int64_t max_seconds);
[[nodiscard]] Error claim_ttl_out_of_range(std::int64_t max_seconds);
[[nodiscard]] Error claim_grace_out_of_range(std::int64_t max_seconds);

// ---- posting and deleting ---------------------------------------------------------------------

[[nodiscard]] Error no_messages();
[[nodiscard]] Error message_claimed();
[[nodiscard]] Error message_not_claimed();
[[nodiscard]] Error claim_not_found();

// ---- metadata ---------------------------------------------------------------------------------

[[nodiscard]] Error nothing_to_replace(std::string_view key);
[[nodiscard]] Error nothing_to_remove(std::string_view key);

}  // namespace marconi::domain::errors
