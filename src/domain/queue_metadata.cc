#include "domain/queue_metadata.h"

#include <utility>

#include "encoding/json_document.h"
#include "encoding/json_object.h"

namespace marconi::domain {

namespace {

using encoding::JsonKind;
using encoding::JsonObject;
using encoding::JsonValue;

/// A reserved attribute; `null` if it is not there.
JsonValue attribute(const JsonObject& metadata, std::string_view name) {
  const auto raw = metadata.find(name);
  if (!raw) return {};
  return encoding::parse_json(*raw).value_or(JsonValue{});
}

/// An attribute's integer value, unless that is 0 or the attribute is of another type.
std::optional<std::int64_t> truthy_integer(const JsonObject& metadata, std::string_view name) {
  const auto value = attribute(metadata, name).as_integer();
  return value && *value != 0 ? value : std::nullopt;
}

std::optional<DeadLetterPolicy> read_dead_letter_policy(const JsonObject& metadata) {
  const auto max_claim_count = attribute(metadata, "_max_claim_count").as_integer();
  const auto name = attribute(metadata, "_dead_letter_queue").as_string();
  if (!max_claim_count || !name) return std::nullopt;
  auto queue = QueueName::from(*name);
  if (!queue) return std::nullopt;
  return DeadLetterPolicy{std::move(*queue), *max_claim_count,
                          truthy_integer(metadata, "_dead_letter_queue_messages_ttl")};
}

QueueOptions read_options(const JsonObject& metadata) {
  const JsonValue encrypt = attribute(metadata, "_enable_encrypt_messages");
  return {
      .default_message_ttl_seconds = truthy_integer(metadata, "_default_message_ttl"),
      .default_message_delay_seconds = truthy_integer(metadata, "_default_message_delay"),
      .max_messages_post_bytes = truthy_integer(metadata, "_max_messages_post_size"),
      .dead_letter = read_dead_letter_policy(metadata),
      .encrypt_messages = encrypt.is(JsonKind::boolean) && !encrypt.is_falsy(),
  };
}

}  // namespace

base::Result<QueueMetadata> QueueMetadata::from_json(std::string object) {
  const auto members = JsonObject::from(object);
  if (!members) {
    return base::fail(base::ErrorKind::invalid, "Queue metadata must be a JSON object.");
  }
  QueueMetadata metadata;
  metadata.json_ = members->to_string();
  metadata.options_ = read_options(*members);
  return metadata;
}

}  // namespace marconi::domain
