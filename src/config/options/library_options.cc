#include "config/options/options.h"

namespace marconi::config {
namespace {

Option profiler(Type type, std::string_view name, Default preset) {
  return option(type, "profiler", name, preset, "Tracing of the reference service.")
      .with_support(Support::no_effect);
}

Option cors(Type type, std::string_view name, Default preset, std::string_view effect) {
  return option(type, "cors", name, preset, effect);
}

Option policy(Type type, std::string_view name, Default preset, std::string_view effect) {
  return option(type, "oslo_policy", name, preset, effect);
}

}  // namespace

std::vector<Option> library_options() {
  return {
      cors(Type::list, "allowed_origin", std::nullopt,
           "The origins (scheme://host[:port], or *) whose pages may call the API from a browser; "
           "unset: none."),
      cors(Type::boolean, "allow_credentials", "true", "Lets pages send credentials."),
      cors(Type::list, "expose_headers",
           "X-Auth-Token,X-Subject-Token,X-Service-Token,X-OpenStack-Request-ID",
           "The response headers pages may read."),
      cors(Type::integer, "max_age", "3600",
           "How long browsers may keep a permission, s; 0: not said.")
          .at_least(0),
      cors(Type::list, "allow_methods", "GET,PUT,POST,DELETE,PATCH,HEAD",
           "The methods pages may use."),
      cors(Type::list, "allow_headers",
           "X-Auth-Token,X-Identity-Status,X-Roles,X-Service-Catalog,X-User-Id,X-Tenant-Id,"
           "X-OpenStack-Request-ID,X-Trace-Info,X-Trace-HMAC,Client-id",
           "The request headers pages may send."),
      policy(Type::text, "policy_file", "policy.yaml", "The file of access rules.")
          .with_support(Support::unsupported),
      policy(Type::list, "policy_dirs", "policy.d", "Directories of further access rules.")
          .with_support(Support::unsupported),
      policy(Type::text, "policy_default_rule", "default", "The rule where none is given.")
          .with_support(Support::no_effect),
      policy(Type::boolean, "enforce_scope", "false", "None here.")
          .with_support(Support::no_effect),
      policy(Type::boolean, "enforce_new_defaults", "false", "None here.")
          .with_support(Support::no_effect),
      profiler(Type::boolean, "enabled", "false").also("profiler_enabled"),
      profiler(Type::text, "hmac_keys", "SECRET_KEY").as_secret(),
      profiler(Type::text, "connection_string", "messaging://").as_secret(),
      profiler(Type::boolean, "trace_wsgi_transport", "false"),
      profiler(Type::boolean, "trace_message_store", "false"),
      profiler(Type::boolean, "trace_management_store", "false"),
      profiler(Type::boolean, "trace_sqlalchemy", "false"),
      profiler(Type::text, "es_doc_type", "notification"),
      profiler(Type::text, "es_scroll_time", "2m"),
      profiler(Type::integer, "es_scroll_size", "10000"),
      profiler(Type::real, "socket_timeout", "0.1"),
      profiler(Type::text, "sentinel_service_name", "mymaster"),
      profiler(Type::boolean, "filter_error_trace", "false"),
      option(Type::text, "oslo_reports", "log_dir", std::nullopt, "Where reports are dumped.")
          .with_support(Support::no_effect),
      option(Type::text, "oslo_reports", "file_event_handler", std::nullopt,
             "The file that triggers a report.")
          .with_support(Support::no_effect),
  };
}

std::vector<OpenGroup> standard_open_groups() {
  return {
      {.name = "keystone_authtoken"},
      {.name = "trustee"},
      {.name = "cache"},
      {.name = "profiler"},
      {.name = "oslo_policy"},
      {.name = "oslo_reports"},
      {.name = "cors.", .prefix = true, .support = Support::unsupported},
  };
}

}  // namespace marconi::config
