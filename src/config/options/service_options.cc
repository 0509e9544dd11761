#include "config/options/options.h"

namespace marconi::config {

std::vector<Option> service_options() {
  constexpr auto kGroup = "DEFAULT";
  return {
      boolean(kGroup, "admin_mode", false,
              "Serves the administrative resources of the API. Also a command-line switch."),
      boolean(kGroup, "pooling", false, "Routes queues to several stores.")
          .also("sharding")
          .with_support(Support::unsupported),
      option(Type::list, kGroup, "enable_deprecated_api_versions", "1,1.1",
             "The API versions below 2 that are served; a version that is not listed answers 404.")
          .one_of({"1", "1.1"}),
      option(Type::text, kGroup, "auth_strategy", "",
             "How callers are authenticated. Empty: not at all; every caller may name any project, "
             "so a trusted front end has to stand before the server.")
          .one_of({"", "keystone"})
          .refusing({"keystone"}),
      boolean(kGroup, "enable_checksum", false,
              "Gives new messages a checksum, which API versions 1.1 and 2 show."),
      boolean(kGroup, "unreliable", false,
              "Lets the server run on a MongoDB that may lose messages: one of a single node, or "
              "one whose URI asks for a write concern of w=1."),
  };
}

}  // namespace marconi::config
