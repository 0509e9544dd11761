#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "api/errors.h"
#include "api/next_link.h"
#include "api/queue_operations.h"
#include "api/responses.h"
#include "api/v2/operations.h"
#include "domain/reserved_attributes.h"

namespace marconi::api::v2 {

using base::Result;

namespace {

constexpr std::array<std::string_view, 5> kOwnParameters = {"marker", "limit", "detailed", "name",
                                                            "with_count"};

/// Each filter is tried on the metadata of every queue of the project.
constexpr std::size_t kMaxFilters = 16;
constexpr std::size_t kMaxFilterValues = 64;

/// Every parameter that is not one of our own asks for a member of the metadata.
Result<std::vector<domain::MetadataFilter>> read_metadata_filters(const Query& query) {
  std::vector<domain::MetadataFilter> filters;
  for (const Parameter& parameter : query.parameters()) {
    if (std::ranges::find(kOwnParameters, parameter.name) != kOwnParameters.end()) continue;
    if (parameter.values.empty()) continue;
    if (filters.size() == kMaxFilters || parameter.values.size() > kMaxFilterValues) {
      return std::unexpected(errors::too_many_filters(kMaxFilters));
    }
    filters.push_back({parameter.name, parameter.values});
  }
  return filters;
}

void add_filters(NextLink& link, const std::vector<domain::MetadataFilter>& filters) {
  for (const domain::MetadataFilter& filter : filters) {
    for (const std::string& value : filter.values) link.add(filter.key, std::string_view(value));
  }
}

}  // namespace

Result<Response> list_queues(Exchange& exchange) {
  auto filters = read_metadata_filters(exchange.query);
  if (!filters) return std::unexpected(filters.error());
  const auto parameters = read_queue_list_parameters(exchange.query);
  if (!parameters) return std::unexpected(parameters.error());
  const auto name = exchange.query.text("name");
  const auto with_count = exchange.query.boolean("with_count");
  if (!with_count) return std::unexpected(with_count.error());
  service::QueueListQuery query = to_query(*parameters);
  query.with_count = with_count->value_or(false);
  query.filter.name_contains = name.value_or("");
  query.filter.metadata = std::move(*filters);
  const auto page = exchange.services.queues.list(exchange.call, exchange.project, query);
  if (!page) return std::unexpected(page.error());

  std::string body = "{";
  append_queues(body, exchange, *page, [&](const domain::QueueMetadata& metadata) {
    return domain::with_default_values(metadata.json(), exchange.options.limits);
  });
  body += ", \"links\": [";
  if (!page->queues.empty()) {
    NextLink link = next_queues(exchange, *parameters, *page);
    if (name) link.add("name", std::string_view(*name));
    link.add("with_count", *with_count);
    add_filters(link, query.filter.metadata);
    body += std::move(link).document();
  }
  body += ']';
  if (page->count > 0) body.append(", \"count\": ").append(std::to_string(page->count));
  body += '}';
  return json_response(200, std::move(body));
}

/// A queue that does not exist looks like one without metadata.
Result<Response> get_queue(Exchange& exchange) {
  const auto metadata = exchange.services.queues.find(exchange.call, exchange.queue());
  if (!metadata) return std::unexpected(metadata.error());
  return json_response(200, domain::with_default_values(*metadata ? (*metadata)->json() : "{}",
                                                        exchange.options.limits));
}

}  // namespace marconi::api::v2
