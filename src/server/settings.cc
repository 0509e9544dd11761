#include "server/settings.h"

#include <algorithm>

#include "program/numbers.h"
#include "program/settings.h"

namespace marconi::server {
namespace {

using config::Configuration;
using program::Numbers;

api::ClientIdRules client_id_rules(const Configuration& configuration) {
  const Numbers transport(configuration, "transport");
  return {.must_be_uuid = configuration.text("transport", "client_id_uuid_safe") == "strict",
          .min_length = transport("min_length_client_id"),
          .max_length = transport("max_length_client_id")};
}

api::CorsOptions cors_options(const Configuration& configuration) {
  return {.allowed_origins = configuration.list("cors", "allowed_origin"),
          .allow_credentials = configuration.boolean("cors", "allow_credentials"),
          .expose_headers = configuration.list("cors", "expose_headers"),
          .max_age_seconds = configuration.integer("cors", "max_age"),
          .allow_methods = configuration.list("cors", "allow_methods"),
          .allow_headers = configuration.list("cors", "allow_headers")};
}

}  // namespace

domain::Limits limits(const Configuration& configuration) {
  const Numbers transport(configuration, "transport");
  domain::Limits out;
  out.default_message_ttl_seconds = transport("default_message_ttl");
  out.default_message_delay_seconds = transport("default_message_delay");
  out.default_claim_ttl_seconds = transport("default_claim_ttl");
  out.default_claim_grace_seconds = transport("default_claim_grace");
  out.max_queues_per_page = transport("max_queues_per_page");
  out.max_messages_per_page = transport("max_messages_per_page");
  out.max_messages_per_claim_or_pop = transport("max_messages_per_claim_or_pop");
  out.max_queue_metadata_bytes = transport("max_queue_metadata");
  out.max_messages_post_bytes = transport("max_messages_post_size");
  out.max_message_ttl_seconds = transport("max_message_ttl");
  out.max_message_delay_seconds = transport("max_message_delay");
  out.max_claim_ttl_seconds = transport("max_claim_ttl");
  out.max_claim_grace_seconds = transport("max_claim_grace");
  out.max_messages_per_post = transport("max_messages_per_post");
  out.max_location_ids = transport("max_location_ids");
  return out;
}

api::ApiOptions api_options(const Configuration& configuration) {
  const auto versions = configuration.list("DEFAULT", "enable_deprecated_api_versions");
  api::ApiOptions out;
  out.limits = limits(configuration);
  out.enable_v1 = std::ranges::find(versions, "1") != versions.end();
  out.enable_v1_1 = std::ranges::find(versions, "1.1") != versions.end();
  out.admin_mode = configuration.boolean("DEFAULT", "admin_mode");
  out.enable_checksum = configuration.boolean("DEFAULT", "enable_checksum");
  out.message_delete_with_claim_id =
      configuration.boolean("transport", "message_delete_with_claim_id");
  out.client_id = client_id_rules(configuration);
  out.cors = cors_options(configuration);
  return out;
}

transport::http::ServerOptions http_options(const Configuration& configuration) {
  const Numbers server(configuration, "server");
  transport::http::ServerOptions out;
  out.host = configuration.text("drivers:transport:wsgi", "bind");
  out.port = configuration.port("drivers:transport:wsgi", "port");
  out.event_loops = server.size("event_loops");
  out.worker_threads = server.size("worker_threads");
  out.worker_queue_length = server.size("worker_queue_length");
  out.max_header_bytes = server.size("max_header_bytes");
  out.max_target_bytes = server.size("max_target_bytes");
  out.max_header_fields = server.size("max_header_fields");
  out.max_connections = server.size("max_connections");
  out.max_connections_per_peer = server.size("max_connections_per_peer");
  out.max_buffered_bytes = server.size("max_buffered_bytes");
  out.header_timeout = server.seconds("header_timeout");
  out.body_timeout = server.seconds("body_timeout");
  out.idle_timeout = server.seconds("idle_timeout");
  out.write_timeout = server.seconds("write_timeout");
  out.drain_timeout = server.seconds("drain_timeout");
  out.retry_after = server.seconds("retry_after");
  return out;
}

storage::embedded::Options embedded_options(const Configuration& configuration) {
  constexpr auto kGroup = "drivers:message_store:embedded";
  storage::embedded::Options out;
  out.path = configuration.text(kGroup, "path");
  // The option table admits nothing that this cannot read.
  out.sync = storage::embedded::SyncMode::from(configuration.text(kGroup, "sync"))
                 .value_or(storage::embedded::SyncMode{});
  out.min_free_bytes = static_cast<std::uint64_t>(configuration.integer(kGroup, "min_free_bytes"));
  return out;
}

std::chrono::seconds collection_interval(const Configuration& configuration) {
  return program::uses_mongodb(configuration)
             ? program::gc_interval(configuration)
             : Numbers(configuration, "server").seconds("garbage_collection_interval");
}

}  // namespace marconi::server
