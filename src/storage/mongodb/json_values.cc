#include "storage/mongodb/json_values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "encoding/json_document.h"
#include "encoding/json_text.h"

namespace marconi::storage::mongodb {

namespace {

using encoding::JsonKind;
using encoding::JsonValue;

/// The database takes 100 levels, and the value stands in a document itself.
constexpr int kDeepest = 90;

bool append_value(Document& document, std::string_view name, const JsonValue& value, int depth);

/// Adds an object or an array; false if the database cannot hold it.
bool append_container(Document& document, std::string_view name, const JsonValue& value,
                      int depth) {
  if (depth == kDeepest) return false;
  Document inner;
  std::size_t index = 0;
  for (const auto& element : value.elements()) {
    if (!append_value(inner, std::to_string(index++), element, depth + 1)) return false;
  }
  for (const auto& member : value.members()) {
    if (member.name.find('\0') != std::string::npos) return false;
    if (!append_value(inner, member.name, member.value, depth + 1)) return false;
  }
  const auto type = value.is(JsonKind::array) ? BsonType::array : BsonType::document;
  document.append(Member(name, BsonValue{type, inner.bytes()}));
  return true;
}

bool append_value(Document& document, std::string_view name, const JsonValue& value, int depth) {
  switch (value.kind) {
    case JsonKind::object:
    case JsonKind::array:
      return append_container(document, name, value, depth);
    case JsonKind::string:
      document.append({name, *value.as_string()});
      return true;
    case JsonKind::integer:
      document.append({name, *value.as_integer()});
      return true;
    case JsonKind::real: {
      double number = 0;
      std::from_chars(value.raw.data(), value.raw.data() + value.raw.size(), number);
      document.append({name, number});
      return true;
    }
    case JsonKind::boolean:
      document.append({name, value.raw == "true"});
      return true;
    case JsonKind::null:
      document.append({name, nullptr});
      return true;
  }
  return false;
}

/// The shortest text that reads back as the same number, and as a real one.
std::string real_text(double number) {
  if (!std::isfinite(number)) return "null";
  auto text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string container_text(const BsonValue& value) {
  const bool is_array = value.type == BsonType::array;
  std::string text(1, is_array ? '[' : '{');
  for (const auto& element : value.as_document()->elements()) {
    if (text.size() > 1) text += ", ";
    if (!is_array) encoding::append_json_string(text, element.name), text += ": ";
    text += to_json(element.value);
  }
  return text + (is_array ? ']' : '}');
}

}  // namespace

void append_json(Document& document, std::string_view name, std::string_view json) {
  const auto parsed = encoding::parse_json(json);
  if (!parsed || !append_value(document, name, *parsed, 0)) document.append({name, json});
}

std::string to_json(const BsonValue& value) {
  switch (value.type) {
    case BsonType::document:
    case BsonType::array:
      return container_text(value);
    case BsonType::string:
      return encoding::json_string(*value.as_text());
    case BsonType::int32:
    case BsonType::int64:
      return std::to_string(*value.as_integer());
    case BsonType::real:
      return real_text(*value.as_real());
    case BsonType::boolean:
      return *value.as_boolean() ? "true" : "false";
    case BsonType::date:
      return std::to_string(value.as_date()->millis);
    case BsonType::object_id:
      return encoding::json_string(value.as_object_id()->to_string());
    case BsonType::binary:
    case BsonType::null:
      return "null";
  }
  return "null";
}

}  // namespace marconi::storage::mongodb
