#include "encoding/json_cursor.h"

#include <algorithm>
#include <cstdint>

namespace marconi::encoding {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool ends_scalar(char c) { return c == ',' || c == '}' || c == ']' || is_space(c); }

bool is_integer(std::string_view number) {
  return std::ranges::none_of(number, [](char c) { return c == '.' || c == 'e' || c == 'E'; });
}

JsonKind kind_of(std::string_view raw) {
  switch (raw.empty() ? '\0' : raw.front()) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return is_integer(raw) ? JsonKind::integer : JsonKind::real;
  }
}

std::uint32_t hex_value(std::string_view four_digits) {
  std::uint32_t value = 0;
  for (const char c : four_digits) {
    value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto put_tail = [&](int shift) { put(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | (code_point >> 6));
    put_tail(0);
  } else if (code_point < 0x10000) {
    put(0xe0 | (code_point >> 12));
    put_tail(6);
    put_tail(0);
  } else {
    put(0xf0 | (code_point >> 18));
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

/// Appends what the escape at the start of `text` stands for; returns the escape's length.
std::size_t append_unescaped(std::string& out, std::string_view text) {
  switch (text[1]) {
    case 'b':
      out += '\b';
      return 2;
    case 'f':
      out += '\f';
      return 2;
    case 'n':
      out += '\n';
      return 2;
    case 'r':
      out += '\r';
      return 2;
    case 't':
      out += '\t';
      return 2;
    case 'u':
      break;
    default:
      out += text[1];
      return 2;
  }
  const std::uint32_t unit = hex_value(text.substr(2, 4));
  if (unit < 0xd800 || unit > 0xdbff) {
    append_utf8(out, unit);
    return 6;
  }
  const std::uint32_t low = hex_value(text.substr(8, 4));
  append_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
  return 12;
}

}  // namespace

std::size_t string_end(std::string_view text, std::size_t open) {
  for (auto quote = text.find('"', open + 1); quote != text.npos;
       quote = text.find('"', quote + 1)) {
    std::size_t first_backslash = quote;
    while (text[first_backslash - 1] == '\\') --first_backslash;  // stops at the opening quote
    if ((quote - first_backslash) % 2 == 0) return quote + 1;
  }
  return text.size();
}

std::string unescape(std::string_view raw) {
  std::string_view rest = raw.substr(1, raw.size() - 2);
  std::string value;
  value.reserve(rest.size());
  for (auto escape = rest.find('\\'); escape != rest.npos; escape = rest.find('\\')) {
    value += rest.substr(0, escape);
    rest.remove_prefix(escape);
    rest.remove_prefix(append_unescaped(value, rest));
  }
  value += rest;
  return value;
}

bool JsonCursor::enter(JsonKind container) {
  skip_space();
  if (peek() != (container == JsonKind::object ? '{' : '[')) return false;
  ++at_;
  return true;
}

bool JsonCursor::next_item() {
  skip_space();
  if (peek() == ',') {
    ++at_;
    skip_space();
  }
  const bool ended = peek() == '}' || peek() == ']';
  if (ended) ++at_;
  return !ended && at_ < text_.size();
}

std::string_view JsonCursor::take_name() {
  const std::size_t end = string_end(text_, at_);
  const std::string_view name = text_.substr(at_, end - at_);
  at_ = end;
  skip_space();
  if (peek() == ':') ++at_;
  return name;
}

JsonValue JsonCursor::take_value() {
  skip_space();
  const std::size_t start = at_;
  switch (peek()) {
    case '"':
      at_ = string_end(text_, at_);
      break;
    case '{':
    case '[':
      at_ = container_end();
      break;
    default:
      at_ = scalar_end();
  }
  const std::string_view raw = text_.substr(start, at_ - start);
  return {kind_of(raw), raw};
}

void JsonCursor::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

std::size_t JsonCursor::container_end() const {
  std::size_t depth = 0;
  for (std::size_t at = at_; at < text_.size();) {
    switch (text_[at]) {
      case '"':
        at = string_end(text_, at);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return text_.size();
}

std::size_t JsonCursor::scalar_end() const {
  std::size_t end = at_;
  while (end < text_.size() && !ends_scalar(text_[end])) ++end;
  return end;
}

}  // namespace marconi::encoding
