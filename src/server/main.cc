// marconi-server: reads the command line, then checks, prints or serves.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/configuration.h"
#include "config/documents.h"
#include "config/option_table.h"
#include "config/rules.h"
#include "observability/log_output.h"
#include "program/command_line.h"
#include "program/settings.h"
#include "program/signals.h"
#include "server/composition.h"
#include "server/open_files.h"
#include "server/settings.h"

namespace marconi::server {
namespace {

using program::Request;
using program::Signals;

constexpr auto kFooter =
    "SIGTERM and SIGINT let running requests end, then stop; a second one stops at once. SIGHUP "
    "opens the log file anew.\nExit status: 0; 1 if the configuration or the start fails.";

/// What the command line asks for.
struct Arguments {
  program::CommonArguments common;
  bool admin_mode = false;
  bool check_config = false;
  bool print_sample = false;
  bool print_reference = false;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", std::string("marconi-server " MARCONI_VERSION));
  program::declare(app, arguments.common);
  app.add_flag("--admin_mode,--admin-mode", arguments.admin_mode,
               "Serves the administrative resources ([DEFAULT] admin_mode)");
  app.add_flag("--check-config", arguments.check_config,
               "Reads the configuration, prints what differs from the defaults, and ends");
  app.add_flag("--print-sample-config", arguments.print_sample,
               "Prints a configuration file with every option, and ends");
  app.add_flag("--print-option-reference", arguments.print_reference,
               "Prints all options in Markdown, and ends");
  app.footer(kFooter);
}

void complete(Arguments& arguments) {
  auto& common = arguments.common;
  if (arguments.admin_mode) {
    program::add_switch(common.sources, "admin_mode", "true", "--admin_mode");
  }
  program::complete(common);
}

int complain(const base::Error& error) {
  // In one piece: the log may be written to the same place at the same time.
  std::cerr << "marconi-server: " + error.description + '\n';
  return EXIT_FAILURE;
}

int check(const config::Configuration& configuration) {
  for (const auto& file : configuration.files()) std::cout << "# read " << file << '\n';
  for (const auto& line : config::changed_settings(configuration)) std::cout << line << '\n';
  for (const auto& line : program::warnings_of(configuration))
    std::cerr << "warning: " << line << '\n';
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
  auto log =
      observability::LogOutput::open(program::log_options(configuration, "marconi-server"), clock);
  if (!log) return complain(log.error());
  const observability::Logger logger(**log, "server");
  for (const auto& line : program::warnings_of(configuration)) {
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
  const auto configuration = program::load(table, arguments.common.sources);
  if (!configuration) return complain(configuration.error());
  return arguments.check_config ? check(*configuration) : serve(*configuration);
}

}  // namespace
}  // namespace marconi::server

int main(int argc, char** argv) {
  using namespace marconi::server;
  CLI::App app(
      std::string("The Marconi message queue server.\n\n") + marconi::program::about_files(),
      "marconi-server");
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
