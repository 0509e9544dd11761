// Walking over a text that is known to be valid JSON, once, from left to right. Internal to this
// room: everybody else sees values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "encoding/json_document.h"

namespace marconi::encoding {

/// The offset behind the string whose opening quote is at `open`; the text's end if it is not
/// closed. Works on any text.
[[nodiscard]] std::size_t string_end(std::string_view text, std::size_t open);

/// A string literal's value, its escapes resolved. `raw` is valid and includes the quotes.
[[nodiscard]] std::string unescape(std::string_view raw);

/// Reads a valid text value by value, without looking into what it skips and without recursion.
/// A text that is not valid yields nonsense, but is never read beyond its end.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view valid_text) : text_(valid_text) {}

  /// Steps into the object or array that comes next; false if something else comes.
  bool enter(JsonKind container);

  /// Inside a container: true if another item follows, else steps out of the container.
  bool next_item();

  /// Inside an object: takes a member's name, quotes included. Its value comes next.
  std::string_view take_name();

  /// Takes a whole value.
  JsonValue take_value();

 private:
  void skip_space();
  /// The next character, or NUL at the end.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] std::size_t container_end() const;
  [[nodiscard]] std::size_t scalar_end() const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace marconi::encoding
