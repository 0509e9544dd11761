#include "encoding/json_object.h"

#include "encoding/json_document.h"
#include "encoding/json_text.h"

namespace marconi::encoding {

std::optional<JsonObject> JsonObject::from(std::string_view text) {
  const auto value = parse_json(text);
  if (!value || !value->is(JsonKind::object)) return std::nullopt;
  JsonObject object;
  for (const JsonMember& member : value->members()) object.set(member.name, member.value.raw);
  return object;
}

std::optional<std::string_view> JsonObject::find(std::string_view name) const {
  const auto place = places_.find(std::string(name));
  if (place == places_.end()) return std::nullopt;
  return members_[place->second].raw_value;
}

void JsonObject::set(std::string_view name, std::string_view raw_value) {
  const auto [place, is_new] = places_.try_emplace(std::string(name), members_.size());
  if (is_new) {
    members_.push_back({.name = std::string(name), .raw_value = std::string(raw_value)});
  } else {
    members_[place->second].raw_value = raw_value;
  }
}

bool JsonObject::erase(std::string_view name) {
  const auto place = places_.find(std::string(name));
  if (place == places_.end()) return false;
  members_[place->second].erased = true;
  places_.erase(place);
  return true;
}

std::string JsonObject::to_string() const {
  std::string text = "{";
  for (const Member& member : members_) {
    if (member.erased) continue;
    if (text.size() > 1) text += ", ";
    append_json_string(text, member.name);
    text += ": ";
    text += member.raw_value;
  }
  text += '}';
  return text;
}

}  // namespace marconi::encoding
