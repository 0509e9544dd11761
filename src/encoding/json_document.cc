#include "encoding/json_document.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "encoding/json_cursor.h"
#include "encoding/member_names.h"

namespace marconi::encoding {

namespace {

/// What a thread's parser may keep between texts; its memory is some 14 times this.
constexpr std::size_t kMaxKeptParserCapacity = 1 << 20;

static_assert(simdjson::SIMDJSON_PADDING <= 64, "parse_json asks its callers for 64 bytes");

/// Whether the document has an integer above int64, which simdjson takes up to uint64. Reads its
/// tape: one word an item, two for numbers, the type in the top byte.
bool has_unsigned_integer(const simdjson::dom::document& document) {
  constexpr std::uint64_t kPayload = (std::uint64_t{1} << 56) - 1;
  const std::uint64_t* tape = document.tape.get();
  const std::size_t end = tape[0] & kPayload;
  for (std::size_t at = 1; at < end; ++at) {
    const char type = static_cast<char>(tape[at] >> 56);
    if (type == 'u') return true;
    if (type == 'l' || type == 'd') ++at;
  }
  return false;
}

bool is_integer_literal(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return false;
  return std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> read_integer(std::string_view literal) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(literal.data(), literal.data() + literal.size(), value);
  if (error != std::errc() || end != literal.data() + literal.size()) return std::nullopt;
  return value;
}

/// The text with every integer literal beyond int64 blanked to a zero. simdjson reports integers
/// of any greater length just like malformed numbers; this tells them apart.
std::string without_large_integers(std::string_view text) {
  std::string result(text);
  for (std::size_t at = text.find_first_of("\"-0123456789"); at < text.size();
       at = text.find_first_of("\"-0123456789", at)) {
    if (text[at] == '"') {
      at = string_end(text, at);
      continue;
    }
    const auto end = std::min(text.find_first_not_of("+-.0123456789Ee", at), text.size());
    const auto token = text.substr(at, end - at);
    if (is_integer_literal(token) && !read_integer(token)) {
      result.replace(at, end - at, end - at, ' ');
      result[at] = '0';
    }
    at = end;
  }
  return result;
}

struct Outcome {
  simdjson::error_code error;
  bool beyond_int64;  ///< whether a text that is otherwise valid has such an integer
};

/// Validates with a parser that belongs to the thread: allocating its buffers anew for each text
/// would cost more than the parsing.
Outcome validate(std::string_view text, bool padded) {
  thread_local simdjson::dom::parser parser;
  const auto error = parser.parse(text.data(), text.size(), !padded).error();
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  const bool beyond_int64 = error == simdjson::SUCCESS && has_unsigned_integer(parser.doc);
  if (parser.capacity() > kMaxKeptParserCapacity) parser = simdjson::dom::parser();
  return {error, beyond_int64};
}

std::optional<JsonError> find_error(std::string_view text, bool padded) {
  const auto [error, beyond_int64] = validate(text, padded);
  if (error == simdjson::SUCCESS && !beyond_int64) return std::nullopt;
  if (error == simdjson::SUCCESS) return JsonError::integer_too_large;
  if (error != simdjson::NUMBER_ERROR) return JsonError::malformed;
  const bool else_valid = validate(without_large_integers(text), false).error == simdjson::SUCCESS;
  return else_valid ? JsonError::integer_too_large : JsonError::malformed;
}

/// Keeps each repeated name at its first place with its last value.
std::vector<JsonMember> without_repeated(std::vector<JsonMember> members) {
  if (members.size() < 2) return members;
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const JsonMember& member : members) names.push_back(member.name);
  const auto effective = effective_members(names);
  if (effective.size() == members.size()) return members;

