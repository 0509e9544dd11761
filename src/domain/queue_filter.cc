#include "domain/queue_filter.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>

#include "encoding/json_document.h"

namespace marconi::domain {

namespace {

using encoding::JsonKind;
using encoding::JsonMember;
using encoding::JsonValue;

/// Each part of a key costs a pass over what is left of the metadata, for every queue listed.
constexpr int kMaxKeyParts = 32;

/// The integer that a filter's value reads as: optional white space around, sign, decimal digits,
/// single `_` between them (http-v2 §1.6).
std::optional<std::int64_t> read_integer(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const auto start = text.find_first_not_of(kSpace);
  if (start == text.npos) return std::nullopt;
  text = text.substr(start, text.find_last_not_of(kSpace) - start + 1);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  if (text.ends_with('_') || text.find("__") != text.npos) return std::nullopt;
  if (text.starts_with('_') || text.starts_with("-_")) return std::nullopt;
  std::string digits(text);
  std::erase(digits, '_');
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool equals(const JsonValue& stored, const std::string& wanted) {
  if (stored.is(JsonKind::string)) return stored.as_string() == wanted;
  if (!stored.is(JsonKind::integer)) return false;
  const auto integer = read_integer(wanted);
  return integer && stored.as_integer() == integer;
}

bool equals_any(const JsonValue& stored, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(wanted, [&](const std::string& one) { return equals(stored, one); });
}

/// Whether the member that `key` leads to, starting at `object`, has one of the values. A dot may
/// be part of a name as well as lead into a nested object, so both readings are tried.
bool has_value(std::span<const JsonMember> object, std::string_view key,
               const std::vector<std::string>& values, int parts_left = kMaxKeyParts) {
  if (parts_left == 0) return false;
  return std::ranges::any_of(object, [&](const JsonMember& member) {
    if (!key.starts_with(member.name)) return false;
    const auto rest = key.substr(member.name.size());
    if (rest.empty()) return equals_any(member.value, values);
    return rest.front() == '.' &&
           has_value(member.value.members(), rest.substr(1), values, parts_left - 1);
  });
}

}  // namespace

bool QueueFilter::matches_name(std::string_view name) const {
  return name.find(name_contains) != name.npos;
}

bool QueueFilter::matches_metadata(std::string_view json) const {
  const auto members = JsonValue{JsonKind::object, json}.members();
  return std::ranges::all_of(metadata, [&members](const MetadataFilter& filter) {
    return has_value(members, filter.key, filter.values);
  });
}

}  // namespace marconi::domain
