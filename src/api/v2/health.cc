#include "api/health_document.h"
#include "api/responses.h"
#include "api/v2/operations.h"

namespace marconi::api::v2 {

base::Result<Response> get_health(Exchange& exchange) {
  const auto report = exchange.services.health.self_test(exchange.call);
  if (!report) return std::unexpected(report.error());
  const auto& counters = exchange.options.counters;
  return json_response(200, health_document(*report, counters ? counters() : Counters()));
}

}  // namespace marconi::api::v2
