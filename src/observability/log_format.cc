#include "observability/log_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace marconi::observability {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Decoded {
  char32_t code_point = kInvalid;
  std::size_t length = 1;
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The code point at the start of a text that is not empty; kInvalid with length 1 if there is no
/// well-formed one (RFC 3629).
Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code_point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {};
    code_point = (code_point << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kSmallest[length] || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, length};
}

/// C0, DEL, C1 and the Unicode line separators: what could break or forge a line.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

/// Appends `text` with quotes and backslashes escaped if `quoted`, and control characters always.
/// `on_invalid` appends a byte that is no UTF-8.
template <class OnInvalid>
void append_escaped(std::string& out, std::string_view text, bool quoted, OnInvalid on_invalid) {
  while (!text.empty()) {
    const auto [c, length] = decode(text);
    if (c == kInvalid) {
      on_invalid(static_cast<unsigned char>(text.front()));
    } else if (c == '\n') {
      out += "\\n";
    } else if (is_control(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(c));
    } else {
      if (quoted && (c == '"' || c == '\\')) out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
}

void append_text(std::string& out, std::string_view text, bool quoted) {
  append_escaped(out, text, quoted, [&out](unsigned char byte) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
  });
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, true, [&out](unsigned char) { out += "\xEF\xBF\xBD"; });
  out += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() ||
         std::ranges::any_of(text, [](char c) { return c == ' ' || c == '"' || c == '='; });
}

struct TextValue {
  std::string& out;

  void operator()(std::string_view text) const {
    const bool quoted = needs_quotes(text);
    if (quoted) out += '"';
    append_text(out, text, quoted);
    if (quoted) out += '"';
  }
  void operator()(const auto& number) const {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
};

struct JsonValue {
  std::string& out;

  void operator()(std::string_view text) const { append_json_string(out, text); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      fmt::format_to(std::back_inserter(out), "{}", number);
    } else {
      out += "null";
    }
  }
  void operator()(const auto& number) const {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
};

/// Calls `append` for each field, request id and suppression included.
void for_each_field(const Record& record, std::uint64_t suppressed, auto append) {
  for (const auto& field : record.fields) append(field);
  if (suppressed > 0) append(Field("suppressed", suppressed));
  if (!record.request_id.empty()) append(Field("request_id", record.request_id));
}

}  // namespace

std::string format_text(const Record& record, std::uint64_t suppressed) {
  std::string out(record.room);
  out += ": ";
  append_text(out, record.message, false);
  for_each_field(record, suppressed, [&out](const Field& field) {
    out += ' ';
    out += field.key;
    out += '=';
    std::visit(TextValue{out}, field.value);
  });
  return out;
}

std::string format_json_members(const Record& record, std::uint64_t suppressed) {
  std::string out = "\"room\":";
  append_json_string(out, record.room);
  out += ",\"message\":";
  append_json_string(out, record.message);
  for_each_field(record, suppressed, [&out](const Field& field) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    std::visit(JsonValue{out}, field.value);
  });
  return out;
}

}  // namespace marconi::observability
