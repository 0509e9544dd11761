#include <iterator>

#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr auto kGroup = "transport";
constexpr auto kOldGroup = "limits:transport";
constexpr double kMaxSeconds = 2'147'483'647;
constexpr double kMaxItems = 1'000'000;
constexpr double kMaxBytes = 1 << 30;

Option seconds(std::string_view name, std::int64_t preset, std::string_view effect) {
  return integer(kGroup, name, preset, effect).at_least(0).at_most(kMaxSeconds);
}

Option items(std::string_view name, std::int64_t preset, std::string_view effect) {
  return integer(kGroup, name, preset, effect).at_least(1).at_most(kMaxItems);
}

Option bytes(std::string_view name, std::int64_t preset, std::string_view effect) {
  return integer(kGroup, name, preset, effect).at_least(1).at_most(kMaxBytes);
}

std::vector<Option> default_options() {
  return {
      seconds("default_message_ttl", 3600,
              "The TTL of a message when neither it nor its queue gives one, s."),
      seconds("default_message_delay", 0, "Shown as a queue's default delay, s; never applied."),
      seconds("default_claim_ttl", 300, "The TTL of a claim that gives none, s."),
      seconds("default_claim_grace", 60, "The grace of a claim that gives none, s."),
      seconds("default_subscription_ttl", 3600, "The TTL of a subscription that gives none, s.")
          .with_support(Support::no_effect),
  };
}

std::vector<Option> limit_options() {
  return {
      items("max_queues_per_page", 20, "The largest limit of queue lists.")
          .also(kOldGroup, "queue_paging_uplimit"),
      items("max_messages_per_page", 20,
            "The largest limit of message lists, and the most ids in one request.")
          .also(kOldGroup, "message_paging_uplimit"),
      items("max_subscriptions_per_page", 20, "The largest limit of subscription lists.")
          .also(kOldGroup, "subscription_paging_uplimit")
          .with_support(Support::no_effect),
      items("max_messages_per_claim_or_pop", 20, "The largest limit of a claim, and of pop.")
          .also("max_messages_per_claim"),
      items("max_flavors_per_page", 20, "The largest limit of flavor lists.")
          .with_support(Support::no_effect),
      items("max_pools_per_page", 20, "The largest limit of pool lists.")
          .with_support(Support::no_effect),
      bytes("max_queue_metadata", 65'536, "The largest metadata of a queue, in bytes.")
          .also(kOldGroup, "metadata_size_uplimit"),
      bytes("max_messages_post_size", 262'144, "The largest body of a message post, in bytes.")
          .also(kOldGroup, "message_size_uplimit")
          .also("max_message_size"),
      seconds("max_message_ttl", 1'209'600, "The largest TTL of a message, s.")
          .also(kOldGroup, "message_ttl_max"),
      seconds("max_message_delay", 900, "The largest delay of a message, s."),
      seconds("max_claim_ttl", 43'200, "The largest TTL of a claim, s.")
          .also(kOldGroup, "claim_ttl_max"),
      seconds("max_claim_grace", 43'200, "The largest grace of a claim, s.")
          .also(kOldGroup, "claim_grace_max"),
      items("max_messages_per_post", 1000, "The most messages in one post; more are answered 400."),
      items("max_location_ids", 20,
            "A post of more messages than this names the collection in its Location header, not "
            "each message; the body lists them all."),
  };
}

std::vector<Option> other_options() {
  constexpr auto kEncryptionKeyDefault = "AES256";
  return {
      option(Type::list, kGroup, "subscriber_types", "http,https,mailto,trust+http,trust+https",
             "The URI schemes subscriptions may have.")
          .with_support(Support::no_effect),
      option(Type::text, kGroup, "client_id_uuid_safe", "strict",
             "strict: a Client-ID is a UUID; off: any text within the two lengths below.")
          .one_of({"strict", "off"}),
      items("min_length_client_id", 10, "The shortest Client-ID, with client_id_uuid_safe = off."),
      items("max_length_client_id", 36, "The longest Client-ID, with client_id_uuid_safe = off."),
      boolean(kGroup, "message_delete_with_claim_id", false,
              "Deleting several messages at once needs the ids of their claims."),
      option(Type::text, kGroup, "message_encryption_algorithms", "AES256",
             "How message bodies are encrypted at rest, where a queue asks for it.")
          .with_support(Support::unsupported),
      option(Type::text, kGroup, "message_encryption_key", kEncryptionKeyDefault,
             "The key of that encryption.")
          .as_secret()
          .with_support(Support::unsupported),
  };
}

}  // namespace

std::vector<Option> transport_options() {
  auto options = default_options();
  for (auto part : {limit_options(), other_options()}) {
    options.insert(options.end(), std::move_iterator(part.begin()), std::move_iterator(part.end()));
  }
  return options;
}

}  // namespace marconi::config
