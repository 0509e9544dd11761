#include "program/settings.h"

#include <fmt/format.h>

#include <filesystem>

#include "config/rules.h"
#include "program/numbers.h"

namespace marconi::program {
namespace {

namespace fs = std::filesystem;
using config::Configuration;

/// The file to log to; empty: none.
std::string log_path(const Configuration& configuration, std::string_view program) {
  auto file = configuration.text("DEFAULT", "log_file");
  const auto directory = configuration.text("DEFAULT", "log_dir");
  if (directory.empty()) return file;
  const auto name = file.empty() ? std::string(program) + ".log" : file;
  return (fs::path(directory) / name).string();
}

constexpr auto kMongodbMessages = "drivers:message_store:mongodb";
constexpr auto kMongodbManagement = "drivers:management_store:mongodb";

storage::mongodb::ClientOptions mongodb_client(const Configuration& configuration,
                                               std::string_view name) {
  const auto group = fmt::format("drivers:{}:mongodb", name);
  // Besides the workers, collector and clock each need a connection.
  constexpr std::int64_t kForOthers = 2;
  return {.uri = configuration.text(group, "uri"),
          .tls_certificate_file = configuration.text(group, "ssl_certfile"),
          .tls_key_file = configuration.text(group, "ssl_keyfile"),
          .tls_authorities_file = configuration.text(group, "ssl_ca_certs"),
          .tls_verify = configuration.text(group, "ssl_cert_reqs") != "CERT_NONE",
          .allow_unsafe_writes = configuration.boolean("DEFAULT", "unreliable"),
          .max_connections =
              static_cast<int>(configuration.integer("server", "worker_threads") + kForOthers),
          .max_reconnect_attempts =
              static_cast<int>(configuration.integer(group, "max_reconnect_attempts")),
          .reconnect_sleep = std::chrono::duration_cast<std::chrono::microseconds>(
              Numbers(configuration, group).duration("reconnect_sleep"))};
}

}  // namespace

observability::LogOptions log_options(const Configuration& configuration,
                                      std::string_view program) {
  return {.debug = configuration.boolean("DEFAULT", "debug"),
          .json = configuration.boolean("DEFAULT", "use_json"),
          .file = log_path(configuration, program),
          .to_stderr = configuration.boolean("DEFAULT", "use_stderr")};
}

bool uses_mongodb(const Configuration& configuration) {
  return config::store_driver(configuration).starts_with("mongodb");
}

storage::mongodb::Options mongodb_options(const Configuration& configuration,
                                          observability::LogSink* log) {
  const Numbers messages(configuration, kMongodbMessages);
  storage::mongodb::Options out;
  out.management = mongodb_client(configuration, "management_store");
  out.messages = mongodb_client(configuration, "message_store");
  out.placement.management_database = configuration.text(kMongodbManagement, "database");
  out.placement.message_database = configuration.text(kMongodbMessages, "database");
  out.placement.partitions = static_cast<std::uint32_t>(messages("partitions"));
  out.placement.fifo = config::store_driver(configuration) == "mongodb.fifo";
  out.contention.max_attempts = static_cast<int>(messages("max_attempts"));
  out.contention.max_retry_sleep = messages.duration("max_retry_sleep");
  out.contention.max_retry_jitter = messages.duration("max_retry_jitter");
  out.mixed_operation = configuration.boolean(kMongodbMessages, "mixed_operation");
  out.gap_hold = std::chrono::ceil<std::chrono::seconds>(messages.duration("gap_hold"));
  out.gc_threshold = messages("gc_threshold");
  out.unreliable = configuration.boolean("DEFAULT", "unreliable");
  out.log = log;
  return out;
}

std::chrono::seconds gc_interval(const Configuration& configuration) {
  return Numbers(configuration, kMongodbMessages).seconds("gc_interval");
}

}  // namespace marconi::program
