#include "api/uri.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "api/ascii.h"

namespace marconi::api {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;  // without an early end, so that many are looked at together
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

/// The bytes that may follow a lead byte: how many in all, and the range of the first, which
/// keeps out overlong forms, surrogates and what lies beyond U+10FFFF (Unicode, table 3-7).
struct Sequence {
  std::size_t length = 0;
  unsigned char least = 0x80;
  unsigned char most = 0xBF;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead >= 0xC2 && lead <= 0xDF) return {2};
  if (lead == 0xE0) return {3, 0xA0};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3};
  if (lead == 0xF0) return {4, 0x90};
  if (lead >= 0xF1 && lead <= 0xF3) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

/// How many bytes at `at` belong together, and whether they are a character.
std::pair<std::size_t, bool> measure_character(std::string_view text, std::size_t at) {
  const Sequence sequence = sequence_of(byte_at(text, at));
  if (sequence.length == 0) return {1, false};
  for (std::size_t i = 1; i < sequence.length; ++i) {
    if (at + i >= text.size()) return {i, false};
    const unsigned char c = byte_at(text, at + i);
    const bool fits = i == 1 ? c >= sequence.least && c <= sequence.most : c >= 0x80 && c <= 0xBF;
    if (!fits) return {i, false};
  }
  return {sequence.length, true};
}

std::string to_valid_utf8(std::string text) {
  if (is_ascii(text)) return text;
  std::string out;
  out.reserve(text.size() + kReplacement.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto [length, valid] = measure_character(text, at);
    out += valid ? std::string_view(text).substr(at, length) : kReplacement;
    at += length;
  }
  return out;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte that the escape at `at` stands for; nothing if there is none.
std::optional<char> escape_at(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

enum class Plus { literal, space };

std::string decode(std::string_view text, Plus plus) {
  const bool has_space = plus == Plus::space && text.find('+') != std::string_view::npos;
  if (!has_space && text.find('%') == std::string_view::npos) {
    return to_valid_utf8(std::string(text));
  }
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto escaped = text[at] == '%' ? escape_at(text, at) : std::nullopt;
    if (escaped) {
      out += *escaped;
      at += 2;
    } else {
      out += text[at] == '+' && plus == Plus::space ? ' ' : text[at];
    }
  }
  return to_valid_utf8(std::move(out));
}

bool has_dot_segment(std::string_view path) { return path.find("/.") != std::string_view::npos; }

/// RFC 3986, section 5.2.4, for an absolute path.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);  // with its leading slash
    const bool is_last = end == path.size();
    if (segment == "/..") out.erase(out.empty() ? 0 : out.rfind('/'));
    if (segment == "/." || segment == "/..") {
      if (is_last) out += '/';
    } else {
      out += segment;
    }
    path.remove_prefix(end);
  }
  return out;
}

bool is_unreserved(char c) {
  return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || is_digit(c) || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_escape(std::string& out, char c) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 0x0F];
}

}  // namespace

Target parse_target(std::string_view target) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view raw_path = target.substr(0, mark);
  Target parsed;
  parsed.query = mark < target.size() ? target.substr(mark + 1) : std::string_view();
  if (!raw_path.starts_with('/')) return parsed;
  parsed.path = has_dot_segment(raw_path) ? decode(without_dot_segments(raw_path), Plus::literal)
                                          : decode(raw_path, Plus::literal);
  return parsed;
}

std::string decode_query_text(std::string_view text) { return decode(text, Plus::space); }

void append_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      append_escape(out, c);
    }
  }
}

std::string encode_path(std::string_view path) {
  static constexpr std::string_view kAlsoInPaths = "/:@!$&'()*+,;=";
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (is_unreserved(c) || kAlsoInPaths.find(c) != std::string_view::npos) {
      out += c;
    } else {
      append_escape(out, c);
    }
  }
  return out;
}

}  // namespace marconi::api
