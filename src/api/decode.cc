#include "api/decode.h"

#include <algorithm>
#include <utility>

#include "api/errors.h"
#include "encoding/json_text.h"

namespace marconi::api {

using base::Result;
using encoding::JsonKind;
using encoding::JsonMessage;
using encoding::JsonValue;

namespace {

/// An integer member that may be absent if there is something to take in its place.
Result<std::int64_t> integer_field(std::string_view name, const std::optional<JsonValue>& value,
                                   const std::optional<std::int64_t>& fallback) {
  if (!value) {
    if (!fallback) return std::unexpected(errors::field_missing(name));
    return *fallback;
  }
  const auto number = value->as_integer();
  if (!number) return std::unexpected(errors::field_not_integer(name));
  return *number;
}

Result<domain::NewMessage> decode_message(const JsonMessage& source, const MessageRules& rules) {
  if (!source.is_object) return std::unexpected(errors::document_type());
  domain::NewMessage message;
  const auto ttl = integer_field("ttl", source.ttl, rules.default_ttl_seconds);
  if (!ttl) return std::unexpected(ttl.error());
  message.ttl_seconds = *ttl;
  if (!source.body) return std::unexpected(errors::field_missing("body"));
  message.body = source.body->raw;
  if (rules.default_delay_seconds) {
    const auto delay = integer_field("delay", source.delay, rules.default_delay_seconds);
    if (!delay) return std::unexpected(delay.error());
    message.delay_seconds = *delay;
  }
  return message;
}

}  // namespace

bool has_body(const Request& request) {
  return request.content_length && *request.content_length > 0;
}

Result<JsonValue> read_document(const Request& request) {
  if (!request.content_length) return std::unexpected(errors::body_missing());
  if (*request.content_length > request.body.size()) {
    return std::unexpected(errors::body_too_large());
  }
  const auto document = encoding::parse_json(request.body, /*padded=*/true);
  if (!document) {
    return std::unexpected(document.error() == encoding::JsonError::integer_too_large
                               ? errors::body_integer_too_large()
                               : errors::body_malformed());
  }
  if (!document->is(JsonKind::object) && !document->is(JsonKind::array)) {
    return std::unexpected(errors::body_malformed());
  }
  return *document;
}

Result<JsonValue> read_object(const Request& request) {
  auto document = read_document(request);
  if (document && !document->is(JsonKind::object)) {
    return std::unexpected(errors::document_type());
  }
  return document;
}

Result<std::vector<domain::NewMessage>> decode_messages(const JsonValue& array,
                                                        const MessageRules& rules) {
  const std::vector<JsonMessage> sources = encoding::read_messages(array);
  std::vector<domain::NewMessage> messages;
  messages.reserve(sources.size());
  for (const JsonMessage& source : sources) {
    auto message = decode_message(source, rules);
    if (!message) return std::unexpected(std::move(message.error()));
    if (rules.with_checksum) message->checksum = encoding::body_checksum(message->body);
    messages.push_back(std::move(*message));
  }
  return messages;
}

Result<service::ClaimTerms> decode_claim_terms(const JsonValue& object,
                                               const ClaimDefaults& defaults) {
  const auto ttl = integer_field("ttl", object.member("ttl"), defaults.ttl_seconds);
  if (!ttl) return std::unexpected(ttl.error());
  const auto grace = integer_field("grace", object.member("grace"), defaults.grace_seconds);
  if (!grace) return std::unexpected(grace.error());
  return service::ClaimTerms{.ttl_seconds = *ttl, .grace_seconds = *grace};
}

}  // namespace marconi::api
