#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr auto kGroup = "DEFAULT";

/// Options of the reference's logging library that shape lines or destinations Marconi lacks.
Option other(Type type, std::string_view name, Default preset) {
  return option(type, kGroup, name, preset, "An option of the reference's logging.")
      .with_support(Support::no_effect);
}

}  // namespace

std::vector<Option> log_options() {
  return {
      boolean(kGroup, "debug", false, "Logs at level debug instead of info."),
      boolean(kGroup, "use_json", false, "Writes each log line as one JSON object."),
      option(Type::text, kGroup, "log_file", std::nullopt,
             "The file to log to; unset: standard error. SIGHUP opens it anew, for rotation.")
          .also("logfile"),
      option(Type::text, kGroup, "log_dir", std::nullopt,
             "The directory of a log_file with a relative name. Without log_file: logs to "
             "marconi-server.log there.")
          .also("logdir"),
      boolean(kGroup, "use_stderr", false, "Logs to standard error even if there is a log_file."),
      other(Type::text, "log_config_append", std::nullopt).also("log-config").also("log_config"),
      other(Type::text, "log_date_format", "%Y-%m-%d %H:%M:%S"),
      other(Type::boolean, "watch_log_file", "false"),
      other(Type::boolean, "use_syslog", "false"),
      other(Type::boolean, "use_journal", "false"),
      other(Type::text, "syslog_log_facility", "LOG_USER"),
      other(Type::boolean, "use_eventlog", "false"),
      other(Type::boolean, "log_color", "false"),
      other(Type::text, "log_rotation_type", "none").one_of({"none", "interval", "size"}),
      other(Type::integer, "log_rotate_interval", "1"),
      other(Type::text, "log_rotate_interval_type", "days"),
      other(Type::integer, "max_logfile_count", "30"),
      other(Type::integer, "max_logfile_size_mb", "200"),
      other(Type::integer, "rate_limit_interval", "0"),
      other(Type::integer, "rate_limit_burst", "0"),
      other(Type::text, "rate_limit_except_level", "CRITICAL"),
      other(Type::list, "default_log_levels", std::nullopt),
      other(Type::text, "logging_context_format_string", std::nullopt),
      other(Type::text, "logging_default_format_string", std::nullopt),
      other(Type::text, "logging_debug_format_suffix", std::nullopt),
      other(Type::text, "logging_exception_prefix", std::nullopt),
      other(Type::text, "logging_user_identity_format", std::nullopt),
      other(Type::boolean, "publish_errors", "false"),
      other(Type::boolean, "fatal_deprecations", "false"),
      other(Type::text, "instance_format", std::nullopt),
      other(Type::text, "instance_uuid_format", std::nullopt),
  };
}

}  // namespace marconi::config
