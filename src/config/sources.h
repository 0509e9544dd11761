// Collects what was written where: files, the environment, the command line (configuration §1,
// §12).
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "config/assignment.h"
#include "config/ini.h"
#include "config/option_table.h"

namespace marconi::config {

/// Where to read configuration from.
struct Sources {
  std::vector<std::string> files;        ///< --config-file, later ones win
  std::vector<std::string> directories;  ///< --config-dir: all *.conf, sorted; after the files
  /// With neither of the above, files are searched for in the usual places below these two.
  std::filesystem::path home;
  std::filesystem::path root = "/";
  std::vector<std::pair<std::string, std::string>> environment;  ///< name and value
  std::vector<std::string> options;                              ///< --option GROUP.NAME=VALUE
  std::vector<Assignment> switches;                              ///< dedicated switches
};

/// The files to read, in order. Without explicit ones: from the first of ~/.marconi/, ~/,
/// /etc/marconi/ and /etc/ that has it marconi.conf, likewise marconi-server.conf, then likewise
/// the *.conf files of marconi.conf.d and marconi-server.conf.d; if there is none of these at all,
/// the same under zaqar names. `invalid` if an explicit directory cannot be read.
[[nodiscard]] base::Result<std::vector<std::string>> files_to_read(const Sources& sources);

/// Reads one file; `invalid` if that fails.
[[nodiscard]] base::Result<IniDocument> read_file(const std::string& path);

/// The variables OS_{GROUP}__{OPTION} that name options, as assignments. For one that names no
/// option of a known group a line is added to `warnings`.
[[nodiscard]] std::vector<Assignment> read_environment(const Sources& sources,
                                                       const OptionTable& table,
                                                       std::vector<std::string>& warnings);

/// --option and the switches. `invalid` for what is not GROUP.NAME=VALUE or names no option.
[[nodiscard]] base::Result<std::vector<Assignment>> read_command_line(const Sources& sources,
                                                                      const OptionTable& table);

}  // namespace marconi::config
