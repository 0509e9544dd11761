// The configuration as the server's rooms take it: one plain struct each. What other programs need
// too is in program/settings.h.
#pragma once

#include "api/options.h"
#include "config/configuration.h"
#include "domain/limits.h"
#include "storage/embedded/options.h"
#include "transport/http/options.h"

namespace marconi::server {

[[nodiscard]] domain::Limits limits(const config::Configuration& configuration);
[[nodiscard]] api::ApiOptions api_options(const config::Configuration& configuration);
[[nodiscard]] transport::http::ServerOptions http_options(
    const config::Configuration& configuration);
[[nodiscard]] storage::embedded::Options embedded_options(
    const config::Configuration& configuration);
/// The pause between two passes of the garbage collector.
[[nodiscard]] std::chrono::seconds collection_interval(const config::Configuration& configuration);

}  // namespace marconi::server
