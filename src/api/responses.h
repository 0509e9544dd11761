// Answers in their common forms (http-v1 §1.9 and §1.10). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "api/handler.h"
#include "base/error.h"

namespace marconi::api {

/// A JSON document, or an empty body of that type.
[[nodiscard]] Response json_response(int status, std::string body = {});

/// 204: neither body nor the headers that describe one.
[[nodiscard]] Response no_content();

/// The document that an error becomes. The one place that knows which status an ErrorKind means.
[[nodiscard]] Response error_response(const base::Error& error);

[[nodiscard]] Response route_missing();                             ///< 404: no such path
[[nodiscard]] Response method_not_allowed(std::string_view allow);  ///< 405
[[nodiscard]] Response not_acceptable();                            ///< 406: we only write JSON
[[nodiscard]] Response websocket_refused();  ///< 400 for the literal method `WEBSOCKET`
[[nodiscard]] Response storage_down();       ///< 503 without a document, as liveness checks give

/// 200 to OPTIONS, with the methods of the route.
[[nodiscard]] Response allowed_methods(std::string_view allow);

/// 200 without anything, which OPTIONS gets in the place of an error.
[[nodiscard]] Response empty_options();

}  // namespace marconi::api
