// One request being answered: what the pipeline found out about it, for the operation to use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/handler.h"
#include "api/operation.h"
#include "api/options.h"
#include "api/query.h"
#include "base/call.h"
#include "domain/ids.h"
#include "domain/names.h"
#include "service/claim_service.h"
#include "service/health_service.h"
#include "service/message_service.h"
#include "service/queue_service.h"

namespace marconi::api {

/// What operations call. Not owned.
struct Services {
  const service::QueueService& queues;
  const service::MessageService& messages;
  const service::ClaimService& claims;
  const service::HealthService& health;
};

/// Lives on one thread for the time of one request; views point into it and into the request.
struct Exchange {
  const Request& request;
  const Services& services;
  const ApiOptions& options;
  base::Call& call;

  const Operation* operation = nullptr;
  std::string path = {};            ///< decoded
  std::string_view raw_query = {};  ///< as sent
  Query query = {};

  domain::ProjectId project = {};
  std::optional<domain::ClientId> client = {};
  std::optional<domain::QueueName> queue_name = {};  ///< present on routes that name a queue
  std::string_view item = {};                        ///< the `{id}` of the path

  /// What to say when the store fails; starts out as the operation's.
  std::string_view failure = {};

  /// Headers of the answer, whatever it turns out to be.
  std::vector<std::pair<std::string, std::string>> headers = {};

  [[nodiscard]] Version version() const { return operation->version; }

  /// On routes that name a queue only.
  [[nodiscard]] domain::QueueAddress queue() const { return {project, *queue_name}; }
};

}  // namespace marconi::api
