#include "encoding/json_object.h"

#include <algorithm>

#include "encoding/json_document.h"
#include "encoding/json_text.h"

namespace marconi::encoding {

namespace {

auto position(auto& members, std::string_view name) {
  return std::ranges::find(members, name,
                           [](const auto& member) -> std::string_view { return member.first; });
}

}  // namespace

std::optional<JsonObject> JsonObject::from(std::string_view text) {
  const auto value = parse_json(text);
  if (!value || !value->is(JsonKind::object)) return std::nullopt;
  JsonObject object;
  for (JsonMember& member : value->members()) {
    object.members_.emplace_back(std::move(member.name), member.value.raw);
  }
  return object;
}

std::optional<std::string_view> JsonObject::find(std::string_view name) const {
  const auto member = position(members_, name);
  if (member == members_.end()) return std::nullopt;
  return member->second;
}

void JsonObject::set(std::string_view name, std::string_view raw_value) {
  const auto member = position(members_, name);
  if (member != members_.end()) {
    member->second = raw_value;
  } else {
    members_.emplace_back(name, raw_value);
  }
}

bool JsonObject::erase(std::string_view name) {
  const auto member = position(members_, name);
  if (member == members_.end()) return false;
  members_.erase(member);
  return true;
}

std::string JsonObject::to_string() const {
  std::string text = "{";
  for (const auto& [name, raw_value] : members_) {
    if (text.size() > 1) text += ", ";
    append_json_string(text, name);
    text += ": ";
    text += raw_value;
  }
  text += '}';
  return text;
}

}  // namespace marconi::encoding
