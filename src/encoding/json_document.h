// Reading JSON: one strict parse of a text, then cheap access to its values and to the very
// bytes each of them was written as. The only place that knows the JSON library.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::encoding {

enum class JsonError {
  malformed,  ///< not JSON (RFC 8259) in UTF-8, nested too deeply, or a number beyond double
  integer_too_large,  ///< an integer literal outside -2^63 … 2^63-1
};

enum class JsonKind { object, array, string, integer, real, boolean, null };

struct JsonMember;

/// One value of a parsed document. Refers to the document's text, which must outlive it.
struct JsonValue {
  JsonKind kind = JsonKind::null;
  std::string_view raw;  ///< the value's bytes in the text, without surrounding white space

  [[nodiscard]] bool is(JsonKind wanted) const { return kind == wanted; }

  /// An integer literal's value; booleans count as 1 and 0, as they do for the service's clients
  /// (http-v1 §1.8). Nothing for every other kind.
  [[nodiscard]] std::optional<std::int64_t> as_integer() const;

  /// A string's value with its escapes resolved; nothing for every other kind.
  [[nodiscard]] std::optional<std::string> as_string() const;

  /// Whether the value is `null`, `false`, zero, or an empty string, array or object.
  [[nodiscard]] bool is_falsy() const;

  /// An object's members in the order written, a repeated name at its first place with its last
  /// value; empty for every other kind.
  [[nodiscard]] std::vector<JsonMember> members() const;

  /// The value of the member of that name; nothing if there is none or this is no object.
  [[nodiscard]] std::optional<JsonValue> member(std::string_view name) const;

  /// An array's elements; empty for every other kind.
  [[nodiscard]] std::vector<JsonValue> elements() const;
};

struct JsonMember {
  std::string name;  ///< escapes resolved
  JsonValue value;
};

/// Parses a whole text: RFC 8259, valid UTF-8, no unpaired surrogate escapes, no byte order mark,
/// nothing after the value; at least 500 levels of nesting, bounded above. Any top-level kind.
/// `text` need not be followed by padding, but parsing is faster if `padded` promises that 64
/// readable bytes follow it. The value refers to `text`.
[[nodiscard]] std::expected<JsonValue, JsonError> parse_json(std::string_view text,
                                                             bool padded = false);

/// One message of a post, picked out in the same pass (the hot path).
struct JsonMessage {
  bool is_object = false;
  std::optional<JsonValue> body;
  std::optional<JsonValue> ttl;
  std::optional<JsonValue> delay;
};

/// Picks the members of interest out of an array of messages that parse_json accepted.
[[nodiscard]] std::vector<JsonMessage> read_messages(const JsonValue& array);

}  // namespace marconi::encoding
