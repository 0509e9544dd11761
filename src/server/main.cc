// marconi-server: reads the command line, then checks, prints or serves.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/configuration.h"
#include "config/documents.h"
#include "config/option_table.h"
#include "config/rules.h"
#include "observability/log_output.h"
#include "server/composition.h"
#include "server/open_files.h"
#include "server/settings.h"
#include "server/signals.h"

namespace marconi::server {
namespace {

constexpr auto kDescription =
    "The Marconi message queue server.\n\n"
    "Without --config-file and --config-dir, marconi.conf and marconi-server.conf are looked for "
    "in ~/.marconi, ~, /etc/marconi and /etc, with the *.conf files of marconi.conf.d and "
    "marconi-server.conf.d; where there are none of these, the same under the name of zaqar.";

constexpr auto kFooter =
    "SIGTERM and SIGINT let running requests end, then stop; a second one stops at once. SIGHUP "
    "opens the log file anew.\nExit status: 0; 1 if the configuration or the start fails.";

/// What the command line asks for.
struct Arguments {
  config::Sources sources;
  bool admin_mode = false;
  bool debug = false;
  std::string log_file;
  bool check_config = false;
  bool print_sample = false;
  bool print_reference = false;
};

void declare(CLI::App& app, Arguments& arguments) {
  auto& sources = arguments.sources;
  app.set_version_flag("--version", std::string("marconi-server " MARCONI_VERSION));
  app.add_option("--config-file", sources.files, "A configuration file; repeatable, later ones win")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--config-dir", sources.directories,
                 "A directory whose *.conf files are read, sorted; repeatable")
      ->type_name("DIRECTORY")
      ->allow_extra_args(false);
  app.add_option("--option", sources.options,
                 "Sets one option, whatever files and environment say; repeatable")
      ->type_name("GROUP.NAME=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--admin_mode,--admin-mode", arguments.admin_mode,
               "Serves the administrative resources ([DEFAULT] admin_mode)");
  app.add_flag("-d,--debug", arguments.debug, "Logs at level debug ([DEFAULT] debug)");
  app.add_option("--log-file", arguments.log_file, "The file to log to ([DEFAULT] log_file)")
      ->type_name("FILE");
  app.add_flag("--check-config", arguments.check_config,
               "Reads the configuration, prints what differs from the defaults, and ends");
  app.add_flag("--print-sample-config", arguments.print_sample,
               "Prints a configuration file with every option, and ends");
  app.add_flag("--print-option-reference", arguments.print_reference,
               "Prints all options in Markdown, and ends");
  app.footer(kFooter);
}

std::vector<std::pair<std::string, std::string>> read_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == text.npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

void complete(Arguments& arguments) {
  auto& sources = arguments.sources;
  const auto set = [&sources](const char* name, std::string value, const char* switch_name) {
    sources.switches.push_back({"DEFAULT", name, std::move(value), {switch_name, 0}});
  };
  if (arguments.admin_mode) set("admin_mode", "true", "--admin_mode");
  if (arguments.debug) set("debug", "true", "--debug");
  if (!arguments.log_file.empty()) set("log_file", arguments.log_file, "--log-file");
  if (const char* home = std::getenv("HOME")) sources.home = home;
  sources.environment = read_environment();
}

int complain(const base::Error& error) {
  std::cerr << "marconi-server: " << error.description << '\n';
  return EXIT_FAILURE;
}

base::Result<config::Configuration> load(const config::OptionTable& table,
                                         const config::Sources& sources) {
  auto configuration = config::Configuration::load(table, sources);
  if (!configuration) return configuration;
  if (auto fine = config::refuse_unsupported(*configuration); !fine) {
    return std::unexpected(fine.error());
  }
  return configuration;
}

std::vector<std::string> warnings_of(const config::Configuration& configuration) {
  auto warnings = configuration.warnings();
  for (auto& line : config::effectless_options(configuration)) warnings.push_back(std::move(line));
  return warnings;
}

int check(const config::Configuration& configuration) {
  for (const auto& file : configuration.files()) std::cout << "# read " << file << '\n';
  for (const auto& line : config::changed_settings(configuration)) std::cout << line << '\n';
  for (const auto& line : warnings_of(configuration)) std::cerr << "warning: " << line << '\n';
  return EXIT_SUCCESS;
}

/// Carries out what the administrator asks for until that is to stop.
void attend(const Signals& signals, observability::LogOutput& log,
            const observability::Logger& logger) {
  while (signals.wait() == Request::reopen_log) {
    if (auto reopened = log.reopen(); !reopened) {
      logger.error("the log file cannot be opened anew",
                   {{"reason", reopened.error().description}});
    } else {
      logger.info("opened the log file anew");
    }
  }
}

/// Each connection needs an open file, and the store some hundreds.
void warn_of_few_files(const config::Configuration& configuration,
                       const observability::Logger& logger) {
  constexpr std::uint64_t kForTheStore = 1000;
  const auto limit = raise_open_files_limit();
  const auto connections =
      static_cast<std::uint64_t>(configuration.integer("server", "max_connections"));
  if (limit >= connections + kForTheStore) return;
  logger.warning("the limit on open files is too low for [server] max_connections",
                 {{"limit", limit}, {"max_connections", connections}});
}

int serve(const config::Configuration& configuration) {
  const Signals signals;
  const base::SystemClock clock;
  auto log = observability::LogOutput::open(log_options(configuration), clock);
  if (!log) return complain(log.error());
  const observability::Logger logger(**log, "server");
  for (const auto& line : warnings_of(configuration)) {
    logger.warning("configuration", {{"warning", line}});
  }
  logger.info("starting", {{"version", MARCONI_VERSION}});
  warn_of_few_files(configuration, logger);
  auto composition = Composition::start(configuration, clock, **log);
  if (!composition) {
    log->reset();  // what it says comes first
    return complain(composition.error());
  }
  attend(signals, **log, logger);
  signals.let_stop_signals_kill();
  (*composition)->stop();
  logger.info("stopped");
  return EXIT_SUCCESS;
}

int run(const Arguments& arguments) {
  const auto table = config::OptionTable::standard();
  if (arguments.print_sample) {
    std::cout << config::sample_configuration(table);
    return EXIT_SUCCESS;
  }
  if (arguments.print_reference) {
    std::cout << config::option_reference(table);
    return EXIT_SUCCESS;
  }
  const auto configuration = load(table, arguments.sources);
  if (!configuration) return complain(configuration.error());
  return arguments.check_config ? check(*configuration) : serve(*configuration);
}

}  // namespace
}  // namespace marconi::server

int main(int argc, char** argv) {
  using namespace marconi::server;
  CLI::App app(kDescription, "marconi-server");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  complete(arguments);
  return run(arguments);
}
