#include "server/composition.h"

#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <utility>

#include "api/application.h"
#include "base/random.h"
#include "server/garbage_collector.h"
#include "server/request_log.h"
#include "server/settings.h"
#include "server/store_factory.h"
#include "service/claim_service.h"
#include "service/health_service.h"
#include "service/message_service.h"
#include "service/queue_service.h"
#include "storage/store.h"
#include "transport/http/server.h"

namespace marconi::server {
namespace {

using transport::http::Server;

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != host.npos;
  return is_ipv6 ? fmt::format("http://[{}]:{}", host, port)
                 : fmt::format("http://{}:{}", host, port);
}

/// What the health report shows of the transport's counts. The report may be asked for before
/// `server` is set: the server listens before the call that starts it returns.
api::Counters counters_of(const std::atomic<const Server*>& server) {
  api::Counters out;
  if (const auto* running = server.load()) {
    for (const auto& [name, value] : running->counters()) out.emplace_back(name, value);
  }
  return out;
}

service::HealthFailureListener log_health_failures(observability::Logger logger) {
  return [logger](std::string_view operation, std::string_view ref, const base::Error& error) {
    logger.error("the self-test failed",
                 {{"operation", operation}, {"ref", ref}, {"reason", error.description}});
  };
}

}  // namespace

/// Members stand in the order in which they are built; they are destroyed in the reverse.
struct Composition::Parts {
  Parts(const config::Configuration& configuration, const base::Clock& clock,
        observability::LogSink& log, std::unique_ptr<base::SystemRandom> random_source,
        std::unique_ptr<storage::Store> opened_store)
      : random(std::move(random_source)),
        store(std::move(opened_store)),
        options(api_options(configuration)),
        queues(store->queues(), options.limits),
        messages(store->queues(), store->messages(), options.limits),
        claims(store->claims(), options.limits),
        health(*store, clock, *random, log_health_failures({log, "service"})),
        application({queues, messages, claims, health}, with_counters(options)),
        request_log({log, "http"}, configuration.boolean("server", "access_log")),
        garbage_collector(*store, collection_interval(configuration), {log, "gc"}) {}

  api::ApiOptions with_counters(api::ApiOptions base) {
    base.counters = [this] { return counters_of(running); };
    return base;
  }

  std::unique_ptr<base::SystemRandom> random;
  std::unique_ptr<storage::Store> store;
  std::atomic<const Server*> running{nullptr};
  api::ApiOptions options;
  service::QueueService queues;
  service::MessageService messages;
  service::ClaimService claims;
  service::HealthService health;
  api::Application application;
  RequestLog request_log;
  GarbageCollector garbage_collector;
  std::string url;
  std::unique_ptr<Server> server;
};

base::Result<std::unique_ptr<Composition>> Composition::start(
    const config::Configuration& configuration, const base::Clock& clock,
    observability::LogSink& log) {
  auto random = std::make_unique<base::SystemRandom>();
  auto store = open_store(configuration, clock, *random, log);
  if (!store) return std::unexpected(store.error());
  auto parts =
      std::make_unique<Parts>(configuration, clock, log, std::move(random), std::move(*store));

  const observability::Logger logger(log, "server");
  if (configuration.text("DEFAULT", "auth_strategy").empty()) {
    logger.warning("callers are not authenticated: every caller may name any project");
  }
  const auto http = http_options(configuration);
  auto server =
      Server::start(http, parts->application, parts->store->commits(), &parts->request_log);
  if (!server) return std::unexpected(server.error());
  parts->server = std::move(*server);
  parts->running = parts->server.get();
  parts->url = url_of(http.host, parts->server->port());
  logger.info("listening on " + parts->url);
  return std::unique_ptr<Composition>(new Composition(std::move(parts), logger));
}

Composition::Composition(std::unique_ptr<Parts> parts, observability::Logger logger)
    : parts_(std::move(parts)), logger_(logger) {}

Composition::~Composition() = default;

const std::string& Composition::url() const { return parts_->url; }

void Composition::stop() {
  logger_.info("draining");
  if (!parts_->server->drain_and_stop()) {
    logger_.warning("some requests did not end in time and were cut off");
  }
  parts_.reset();
}

}  // namespace marconi::server
