#include "config/value.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "config/text.h"

namespace marconi::config {
namespace {

using Parsed = std::expected<Value, std::string>;

bool contains(const auto& items, std::string_view item) {
  return std::ranges::find(items, item) != std::ranges::end(items);
}

constexpr std::int64_t kMaxPort = 65535;
constexpr std::size_t kMaxHostName = 255;

/// A value as a message may quote it: one short line.
std::string quotable(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out(text.substr(0, kLongest));
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text.size() > kLongest ? out + "…" : out;
}

std::unexpected<std::string> wrong(const Option& option, std::string_view text,
                                   std::string_view expected) {
  if (option.secret) return std::unexpected(fmt::format("expected {}", expected));
  return std::unexpected(fmt::format("'{}' where {} is expected", quotable(text), expected));
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc{} || stop != end) return std::nullopt;
  return number;
}

Parsed parse_boolean(const Option& option, std::string_view text) {
  static constexpr std::array<std::string_view, 4> kTrue = {"true", "1", "yes", "on"};
  static constexpr std::array<std::string_view, 4> kFalse = {"false", "0", "no", "off"};
  const auto lower = to_lower(text);
  if (contains(kTrue, lower)) return true;
  if (contains(kFalse, lower)) return false;
  return wrong(option, text, "true or false");
}

/// `a number of at least 1`, for messages.
std::string describe_range(const Option& option, std::string_view noun) {
  if (option.min && option.max) {
    return fmt::format("{} from {} to {}", noun, *option.min, *option.max);
  }
  if (option.min) return fmt::format("{} of at least {}", noun, *option.min);
  if (option.max) return fmt::format("{} of at most {}", noun, *option.max);
  return std::string(noun);
}

bool in_range(const Option& option, double number) {
  return number >= option.min.value_or(number) && number <= option.max.value_or(number);
}

Parsed parse_integer(const Option& option, std::string_view text) {
  const auto number = read_number<std::int64_t>(text);
  if (!number || !in_range(option, static_cast<double>(*number))) {
    return wrong(option, text, describe_range(option, "a whole number"));
  }
  return *number;
}

Parsed parse_real(const Option& option, std::string_view text) {
  const auto number = read_number<double>(text);
  if (!number || !std::isfinite(*number) || !in_range(option, *number)) {
    return wrong(option, text, describe_range(option, "a number"));
  }
  return *number;
}

Parsed parse_port(const Option& option, std::string_view text) {
  const auto number = read_number<std::int64_t>(text);
  if (!number || *number < 0 || *number > kMaxPort) {
    return wrong(option, text, "a port from 0 to 65535");
  }
  return *number;
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

bool is_host_name(std::string_view text) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  // All digits and dots would be an address, and it is none.
  const bool numeric = text.find_first_not_of("0123456789.") == text.npos;
  return !text.empty() && text.size() <= kMaxHostName && !numeric && !text.starts_with('-') &&
         !text.starts_with('.') && text.find("..") == text.npos &&
         std::ranges::all_of(text, in_name);
}

Parsed parse_host(const Option& option, std::string_view text) {
  std::string host(text);
  if (!is_ip_address(host) && !is_host_name(host)) {
    return wrong(option, text, "an IP address or a host name");
  }
  return host;
}

bool is_choice(const Option& option, std::string_view text) {
  return option.choices.empty() || contains(option.choices, text);
}

std::string describe_choices(const Option& option) {
  std::vector<std::string> quoted;
  for (const auto choice : option.choices) quoted.push_back(fmt::format("'{}'", choice));
  return (quoted.size() > 1 ? "one of " : "") + join(quoted, ", ");
}

Parsed parse_text(const Option& option, std::string_view text) {
  if (!is_choice(option, text)) return wrong(option, text, describe_choices(option));
  if (option.check != nullptr) {
    if (auto objection = option.check(text)) return wrong(option, text, *objection);
  }
  return std::string(text);
}

Parsed parse_list(const Option& option, std::string_view text) {
  List list;
  for (const auto item : split_items(text, false)) {
    const auto bare = unquote(item);
    if (!is_choice(option, bare)) return wrong(option, bare, describe_choices(option));
    list.emplace_back(bare);
  }
  return list;
}

void put(Dict& dict, std::string_view key, std::string_view value) {
  const auto same = std::ranges::find(dict, key, &Dict::value_type::first);
  if (same != dict.end()) {
    same->second = value;
  } else {
    dict.emplace_back(key, value);
  }
}

Parsed parse_dict(const Option& option, std::string_view text) {
  Dict dict;
  for (const auto item : split_items(text, true)) {
    const auto colon = item.find(':');
    const auto key = trim(item.substr(0, colon));
    if (colon == item.npos || key.empty()) return wrong(option, item, "key:value");
    put(dict, key, unquote(trim(item.substr(colon + 1))));
  }
  return dict;
}

std::string quote(std::string_view text) {
  const char mark = text.find('"') == text.npos ? '"' : '\'';
  return fmt::format("{}{}{}", mark, text, mark);
}

/// Whether the reader would trim the text or take its quotes off.
bool loses_ends(std::string_view text) { return text != trim(text) || unquote(text) != text; }

/// Protects what stands behind the equals sign; lines that continue a value have no quotes.
std::string protect_ends(const std::string& text) {
  const std::string_view first = std::string_view(text).substr(0, text.find('\n'));
  return loses_ends(first) ? quote(first) + text.substr(first.size()) : text;
}

std::string protect_item(const std::string& item) {
  const bool plain = !item.empty() && item.find(',') == item.npos && !loses_ends(item);
  return plain ? item : quote(item);
}

/// Dollars doubled, but behind a backslash, which would take away the first of the two, with one of
/// their own; line feeds as continuation lines.
std::string escape(std::string_view text) {
  std::string out;
  char before = '\0';
  for (const char c : text) {
    if (c == '$') out += before == '\\' ? '\\' : '$';
    out += c;
    if (c == '\n') out += "  ";
    before = c;
  }
  return out;
}

struct Formatter {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return escape(protect_ends(value)); }
  std::string operator()(const List& list) const {
    std::vector<std::string> items;
    for (const auto& item : list) items.push_back(protect_item(item));
    return escape(protect_ends(join(items, ",")));
  }
  std::string operator()(const Dict& dict) const {
    std::vector<std::string> items;
    for (const auto& [key, value] : dict) items.push_back(key + ":" + protect_item(value));
    return escape(protect_ends(join(items, ",")));
  }
};

bool empty_means_unset(Type type) {
  return type == Type::integer || type == Type::real || type == Type::port || type == Type::host ||
         type == Type::boolean;
}

}  // namespace

Parsed parse_value(const Option& option, std::string_view text) {
  if (text.empty() && !option.default_text && empty_means_unset(option.type)) return Value{};
  switch (option.type) {
    case Type::boolean:
      return parse_boolean(option, text);
    case Type::integer:
      return parse_integer(option, text);
    case Type::real:
      return parse_real(option, text);
    case Type::text:
      return parse_text(option, text);
    case Type::port:
      return parse_port(option, text);
    case Type::host:
      return parse_host(option, text);
    case Type::list:
      return parse_list(option, text);
    case Type::dict:
      return parse_dict(option, text);
  }
  return wrong(option, text, "a known type");
}

std::string format_value(const Value& value) { return std::visit(Formatter{}, value); }

}  // namespace marconi::config
