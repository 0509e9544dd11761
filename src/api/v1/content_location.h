// The `Content-Location` that v1 puts on most of its answers (http-v1 §1.9).
#pragma once

#include <string>

#include "api/exchange.h"
#include "api/uri.h"

namespace marconi::api::v1 {

/// The path of the request.
inline std::string path_of(const Exchange& exchange) { return encode_path(exchange.path); }

/// The path of the request with its query as it was sent.
inline std::string path_and_query_of(const Exchange& exchange) {
  std::string location = path_of(exchange);
  if (!exchange.raw_query.empty()) location.append("?").append(exchange.raw_query);
  return location;
}

/// Adds it to one answer.
inline void add_content_location(Response& response, std::string location) {
  response.headers.emplace_back("Content-Location", std::move(location));
}

}  // namespace marconi::api::v1
