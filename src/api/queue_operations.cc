#include "api/queue_operations.h"

#include <utility>

#include "api/common_operations.h"
#include "api/decode.h"
#include "api/documents.h"
#include "api/next_link.h"
#include "api/responses.h"
#include "api/uri.h"
#include "domain/errors.h"
#include "encoding/json_text.h"

namespace marconi::api {

using base::Result;

Result<QueueListParameters> read_queue_list_parameters(const Query& query) {
  QueueListParameters parameters;
  parameters.marker = query.text("marker");
  const auto limit = query.integer("limit");
  if (!limit) return std::unexpected(limit.error());
  parameters.limit = *limit;
  const auto detailed = query.boolean("detailed");
  if (!detailed) return std::unexpected(detailed.error());
  parameters.detailed = *detailed;
  return parameters;
}

service::QueueListQuery to_query(const QueueListParameters& parameters) {
  service::QueueListQuery query;
  query.after = parameters.marker.value_or("");
  query.limit = parameters.limit.value_or(domain::kDefaultPageSize);
  query.with_metadata = parameters.detailed.value_or(false);
  return query;
}

std::string stored_metadata(const domain::QueueMetadata& metadata) { return metadata.json(); }

void append_queues(std::string& out, const Exchange& exchange, const service::QueuePage& page,
                   const ShownMetadata& shown_metadata) {
  out += "\"queues\": [";
  bool first = true;
  for (const service::QueueEntry& queue : page.queues) {
    out += first ? "{\"name\": " : ", {\"name\": ";
    first = false;
    encoding::append_json_string(out, queue.name);
    if (queue.metadata) out.append(", \"metadata\": ").append(shown_metadata(*queue.metadata));
    out += ", \"href\": ";
    encoding::append_json_string(out, exchange.path + "/" + queue.name);
    out += '}';
  }
  out += ']';
}

NextLink next_queues(const Exchange& exchange, const QueueListParameters& parameters,
                     const service::QueuePage& page) {
  NextLink link(exchange.path, parameters.marker.has_value(), page.queues.back().name);
  link.add("limit", parameters.limit);
  link.add("detailed", parameters.detailed);
  return link;
}

Result<void> check_metadata_size(const Exchange& exchange) {
  const std::int64_t max = exchange.options.limits.max_queue_metadata_bytes;
  const auto& size = exchange.request.content_length;
  if (size && std::cmp_greater(*size, max)) {
    return std::unexpected(domain::errors::metadata_too_large(max));
  }
  return {};
}

Response stats_response(const Exchange& exchange, const std::optional<domain::QueueStats>& stats) {
  const std::string collection =
      collection_path(exchange.version(), *exchange.queue_name, "messages");
  return json_response(200, stats_document(stats.value_or(domain::QueueStats()), collection));
}

Response created_queue_response(const Exchange& exchange, bool created) {
  Response response = created ? json_response(201) : no_content();
  response.headers.emplace_back("Location", encode_path(exchange.path));
  return response;
}

// ---- operations ---------------------------------------------------------------------------------

Result<Response> create_queue(Exchange& exchange) {
  if (auto checked = check_metadata_size(exchange); !checked) {
    return std::unexpected(checked.error());
  }
  std::string metadata = "{}";
  if (has_body(exchange.request)) {
    const auto object = read_object(exchange.request);
    if (!object) return std::unexpected(object.error());
    metadata = object->raw;
  }
  const auto created =
      exchange.services.queues.create(exchange.call, exchange.queue(), std::move(metadata));
  if (!created) return std::unexpected(created.error());
  return created_queue_response(exchange, *created);
}

Result<Response> delete_queue(Exchange& exchange) {
  const auto removed = exchange.services.queues.remove(exchange.call, exchange.queue());
  if (!removed) return std::unexpected(removed.error());
  return no_content();
}

Result<Response> get_queue_stats(Exchange& exchange) {
  const auto stats = exchange.services.queues.stats(exchange.call, exchange.queue());
  if (!stats) return std::unexpected(stats.error());
  return stats_response(exchange, *stats);
}

}  // namespace marconi::api
