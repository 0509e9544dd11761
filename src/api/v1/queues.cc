#include <algorithm>
#include <utility>

#include "api/decode.h"
#include "api/errors.h"
#include "api/next_link.h"
#include "api/queue_operations.h"
#include "api/responses.h"
#include "api/v1/content_location.h"
#include "api/v1/operations.h"
#include "domain/errors.h"

namespace marconi::api::v1 {

using base::Result;

Result<Response> list_queues(Exchange& exchange) {
  const auto parameters = read_queue_list_parameters(exchange.query);
  if (!parameters) return std::unexpected(parameters.error());
  const auto page =
      exchange.services.queues.list(exchange.call, exchange.project, to_query(*parameters));
  if (!page) return std::unexpected(page.error());
  if (page->queues.empty()) return no_content();
  std::string body = "{";
  append_queues(body, exchange, *page, stored_metadata);
  body.append(", \"links\": [").append(next_queues(exchange, *parameters, *page).document());
  body += "]}";
  Response response = json_response(200, std::move(body));
  add_content_location(response, path_and_query_of(exchange));
  return response;
}

/// The body is none of our business here, whatever it is.
Result<Response> create_queue(Exchange& exchange) {
  const auto created = exchange.services.queues.create(exchange.call, exchange.queue(), "{}");
  if (!created) return std::unexpected(created.error());
  return created_queue_response(exchange, *created);
}

Result<Response> check_queue(Exchange& exchange) {
  exchange.headers.emplace_back("Content-Location", path_of(exchange));
  const auto metadata = exchange.services.queues.find(exchange.call, exchange.queue());
  if (!metadata) return std::unexpected(metadata.error());
  return *metadata ? no_content() : json_response(404);
}

Result<Response> get_metadata(Exchange& exchange) {
  const auto metadata = exchange.services.queues.get(exchange.call, exchange.queue());
  if (!metadata) return std::unexpected(metadata.error());
  Response response = json_response(200, (*metadata)->json());
  add_content_location(response, path_of(exchange));
  return response;
}

Result<Response> replace_metadata(Exchange& exchange) {
  if (auto checked = check_metadata_size(exchange); !checked) {
    return std::unexpected(checked.error());
  }
  const auto object = read_object(exchange.request);
  if (!object) return std::unexpected(object.error());
  const auto is_reserved = [](const auto& member) { return member.name.starts_with('_'); };
  if (std::ranges::any_of(object->members(), is_reserved)) {
    return std::unexpected(errors::metadata_reserved());
  }
  const auto replaced = exchange.services.queues.replace_metadata(exchange.call, exchange.queue(),
                                                                  std::string(object->raw));
  if (!replaced) return std::unexpected(replaced.error());
  Response response = no_content();
  response.headers.emplace_back("Location", path_of(exchange));
  return response;
}

Result<Response> get_queue_stats(Exchange& exchange) {
  const auto stats = exchange.services.queues.stats(exchange.call, exchange.queue());
  if (!stats) return std::unexpected(stats.error());
  if (!*stats) return std::unexpected(domain::errors::queue_missing(exchange.queue()));
  Response response = stats_response(exchange, *stats);
  add_content_location(response, path_of(exchange));
  return response;
}

}  // namespace marconi::api::v1
