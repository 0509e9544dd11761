#include <iterator>

#include "config/options/options.h"

namespace marconi::config {
namespace {

Option declare(Type type, std::string_view group, std::string_view name, Default preset,
               std::string_view effect) {
  return option(type, group, name, preset, effect).with_support(Support::no_effect);
}

/// `store` is the group, `old_store` the deprecated one, if this group is the heir of it.
std::vector<Option> mongodb_options(std::string_view store, std::string_view old_store) {
  std::vector<Option> options = {
      declare(Type::text, store, "uri", std::nullopt, "The connection URI.").as_secret(),
      declare(Type::text, store, "database", "zaqar", "The prefix of database names."),
      declare(Type::text, store, "ssl_keyfile", std::nullopt, "The TLS key."),
      declare(Type::text, store, "ssl_certfile", std::nullopt, "The TLS certificate."),
      declare(Type::text, store, "ssl_cert_reqs", "CERT_REQUIRED", "How certificates are checked.")
          .one_of({"CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"}),
      declare(Type::text, store, "ssl_ca_certs", std::nullopt, "The TLS authorities."),
      declare(Type::integer, store, "max_attempts", "1000", "Tries of a conflicting post.")
          .at_least(0),
      declare(Type::real, store, "max_retry_sleep", "0.1", "The longest pause between them, s."),
      declare(Type::real, store, "max_retry_jitter", "0.005", "A random addition to it, s."),
      declare(Type::integer, store, "max_reconnect_attempts", "10", "Tries after a fail-over."),
      declare(Type::real, store, "reconnect_sleep", "0.02", "The first pause between them, s."),
  };
  if (old_store.empty()) return options;
  options.push_back(
      declare(Type::integer, store, "partitions", "2", "Databases that messages are spread over."));
  for (auto& option : options) option.aliases.push_back({old_store, option.name});
  options.push_back(declare(Type::boolean, store, "mixed_operation", "true",
                            "Hosts of the reference service may write to the same database."));
  options.push_back(
      declare(Type::real, store, "gap_hold", "0", "How long a page waits for a missing marker, s.")
          .at_least(0));
  options.push_back(declare(Type::integer, store, "gc_interval", "300",
                            "How often expired messages are cleared away, s.")
                        .at_least(1));
  options.push_back(declare(Type::integer, store, "gc_threshold", "1000",
                            "Messages of a queue from which on they are cleared away.")
                        .at_least(0));
  return options;
}

std::vector<Option> redis_options(std::string_view store, std::string_view old_store) {
  std::vector<Option> options = {
      declare(Type::text, store, "uri", "redis://127.0.0.1:6379", "The connection URI.")
          .as_secret(),
      declare(Type::integer, store, "max_reconnect_attempts", "10",
              "Tries after a connection error."),
      declare(Type::real, store, "reconnect_sleep", "1.0", "The first pause between them, s."),
  };
  if (old_store.empty()) return options;
  for (auto& option : options) option.aliases.push_back({old_store, option.name});
  return options;
}

std::vector<Option> sql_options() {
  return {declare(Type::text, "drivers:management_store:sqlalchemy", "uri",
                  "sqlite:///:memory:", "The connection URL.")
              .also("drivers:storage:sqlalchemy", "uri")
              .as_secret()};
}

std::vector<Option> swift_options() {
  constexpr auto kGroup = "drivers:message_store:swift";
  return {
      declare(Type::text, kGroup, "auth_url", "http://127.0.0.1:5000/v3/", "Keystone."),
      declare(Type::text, kGroup, "uri", "swift://demo:nomoresecrete@/demo", "User and project.")
          .as_secret(),
      declare(Type::text, kGroup, "insecure", "false", "Turns certificate checks off."),
      declare(Type::text, kGroup, "project_domain_id", "default", "The project's domain."),
      declare(Type::text, kGroup, "project_domain_name", std::nullopt, "The project's domain."),
      declare(Type::text, kGroup, "user_domain_id", "default", "The user's domain."),
      declare(Type::text, kGroup, "user_domain_name", std::nullopt, "The user's domain."),
      declare(Type::text, kGroup, "region_name", std::nullopt, "The region."),
      declare(Type::text, kGroup, "interface", "publicURL", "The kind of endpoint."),
  };
}

}  // namespace

std::vector<Option> foreign_store_options() {
  std::vector<Option> all;
  const auto add = [&all](std::vector<Option> part) {
    all.insert(all.end(), std::move_iterator(part.begin()), std::move_iterator(part.end()));
  };
  add(mongodb_options("drivers:management_store:mongodb", ""));
  add(mongodb_options("drivers:message_store:mongodb", "drivers:storage:mongodb"));
  add(redis_options("drivers:management_store:redis", ""));
  add(redis_options("drivers:message_store:redis", "drivers:storage:redis"));
  add(sql_options());
  add(swift_options());
  return all;
}

}  // namespace marconi::config
