// Request documents into typed values (http-v1 §1.8, http-v2 §1.7). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/handler.h"
#include "base/error.h"
#include "domain/message.h"
#include "encoding/json_document.h"
#include "service/claim_service.h"

namespace marconi::api {

/// Whether the request brings at least one byte of a body.
[[nodiscard]] bool has_body(const Request& request);

/// The request's document, an object or an array.
[[nodiscard]] base::Result<encoding::JsonValue> read_document(const Request& request);

/// The request's document, which must be an object.
[[nodiscard]] base::Result<encoding::JsonValue> read_object(const Request& request);

/// What a version makes of the members of a posted message.
struct MessageRules {
  std::optional<std::int64_t> default_ttl_seconds;    ///< absent: every message brings its own
  std::optional<std::int64_t> default_delay_seconds;  ///< absent: delays are not read
  bool with_checksum = false;
};

/// The messages of a post; bodies are views into the document. Ranges are the service's affair.
[[nodiscard]] base::Result<std::vector<domain::NewMessage>> decode_messages(
    const encoding::JsonValue& array, const MessageRules& rules);

/// What holds where a claim's document is silent; without a value the member is mandatory.
struct ClaimDefaults {
  std::optional<std::int64_t> ttl_seconds;
  std::optional<std::int64_t> grace_seconds;
};

[[nodiscard]] base::Result<service::ClaimTerms> decode_claim_terms(
    const encoding::JsonValue& object, const ClaimDefaults& defaults);

}  // namespace marconi::api
