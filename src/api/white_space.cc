#include "api/white_space.h"

#include <algorithm>
#include <array>

namespace marconi::api {

namespace {

/// The white-space characters beyond ASCII: U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028,
/// U+2029, U+202F, U+205F, U+3000.
constexpr std::array<std::string_view, 19> kWide = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

bool is_narrow_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

std::size_t trailing_space(std::string_view text) {
  if (!text.empty() && is_narrow_space(text.back())) return 1;
  const auto wide = std::ranges::find_if(kWide, [&](auto space) { return text.ends_with(space); });
  return wide == kWide.end() ? 0 : wide->size();
}

}  // namespace

std::size_t leading_space(std::string_view text) {
  if (!text.empty() && is_narrow_space(text.front())) return 1;
  const auto wide =
      std::ranges::find_if(kWide, [&](auto space) { return text.starts_with(space); });
  return wide == kWide.end() ? 0 : wide->size();
}

std::string_view without_space(std::string_view text) {
  while (const auto space = leading_space(text)) text.remove_prefix(space);
  while (const auto space = trailing_space(text)) text.remove_suffix(space);
  return text;
}

}  // namespace marconi::api
