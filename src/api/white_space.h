// White space as Unicode has it, in UTF-8 (for JSON pointers, http-v2 §6.3).
#pragma once

#include <cstddef>
#include <string_view>

namespace marconi::api {

/// Bytes of the white-space character that the text begins with; 0 if it begins with another.
[[nodiscard]] std::size_t leading_space(std::string_view text);

/// Without white space at either end.
[[nodiscard]] std::string_view without_space(std::string_view text);

}  // namespace marconi::api
