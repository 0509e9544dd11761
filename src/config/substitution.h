// `$name` and `${group.name}` in values (configuration §1).
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "config/option_table.h"

namespace marconi::config {

/// The text of an option before substitution.
struct RawText {
  std::string text;
  bool literal = false;  ///< contains no references, whatever it looks like: a declared default
};

struct SubstitutedText {
  std::string text;
  bool secret = false;  ///< the option, or one it refers to, is a secret
};

/// The text of `option` with all references replaced by the texts of what they name, in turn
/// substituted. A name without group is looked for in the option's own group, then in DEFAULT;
/// in braces the last dot separates group and name. `$$` and `\$` are a dollar; a dollar before
/// anything else stays. The error says what is wrong: an unknown name, or a reference in a circle.
[[nodiscard]] std::expected<SubstitutedText, std::string> substitute(
    const Option& option, const std::function<RawText(const Option&)>& raw_text,
    const OptionTable& table);

}  // namespace marconi::config
