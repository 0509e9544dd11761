// The link from one page of a listing to the next (http-v1 §1.9, http-v2 §1.8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace marconi::api {

/// Collects the parameters of the next page in the order they are added. The marker leads if the
/// client sent one, and comes last otherwise.
class NextLink {
 public:
  NextLink(std::string_view path, bool client_sent_marker, std::string_view marker);

  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, const std::optional<std::int64_t>& value);
  void add(std::string_view name, const std::optional<bool>& value);

  /// `{"rel": "next", "href": …}`. Ends the use of this object.
  [[nodiscard]] std::string document() &&;

 private:
  std::string href_;
  std::string marker_;
  bool marker_leads_ = false;
};

}  // namespace marconi::api
