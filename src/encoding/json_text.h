// Writing JSON: strings, and the canonical text that message checksums are computed over.
#pragma once

#include <string>
#include <string_view>

namespace marconi::encoding {

/// Appends a JSON string, quotes included. Non-ASCII stays as it is; escaped are `"`, `\` and
/// U+0000–U+001F (`\b \f \n \r \t`, else `\u00xx`). Invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

[[nodiscard]] std::string json_string(std::string_view text);

/// The checksum of a message body: `MD5:` and the hex MD5 of the body's canonical ASCII text
/// (http-v2 §12). Empty for a `null` body. `body` must be valid JSON.
[[nodiscard]] std::string body_checksum(std::string_view body);

}  // namespace marconi::encoding