  std::vector<JsonMember> result;
  result.reserve(effective.size());
  for (const std::size_t i : effective) result.push_back(std::move(members[i]));
  return result;
}

bool is_zero(std::string_view number) {
  return number.substr(0, number.find_first_of("eE")).find_first_of("123456789") == number.npos;
}

/// Whether a string literal stands for `text`.
bool is_literal_of(std::string_view text, std::string_view literal) {
  if (literal.find('\\') != literal.npos) return unescape(literal) == text;
  return literal.substr(1, literal.size() - 2) == text;
}

/// Where a message keeps the member with this name; null for members of no interest.
std::optional<JsonValue>* slot_of(JsonMessage& message, std::string_view raw_name) {
  if (raw_name.find('\\') != raw_name.npos) {
    const std::string plain = '"' + unescape(raw_name) + '"';
    return plain.find('\\') == plain.npos ? slot_of(message, plain) : nullptr;
  }
  if (raw_name == R"("body")") return &message.body;
  if (raw_name == R"("ttl")") return &message.ttl;
  if (raw_name == R"("delay")") return &message.delay;
  return nullptr;
}

JsonMessage take_message(JsonCursor& cursor) {
  JsonMessage message;
  if (!cursor.enter(JsonKind::object)) {
    cursor.take_value();
    return message;
  }
  message.is_object = true;
  while (cursor.next_item()) {
    auto* slot = slot_of(message, cursor.take_name());
    const JsonValue value = cursor.take_value();
    if (slot != nullptr) *slot = value;
  }
  return message;
}

}  // namespace

std::optional<std::int64_t> JsonValue::as_integer() const {
  if (kind == JsonKind::boolean) return raw == "true" ? 1 : 0;
  if (kind != JsonKind::integer) return std::nullopt;
  return read_integer(raw);
}

std::optional<std::string> JsonValue::as_string() const {
  if (kind != JsonKind::string) return std::nullopt;
  return unescape(raw);
}

bool JsonValue::is_falsy() const {
  switch (kind) {
    case JsonKind::null:
      return true;
    case JsonKind::boolean:
      return raw == "false";
    case JsonKind::integer:
    case JsonKind::real:
      return is_zero(raw);
    case JsonKind::string:
      return raw.size() == 2;
    case JsonKind::array:
    case JsonKind::object: {
      JsonCursor cursor(raw);
      return cursor.enter(kind) && !cursor.next_item();
    }
  }
  return false;
}

std::vector<JsonMember> JsonValue::members() const {
  std::vector<JsonMember> members;
  JsonCursor cursor(raw);
  if (kind != JsonKind::object || !cursor.enter(kind)) return members;
  while (cursor.next_item()) {
    std::string name = unescape(cursor.take_name());
    members.push_back({std::move(name), cursor.take_value()});
  }
  return without_repeated(std::move(members));
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
  std::optional<JsonValue> found;
  JsonCursor cursor(raw);
  if (kind != JsonKind::object || !cursor.enter(kind)) return found;
  while (cursor.next_item()) {
    const bool wanted = is_literal_of(name, cursor.take_name());
    const JsonValue value = cursor.take_value();
    if (wanted) found = value;
  }
  return found;
}

std::vector<JsonValue> JsonValue::elements() const {
  std::vector<JsonValue> elements;
  JsonCursor cursor(raw);
  if (kind != JsonKind::array || !cursor.enter(kind)) return elements;
  while (cursor.next_item()) elements.push_back(cursor.take_value());
  return elements;
}

std::expected<JsonValue, JsonError> parse_json(std::string_view text, bool padded) {
  if (text.empty()) return std::unexpected(JsonError::malformed);
  if (const auto error = find_error(text, padded)) return std::unexpected(*error);
  return JsonCursor(text).take_value();
}

std::vector<JsonMessage> read_messages(const JsonValue& array) {
  std::vector<JsonMessage> messages;
  JsonCursor cursor(array.raw);
  if (array.kind != JsonKind::array || !cursor.enter(array.kind)) return messages;
  while (cursor.next_item()) messages.push_back(take_message(cursor));
  return messages;
}

}  // namespace marconi::encoding
