// Request targets and the percent encoding in them (http-v1 §1.4, http-v2 §1.3).
#pragma once

#include <string>
#include <string_view>

namespace marconi::api {

struct Target {
  std::string path;        ///< dot segments removed, then decoded once; valid UTF-8
  std::string_view query;  ///< as sent, without the `?`
};

/// Takes the origin form apart. Dot segments count only where written literally; `%2F` separates
/// segments like `/`; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] Target parse_target(std::string_view target);

/// Decodes a name or value of a query: `+` is a space, malformed escapes stay as they are, bytes
/// that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string decode_query_text(std::string_view text);

/// Appends text for use as a query value: all but `A–Z a–z 0–9 - . _ ~` is encoded.
void append_encoded(std::string& out, std::string_view text);

/// A decoded path for use in a header or link; characters that have a place in a path stay.
[[nodiscard]] std::string encode_path(std::string_view path);

}  // namespace marconi::api
