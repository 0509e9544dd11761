#include <iterator>

#include "config/options/options.h"

namespace marconi::config {
namespace {

Option declare(Type type, std::string_view group, std::string_view name, Default preset,
               std::string_view effect) {
  return option(type, group, name, preset, effect).with_support(Support::no_effect);
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
  add(redis_options("drivers:management_store:redis", ""));
  add(redis_options("drivers:message_store:redis", "drivers:storage:redis"));
  add(sql_options());
  add(swift_options());
  return all;
}

}  // namespace marconi::config
