// Small helpers for the text of configuration values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace marconi::config {

[[nodiscard]] std::string_view trim_right(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);

/// Takes one pair of equal quotes, single or double, off the two ends.
[[nodiscard]] std::string_view unquote(std::string_view text);

/// ASCII letters only; the rest stays.
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);

/// Splits at commas outside quotes and trims the items; empty ones are left out. A quote counts
/// only at the start of an item or, if `pairs`, right after its first colon.
[[nodiscard]] std::vector<std::string_view> split_items(std::string_view text, bool pairs);

/// `a, b, c`.
[[nodiscard]] std::string join(const std::vector<std::string>& items, std::string_view between);

}  // namespace marconi::config
