// The character classes of HTTP and comparisons of its case-insensitive names.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace marconi::transport::http {

/// A class of characters; the values are bits, as a character may be of several.
enum class CharacterClass : unsigned char {
  token = 1,   ///< of a method or a header name (RFC 9110, section 5.6.2)
  target = 2,  ///< visible ASCII and, as clients do send them unencoded, octets beyond it
  value = 4,   ///< all but the control characters that must not appear in a header value; a tab may
};

namespace detail {

consteval std::array<unsigned char, 256> character_classes() {
  std::array<unsigned char, 256> classes{};
  const auto add = [&](int c, CharacterClass a_class) {
    classes[static_cast<unsigned char>(c)] |= static_cast<unsigned char>(a_class);
  };
  for (int c = '0'; c <= '9'; ++c) add(c, CharacterClass::token);
  for (int c = 'a'; c <= 'z'; ++c) add(c, CharacterClass::token);
  for (int c = 'A'; c <= 'Z'; ++c) add(c, CharacterClass::token);
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) add(c, CharacterClass::token);
  for (int c = 0x20; c <= 0xff; ++c) {
    if (c == 0x7f) continue;
    if (c > 0x20) add(c, CharacterClass::target);
    add(c, CharacterClass::value);
  }
  add('\t', CharacterClass::value);
  return classes;
}

inline constexpr std::array<unsigned char, 256> kClasses = character_classes();

}  // namespace detail

/// Whether all characters are of the class. Looks at all of them in any case: a loop that may end
/// early takes several times as long over a text that is as it should be.
constexpr bool consists_of(CharacterClass wanted, std::span<const char> text) {
  auto common = static_cast<unsigned char>(wanted);
  for (const char c : text) common &= detail::kClasses[static_cast<unsigned char>(c)];
  return common != 0;
}

constexpr bool is_of(CharacterClass wanted, char c) {
  return consists_of(wanted, std::span(&c, 1));
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Whether `text` is `lower`, which is in lower case, but for the case of its ASCII letters.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

/// Without blanks at both ends.
constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace marconi::transport::http
