// Editing a JSON object by its top-level members while every value keeps its bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace marconi::encoding {

/// An ordered set of members; values are raw JSON texts. Setting a known name keeps its place.
class JsonObject {
 public:
  JsonObject() = default;

  /// Nothing if the text is not a valid JSON object.
  [[nodiscard]] static std::optional<JsonObject> from(std::string_view text);

  /// The raw value of a member, if present. Valid until the object changes.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  void set(std::string_view name, std::string_view raw_value);

  /// True if the member was there.
  bool erase(std::string_view name);

  /// `{"a": 1, "b": [2]}`: separators `, ` and `: `.
  [[nodiscard]] std::string to_string() const;

 private:
  struct Member {
    std::string name;
    std::string raw_value;
    bool erased = false;
  };

  std::vector<Member> members_;  // in order; erased ones stay as gaps
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace marconi::encoding
