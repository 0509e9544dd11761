#include "program/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "config/rules.h"

namespace marconi::program {
namespace {

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

}  // namespace

const char* about_files() {
  return "Without --config-file and --config-dir, marconi.conf and marconi-server.conf are looked "
         "for in ~/.marconi, ~, /etc/marconi and /etc, with the *.conf files of marconi.conf.d and "
         "marconi-server.conf.d; where there are none of these, the same under the name of zaqar.";
}

void declare(CLI::App& app, CommonArguments& arguments) {
  auto& sources = arguments.sources;
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
  app.add_flag("-d,--debug", arguments.debug, "Logs at level debug ([DEFAULT] debug)");
  app.add_option("--log-file", arguments.log_file, "The file to log to ([DEFAULT] log_file)")
      ->type_name("FILE");
}

void add_switch(config::Sources& sources, const char* option, std::string value,
                const char* switch_name) {
  sources.switches.push_back({"DEFAULT", option, std::move(value), {switch_name, 0}});
}

void complete(CommonArguments& arguments) {
  auto& sources = arguments.sources;
  if (arguments.debug) add_switch(sources, "debug", "true", "--debug");
  if (!arguments.log_file.empty()) {
    add_switch(sources, "log_file", arguments.log_file, "--log-file");
  }
  if (const char* home = std::getenv("HOME")) sources.home = home;
  sources.environment = read_environment();
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

}  // namespace marconi::program
