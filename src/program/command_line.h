// What all programs take from their command line, and the configuration that follows from it.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "config/configuration.h"
#include "config/option_table.h"
#include "config/sources.h"

namespace CLI {
class App;
}

namespace marconi::program {

/// The arguments that all programs know.
struct CommonArguments {
  config::Sources sources;
  bool debug = false;
  std::string log_file;
};

/// Says where configuration is looked for, to be part of a program's description.
[[nodiscard]] const char* about_files();

/// Adds the switches to a program's. The arguments must live until it has parsed its command line.
void declare(CLI::App& app, CommonArguments& arguments);

/// A switch that sets an option of [DEFAULT].
void add_switch(config::Sources& sources, const char* option, std::string value,
                const char* switch_name);

/// Adds what the switches and the environment say to the sources.
void complete(CommonArguments& arguments);

/// The configuration, without anything that this build does not support.
[[nodiscard]] base::Result<config::Configuration> load(const config::OptionTable& table,
                                                       const config::Sources& sources);

/// What is to be said of a configuration that will do, a line each.
[[nodiscard]] std::vector<std::string> warnings_of(const config::Configuration& configuration);

}  // namespace marconi::program
