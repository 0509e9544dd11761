// Puts an answer into the bytes that go over the wire.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "api/handler.h"

namespace marconi::transport::http {

/// The standard reason phrase of a status, or an empty text.
[[nodiscard]] std::string_view reason_phrase(int status);

/// What the connection adds to an answer.
struct Delivery {
  std::string_view request_id;
  bool to_head_request = false;  ///< no body, but its length
  bool to_http_1_0 = false;      ///< says `Connection: keep-alive` where that is so
  bool close = false;            ///< the connection ends with this answer
  std::chrono::seconds retry_after{5};
};

/// Whether the body of this answer is sent at all.
[[nodiscard]] bool carries_body(const api::Response& response, const Delivery& delivery);

/// Appends status line and header fields, including the empty line, to `out`. Control characters
/// in header values are replaced by blanks, so that no value can add a field.
void append_response_head(std::string& out, const api::Response& response,
                          const Delivery& delivery);

}  // namespace marconi::transport::http
