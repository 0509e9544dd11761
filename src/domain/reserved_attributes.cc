#include "domain/reserved_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <expected>
#include <limits>
#include <utility>
#include <vector>

#include "domain/errors.h"
#include "encoding/json_document.h"
#include "encoding/json_object.h"

namespace marconi::domain {

namespace {

using encoding::JsonKind;
using encoding::JsonMember;
using encoding::JsonValue;
using Fault = std::optional<std::string>;

/// A metadata object, or one inside it, for looking members up by name.
class Attributes {
 public:
  explicit Attributes(const JsonValue& object) : members_(object.members()) {}

  /// The member's value; nothing if it is absent or null, which no rule ever complains about.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const {
    const auto member = std::ranges::find(members_, name, &JsonMember::name);
    if (member == members_.end() || member->value.is(JsonKind::null)) return std::nullopt;
    return member->value;
  }

 private:
  std::vector<JsonMember> members_;
};

struct IntegerRule {
  std::string_view name;
  std::optional<std::pair<std::int64_t, std::int64_t>> range;
  std::string range_fault;
};

std::string must_be_integer(std::string_view name) {
  return fmt::format("{} must be integer.", name);
}

/// Zero as a fraction and `false` count as 0; other falsy values pass only where no range asks
/// for a number.
Fault check_integer(const Attributes& attributes, const IntegerRule& rule) {
  const auto value = attributes.find(rule.name);
  if (!value) return std::nullopt;
  auto number = value->as_integer();
  if (!number && value->is_falsy()) {
    if (!rule.range) return std::nullopt;
    if (value->is(JsonKind::real)) number = 0;
  }
  if (!number) return must_be_integer(rule.name);
  if (!rule.range) return std::nullopt;
  const auto [least, most] = *rule.range;
  if (*number < least || *number > most) return rule.range_fault;
  return std::nullopt;
}

std::vector<IntegerRule> integer_rules(const Limits& limits) {
  const std::int64_t max_ttl = limits.max_message_ttl_seconds;
  const std::int64_t max_bytes = limits.max_messages_post_bytes;
  const std::int64_t max_delay = limits.max_message_delay_seconds;
  return {
      {"_default_message_ttl",
       {{kMinMessageTtlSeconds, max_ttl}},
       fmt::format("_default_message_ttl can not exceed {} seconds, and must be at least {} "
                   "seconds long.",
                   max_ttl, kMinMessageTtlSeconds)},
      {"_max_messages_post_size",
       {{1, max_bytes}},
       fmt::format("_max_messages_post_size can not exceed {},  and must be at least greater than "
                   "0.",
                   max_bytes)},
      {"_max_claim_count", std::nullopt, {}},
      {"_dead_letter_queue_messages_ttl",
       {{kMinMessageTtlSeconds, max_ttl}},
       errors::message_ttl_out_of_range(max_ttl).description},
      {"_default_message_delay",
       {{0, max_delay}},
       fmt::format("The TTL can not exceed {} seconds, and must be at least 0 seconds long.",
                   max_delay)},
  };
}

// ---- _retry_policy ------------------------------------------------------------------------------

constexpr std::array<std::string_view, 5> kRetryIntegers = {
    "retries_with_no_delay", "minimum_delay_retries", "minimum_delay", "maximum_delay",
    "maximum_delay_retries"};
constexpr std::array<std::string_view, 4> kBackoffFunctions = {"linear", "arithmetic",
                                                               "exponential", "geometric"};
constexpr std::int64_t kDefaultMinimumDelay = 5;
constexpr std::int64_t kDefaultMaximumDelay = 30;
constexpr std::int64_t kLeastDelaySpread = 10;

std::string must_be_retry_integer(std::string_view name) {
  return fmt::format("Retry policy: {} must be a integer.", name);
}

/// A delay as a number; `fault` if it is present, passed the type check by being falsy, and yet
/// is no number.
std::expected<std::int64_t, std::string> retry_delay(const JsonValue& policy, std::string_view name,
                                                     std::int64_t fallback) {
  for (const JsonMember& member : policy.members()) {
    if (member.name != name) continue;
    if (const auto number = member.value.as_integer()) return *number;
    if (member.value.is(JsonKind::real)) return 0;
    return std::unexpected(must_be_retry_integer(name));
  }
  return fallback;
}

Fault check_retry_delays(const JsonValue& policy) {
  const auto least = retry_delay(policy, "minimum_delay", kDefaultMinimumDelay);
  if (!least) return least.error();
  const auto most = retry_delay(policy, "maximum_delay", kDefaultMaximumDelay);
  if (!most) return most.error();
  if (*most < *least) return "minimum_delay must less than maximum_delay.";
  // Written without a difference, which might not fit.
  const bool no_room = *least > std::numeric_limits<std::int64_t>::max() - kLeastDelaySpread;
  if (no_room || *most < *least + kLeastDelaySpread) {
    return "invalid minimum_delay and maximum_delay.";
  }
  return std::nullopt;
}

Fault check_retry_policy(const JsonValue& policy) {
  if (policy.is_falsy()) return std::nullopt;
  if (!policy.is(JsonKind::object)) return "retry_policy must be a dict.";
  const Attributes attributes(policy);
  for (const std::string_view name : kRetryIntegers) {
    const auto value = attributes.find(name);
    if (value && !value->is_falsy() && !value->as_integer()) return must_be_retry_integer(name);
  }
  if (const auto value = attributes.find("retry_backoff_function"); value && !value->is_falsy()) {
    const auto function = value->as_string();
    if (!function) return "retry_backoff_function must be a string.";
    if (std::ranges::find(kBackoffFunctions, *function) == kBackoffFunctions.end()) {
      return "invalid retry_backoff_function.";
    }
  }
  if (const auto value = attributes.find("ignore_subscription_override");
      value && !value->is_falsy() && !value->is(JsonKind::boolean)) {
    return "ignore_subscription_override must be a boolean.";
  }
  return check_retry_delays(policy);
}

// ---- encryption -------------------------------------------------------------------------------

Fault check_encryption(const Attributes& attributes) {
  const auto value = attributes.find("_enable_encrypt_messages");
  if (value && !value->is_falsy() && !value->is(JsonKind::boolean)) {
    return "_enable_encrypt_messages must be boolean.";
  }
  return std::nullopt;
}

/// Bodies are never stored in the clear where the client asked for encryption.
Fault refuse_encryption(const Attributes& attributes) {
  const auto value = attributes.find("_enable_encrypt_messages");
  if (value && !value->is_falsy()) {
    return "Message encryption is not available: _enable_encrypt_messages can not be true.";
  }
  return std::nullopt;
}

struct DefaultValue {
  std::string_view name;
  std::string raw_value;
};

std::array<DefaultValue, 7> default_values(const Limits& limits) {
  return {{
      {"_max_messages_post_size", std::to_string(limits.max_messages_post_bytes)},
      {"_default_message_ttl", std::to_string(limits.default_message_ttl_seconds)},
      {"_default_message_delay", std::to_string(limits.default_message_delay_seconds)},
      {"_dead_letter_queue", "null"},
      {"_dead_letter_queue_messages_ttl", "null"},
      {"_max_claim_count", "null"},
      {"_enable_encrypt_messages", "false"},
  }};
}

bool is_falsy(std::string_view raw_value) {
  const auto value = encoding::parse_json(raw_value);
  return value && value->is_falsy();
}

}  // namespace

