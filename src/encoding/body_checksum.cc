#include <fmt/format.h>
#include <openssl/evp.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoding/json_text.h"
#include "encoding/member_names.h"

namespace marconi::encoding {

namespace {

namespace dom = simdjson::dom;

/// Takes one character off the front of valid UTF-8 text.
std::uint32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t code_point = length == 1 ? lead : lead & (0xffu >> (length + 1));
  for (const char c : text.substr(1, length - 1)) {
    code_point = code_point << 6 | (static_cast<unsigned char>(c) & 0x3f);
  }
  text.remove_prefix(length);
  return code_point;
}

void append_utf16_escapes(std::string& out, std::uint32_t code_point) {
  const auto append = [&out](std::uint32_t unit) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", unit);
  };
  if (code_point < 0x10000) return append(code_point);
  append(0xd800 + ((code_point - 0x10000) >> 10));
  append(0xdc00 + ((code_point - 0x10000) & 0x3ff));
}

/// DEL is escaped too, although it is ASCII: so does the encoder that clients compare with.
bool stays_as_it_is(char c) { return c >= 0 && c < 0x7f; }

void append_ascii_string(std::string& out, std::string_view text) {
  const std::string quoted = json_string(text);
  for (std::string_view rest = quoted; !rest.empty();) {
    const auto run = std::ranges::find_if_not(rest, stays_as_it_is) - rest.begin();
    out += rest.substr(0, run);
    rest.remove_prefix(run);
    if (!rest.empty()) append_utf16_escapes(out, take_code_point(rest));
  }
}

/// The shortest form that reads back as the same double, with an exponent below 1e-4 and from
/// 1e16 on, and never without a sign of being a float.
void append_double(std::string& out, double value) {
  const std::string digits = fmt::format("{}", value);
  out += digits;
  if (digits.find_first_of(".e") == digits.npos) out += ".0";
}

void append_canonical(std::string& out, dom::element value);

void append_object(std::string& out, dom::object object) {
  const std::vector<dom::key_value_pair> members(object.begin(), object.end());
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const auto& member : members) names.push_back(member.key);

  std::string_view separator = "";
  out += '{';
  for (const std::size_t i : effective_members(names)) {
    out += std::exchange(separator, ", ");
    append_ascii_string(out, members[i].key);
    out += ": ";
    append_canonical(out, members[i].value);
  }
  out += '}';
}

void append_array(std::string& out, dom::array array) {
  std::string_view separator = "";
  out += '[';
  for (const dom::element element : array) {
    out += std::exchange(separator, ", ");
    append_canonical(out, element);
  }
  out += ']';
}

/// Recursive; the parser's own bound on nesting (1024) is what keeps the stack small.
void append_canonical(std::string& out, dom::element value) {
  switch (value.type()) {
    case dom::element_type::OBJECT:
      return append_object(out, value.get_object().value_unsafe());
    case dom::element_type::ARRAY:
      return append_array(out, value.get_array().value_unsafe());
    case dom::element_type::STRING:
      return append_ascii_string(out, value.get_string().value_unsafe());
    case dom::element_type::INT64:
      out += std::to_string(value.get_int64().value_unsafe());
      return;
    case dom::element_type::UINT64:
      out += std::to_string(value.get_uint64().value_unsafe());
      return;
    case dom::element_type::DOUBLE:
      return append_double(out, value.get_double().value_unsafe());
    case dom::element_type::BOOL:
      out += value.get_bool().value_unsafe() ? "true" : "false";
      return;
    case dom::element_type::NULL_VALUE:
      out += "null";
      return;
  }
}

std::string hex_md5(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_md5(), nullptr) != 1) {
    return {};  // a machine whose policy forbids MD5
  }
  std::string hex;
  for (unsigned i = 0; i < length; ++i)
    fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string body_checksum(std::string_view body) {
  if (body.empty()) return {};
  dom::parser parser;
  dom::element value;
  if (parser.parse(body.data(), body.size()).get(value) != simdjson::SUCCESS) return {};
  if (value.is_null()) return {};
  std::string canonical;
  canonical.reserve(body.size() + body.size() / 8);
  append_canonical(canonical, value);
  const std::string digest = hex_md5(canonical);
  return digest.empty() ? digest : "MD5:" + digest;
}

}  // namespace marconi::encoding
