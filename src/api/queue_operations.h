// What the versions' queue operations have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "api/exchange.h"
#include "api/handler.h"
#include "base/error.h"
#include "service/queue_service.h"

namespace marconi::api {

/// The paging parameters of a queue list, as sent.
struct QueueListParameters {
  std::optional<std::string> marker;
  std::optional<std::int64_t> limit;
  std::optional<bool> detailed;
};

[[nodiscard]] base::Result<QueueListParameters> read_queue_list_parameters(const Query& query);

[[nodiscard]] service::QueueListQuery to_query(const QueueListParameters& parameters);

/// `"queues": […]`. `shown_metadata` turns stored metadata into what the version shows of it.
using ShownMetadata = std::function<std::string(const domain::QueueMetadata&)>;
void append_queues(std::string& out, const Exchange& exchange, const service::QueuePage& page,
                   const ShownMetadata& shown_metadata);

/// The metadata as it was stored.
[[nodiscard]] std::string stored_metadata(const domain::QueueMetadata& metadata);

/// The `next` link behind this page, still open for further parameters.
class NextLink;
[[nodiscard]] NextLink next_queues(const Exchange& exchange, const QueueListParameters& parameters,
                                   const service::QueuePage& page);

/// `invalid` if a body with metadata is too large.
[[nodiscard]] base::Result<void> check_metadata_size(const Exchange& exchange);

/// The answer to statistics; zeros for nothing.
[[nodiscard]] Response stats_response(const Exchange& exchange,
                                      const std::optional<domain::QueueStats>& stats);

/// Whether the queue was created (201) or there already (204), and where it is.
[[nodiscard]] Response created_queue_response(const Exchange& exchange, bool created);

}  // namespace marconi::api
