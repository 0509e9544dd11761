// What must hold for every text at all: no crash, and what is accepted is consistent.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "encoding/json_document.h"
#include "encoding/json_object.h"
#include "encoding/json_text.h"

namespace {

using namespace marconi::encoding;

void require(bool condition) {
  if (!condition) std::abort();
}

/// A slice lies inside the text and is a text of its own, of the same kind.
void check_slice(const JsonValue& value, std::string_view text) {
  require(value.raw.data() >= text.data());
  require(value.raw.data() + value.raw.size() <= text.data() + text.size());
  const auto again = parse_json(value.raw);
  require(again.has_value() && again->kind == value.kind && again->raw == value.raw);
}

void check_string(const JsonValue& value) {
  const auto content = value.as_string();
  require(content.has_value() == value.is(JsonKind::string));
  if (!content) return;
  const std::string written = json_string(*content);
  require(parse_json(written).value().as_string() == content);
}

void check_object(const JsonValue& value) {
  const auto object = JsonObject::from(value.raw);
  require(object.has_value());
  const std::string written = object->to_string();
  require(JsonObject::from(written)->to_string() == written);
  require(body_checksum(written) == body_checksum(value.raw));
  for (const auto& member : value.members()) {
    require(object->find(member.name) == member.value.raw);
    require(value.member(member.name)->raw == member.value.raw);
  }
}

void check_messages(const JsonValue& value) {
  const auto elements = value.elements();
  const auto messages = read_messages(value);
  require(messages.size() == elements.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    require(messages[i].is_object == elements[i].is(JsonKind::object));
    for (const auto& member : elements[i].members()) {
      if (member.name == "body") require(messages[i].body->raw == member.value.raw);
      if (member.name == "ttl") require(messages[i].ttl->raw == member.value.raw);
      if (member.name == "delay") require(messages[i].delay->raw == member.value.raw);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string any_string = json_string(text);
  require(parse_json(any_string).has_value());

  const auto value = parse_json(text);
  if (!value) return 0;
  check_slice(*value, text);
  check_string(*value);
  require(!value->is(JsonKind::integer) || value->as_integer().has_value());
  require(body_checksum(text).empty() == value->is(JsonKind::null));
  for (const auto& element : value->elements()) check_slice(element, text);
  for (const auto& member : value->members()) check_slice(member.value, text);
  if (value->is(JsonKind::object)) check_object(*value);
  if (value->is(JsonKind::array)) check_messages(*value);
  return 0;
}
