// The report of a self-test as JSON text (http-v2 §4).
#pragma once

#include <string>

#include "api/options.h"
#include "service/health_service.h"

namespace marconi::api {

/// `counters` follow the report unless there are none.
[[nodiscard]] std::string health_document(const service::HealthReport& report,
                                          const Counters& counters = {});

}  // namespace marconi::api