std::optional<std::string> find_reserved_attribute_fault(std::string_view object,
                                                         const Limits& limits) {
  const auto document = encoding::parse_json(object);
  if (!document) return std::nullopt;
  const Attributes attributes(*document);
  for (const IntegerRule& rule : integer_rules(limits)) {
    if (auto fault = check_integer(attributes, rule)) return fault;
  }
  if (auto fault = check_encryption(attributes)) return fault;
  if (const auto policy = attributes.find("_retry_policy")) {
    if (auto fault = check_retry_policy(*policy)) return fault;
  }
  return refuse_encryption(attributes);
}

bool has_default_value(std::string_view attribute) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "_max_messages_post_size",         "_default_message_ttl",
      "_default_message_delay",          "_dead_letter_queue",
      "_dead_letter_queue_messages_ttl", "_max_claim_count",
      "_enable_encrypt_messages"};
  return std::ranges::find(kNames, attribute) != kNames.end();
}

std::string with_default_values(std::string_view object, const Limits& limits) {
  auto shown = encoding::JsonObject::from(object).value_or(encoding::JsonObject());
  for (const DefaultValue& attribute : default_values(limits)) {
    const auto stored = shown.find(attribute.name);
    if (!stored || is_falsy(*stored)) shown.set(attribute.name, attribute.raw_value);
  }
  return shown.to_string();
}

}  // namespace marconi::domain
