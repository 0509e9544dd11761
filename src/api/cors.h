// Cross-origin resource sharing (auth §6).
#pragma once

#include "api/handler.h"
#include "api/options.h"

namespace marconi::api {

/// Adds to the answer what lets pages of an allowed origin read it, or, to OPTIONS, what lets
/// them send the request they ask about. Does nothing for other origins.
void apply_cors(const CorsOptions& options, const Request& request, Response& response);

}  // namespace marconi::api
