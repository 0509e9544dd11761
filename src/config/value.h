// Typed values, and how they are read from and written as text.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/option.h"

namespace marconi::config {

using List = std::vector<std::string>;
using Dict = std::vector<std::pair<std::string, std::string>>;  ///< in the order written

/// The value of an option; monostate: unset.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Dict>;

/// Reads `text` as `option` demands: type, choices, bounds. The error says what is wrong, without
/// naming the option, and never quotes the value of a secret.
[[nodiscard]] std::expected<Value, std::string> parse_value(const Option& option,
                                                            std::string_view text);

/// As it could be written in a file; dollars are escaped. Unset: empty.
[[nodiscard]] std::string format_value(const Value& value);

}  // namespace marconi::config
