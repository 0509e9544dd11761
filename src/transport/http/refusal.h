// The requests that the transport turns away by itself, before any handler sees them.
#pragma once

#include <string_view>

#include "transport/http/counters.h"

namespace marconi::transport::http {

enum class Refusal {
  bad_request_line,
  bad_target,
  bad_header,
  too_many_headers,
  head_too_large,
  target_too_long,
  unsupported_version,
  content_length_not_a_number,
  content_length_negative,
  content_length_repeated,
  conflicting_lengths,
  unsupported_transfer_coding,
  bad_transfer_encoding,
  bad_chunk,
  missing_host,
  bad_host,
  unknown_expectation,
  incomplete,
  head_timeout,
  body_timeout,
};

/// How a refusal is answered and counted. After each the connection is closed, since nobody
/// knows where its next request would begin.
struct RefusalAnswer {
  int status;
  std::string_view title;
  std::string_view description;  ///< fit for a JSON string as it is
  Count count;
};

[[nodiscard]] const RefusalAnswer& answer_to(Refusal refusal);

}  // namespace marconi::transport::http
