#include "api/query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "api/ascii.h"
#include "api/errors.h"
#include "api/uri.h"

namespace marconi::api {

namespace {

constexpr std::array<std::string_view, 7> kTrue = {"true", "True", "t", "yes", "y", "1", "on"};
constexpr std::array<std::string_view, 7> kFalse = {"false", "False", "f", "no", "n", "0", "off"};

template <class Words>
bool contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// Digits with single underscores between them, as the reference tolerates; nothing otherwise.
std::optional<std::string> plain_digits(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      digits += text[i];
      continue;
    }
    const bool between =
        i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (text[i] != '_' || !between) return std::nullopt;
  }
  if (digits.empty()) return std::nullopt;
  return digits;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  auto digits = plain_digits(text);
  if (!digits) return std::nullopt;
  if (negative) digits->insert(0, 1, '-');
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits->data(), digits->data() + digits->size(), value);
  if (parsed.ec != std::errc::result_out_of_range) return value;
  return negative ? std::numeric_limits<std::int64_t>::min()
                  : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

Query::Query(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view item = text.substr(0, end);
    const std::size_t sign = item.find('=');
    if (sign != std::string_view::npos) add(item.substr(0, sign), item.substr(sign + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Query::add(std::string_view raw_name, std::string_view raw_value) {
  if (raw_value.empty()) return;
  std::string name = decode_query_text(raw_name);
  auto parameter = std::ranges::find(parameters_, name, &Parameter::name);
  if (parameter == parameters_.end()) {
    parameters_.push_back({std::move(name), {}});
    parameter = std::prev(parameters_.end());
  }
  for (const std::string_view element : split(raw_value, ',')) {
    if (!element.empty()) parameter->values.push_back(decode_query_text(element));
  }
}

const std::vector<std::string>* Query::list(std::string_view name) const {
  const auto parameter = std::ranges::find(parameters_, name, &Parameter::name);
  return parameter == parameters_.end() ? nullptr : &parameter->values;
}

std::optional<std::string> Query::text(std::string_view name) const {
  const auto* values = list(name);
  if (!values || values->empty()) return std::nullopt;
  return values->back();
}

base::Result<std::optional<std::int64_t>> Query::integer(std::string_view name) const {
  const auto* values = list(name);
  if (!values || values->empty()) return std::nullopt;
  const auto number = parse_integer(values->back());
  if (!number) return std::unexpected(errors::parameter_not_integer(name));
  return number;
}

base::Result<std::optional<bool>> Query::boolean(std::string_view name) const {
  const auto* values = list(name);
  if (!values || values->empty()) return std::nullopt;
  if (contains(kTrue, values->back())) return true;
  if (contains(kFalse, values->back())) return false;
  return std::unexpected(errors::parameter_not_boolean(name));
}

}  // namespace marconi::api
