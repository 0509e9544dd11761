// One value as somebody wrote it, and where: what every source of configuration is read into.
#pragma once

#include <string>

namespace marconi::config {

/// Where a value was written.
struct Origin {
  std::string source;  ///< a file, `--option`, or an environment variable
  int line = 0;        ///< counted from 1; 0 where there are no lines

  /// `file:line`, or the source alone.
  [[nodiscard]] std::string to_string() const {
    return line > 0 ? source + ":" + std::to_string(line) : source;
  }
};

/// `name = text` in `[group]`, not yet substituted, typed, or known to be an option.
struct Assignment {
  std::string group;
  std::string name;
  std::string text;
  Origin origin;
};

}  // namespace marconi::config
