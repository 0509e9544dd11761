#include "domain/names.h"

#include <algorithm>

#include "base/uuid.h"

namespace marconi::domain {

namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

/// In time proportional to the text, which may fill a request's head.
void erase_all(std::string& text, std::string_view what) {
  std::string kept;
  std::string_view rest = text;
  for (auto at = rest.find(what); at != std::string_view::npos; at = rest.find(what)) {
    kept.append(rest.substr(0, at));
    rest.remove_prefix(at + what.size());
  }
  text = kept.append(rest);
}

}  // namespace

std::optional<QueueName> QueueName::from(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength) return std::nullopt;
  if (!std::ranges::all_of(text, is_name_character)) return std::nullopt;
  return QueueName(std::string(text));
}

std::optional<ClientId> ClientId::from_uuid(std::string_view text) {
  if (base::Uuid::from_canonical(text)) {
    std::string canonical(text);
    std::ranges::transform(canonical, canonical.begin(),
                           [](char c) { return c >= 'A' && c <= 'F' ? char(c - 'A' + 'a') : c; });
    return ClientId(std::move(canonical));
  }
  std::string digits(text);
  erase_all(digits, "urn:");
  erase_all(digits, "uuid:");
  const auto first = digits.find_first_not_of("{}");
  if (first == std::string::npos) return std::nullopt;
  digits = digits.substr(first, digits.find_last_not_of("{}") - first + 1);
  erase_all(digits, "-");
  if (digits.size() != 32) return std::nullopt;
  for (const std::size_t at : {8, 13, 18, 23}) digits.insert(at, 1, '-');
  const auto uuid = base::Uuid::from_canonical(digits);
  if (!uuid) return std::nullopt;
  return ClientId(uuid->to_string());
}

}  // namespace marconi::domain
