// Reads the INI dialect of oslo.config (configuration §1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/assignment.h"

namespace marconi::config {

/// A `[group]` heading.
struct IniSection {
  std::string name;
  Origin origin;
};

/// The contents of one file, in the order written; nothing is merged or looked up.
struct IniDocument {
  std::vector<IniSection> sections;
  std::vector<Assignment> assignments;
};

/// Reads `text`; `file` only names it in origins and errors.
///
///  - `[group]`: the name is everything between the brackets, colons and dots included.
///  - `name = value` or `name: value`, whichever sign comes first; both sides are trimmed, and one
///    pair of quotes around the whole value is taken off.
///  - A line that begins with white space continues the value, joined by a line feed. An empty
///    line or a comment ends it.
///  - `#` and `;` in the first column start comments.
///
/// Errors are `invalid` and begin with `file:line`. They never quote the line, which may hold a
/// secret.
[[nodiscard]] base::Result<IniDocument> parse_ini(std::string_view text, const std::string& file);

}  // namespace marconi::config
