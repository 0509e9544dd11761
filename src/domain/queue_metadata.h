// A queue's metadata: a JSON object, and what its reserved attributes make the queue do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "domain/names.h"

namespace marconi::domain {

/// When and where messages go that were claimed too often (http-v2 §11.6, D22).
struct DeadLetterPolicy {
  QueueName queue;                          ///< in the same project; never the queue itself
  std::int64_t max_claim_count = 0;         ///< a message taken this many times is moved instead
  std::optional<std::int64_t> ttl_seconds;  ///< the moved message's new TTL, if it gets one
};

/// The effective reserved attributes (http-v2 §6.2). Absent means: the service's default.
struct QueueOptions {
  std::optional<std::int64_t> default_message_ttl_seconds;
  std::optional<std::int64_t> default_message_delay_seconds;  ///< present only if not 0
  std::optional<std::int64_t> max_messages_post_bytes;
  /// Present only if both `_max_claim_count` (an integer, booleans counting as 1 and 0) and
  /// `_dead_letter_queue` (a valid queue name) are usable. The store ignores it where the name
  /// is the queue's own.
  std::optional<DeadLetterPolicy> dead_letter;
  bool encrypt_messages = false;
};

/// Immutable once made; shared between threads by shared_ptr<const QueueMetadata>.
class QueueMetadata {
 public:
  /// No metadata: the object `{}`.
  QueueMetadata() = default;

  /// Parses the text of a JSON object. `invalid` if it is anything else. Reserved attributes of
  /// unusable types are kept in the text and have no effect.
  [[nodiscard]] static base::Result<QueueMetadata> from_json(std::string object);

  /// The object's text, with the members in the order they were given.
  [[nodiscard]] const std::string& json() const { return json_; }
  [[nodiscard]] const QueueOptions& options() const { return options_; }

 private:
  std::string json_ = "{}";
  QueueOptions options_;
};

using SharedQueueMetadata = std::shared_ptr<const QueueMetadata>;

}  // namespace marconi::domain
