#include <utility>

#include "api/health_document.h"
#include "api/next_link.h"
#include "api/queue_operations.h"
#include "api/responses.h"
#include "api/v1_1/operations.h"

namespace marconi::api::v1_1 {

using base::Result;

Result<Response> get_health(Exchange& exchange) {
  const auto report = exchange.services.health.self_test(exchange.call);
  if (!report) return std::unexpected(report.error());
  return json_response(200, health_document(*report));
}

Result<Response> list_queues(Exchange& exchange) {
  const auto parameters = read_queue_list_parameters(exchange.query);
  if (!parameters) return std::unexpected(parameters.error());
  const auto page =
      exchange.services.queues.list(exchange.call, exchange.project, to_query(*parameters));
  if (!page) return std::unexpected(page.error());
  std::string body = "{";
  append_queues(body, exchange, *page, stored_metadata);
  body += ", \"links\": [";
  if (!page->queues.empty()) body += next_queues(exchange, *parameters, *page).document();
  body += "]}";
  return json_response(200, std::move(body));
}

/// A queue that does not exist looks like one without metadata.
Result<Response> get_queue(Exchange& exchange) {
  const auto metadata = exchange.services.queues.find(exchange.call, exchange.queue());
  if (!metadata) return std::unexpected(metadata.error());
  return json_response(200, *metadata ? (*metadata)->json() : "{}");
}

}  // namespace marconi::api::v1_1
