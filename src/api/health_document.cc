#include "api/health_document.h"

#include <fmt/format.h>

#include "encoding/json_text.h"

namespace marconi::api {

namespace {

std::string operation_document(const service::OperationHealth& operation) {
  const std::string ref =
      operation.failure_ref.empty() ? "null" : encoding::json_string(operation.failure_ref);
  return fmt::format(R"("{}": {{"succeeded": {}, "seconds": {:.6f}, "ref": {}}})", operation.name,
                     operation.succeeded, operation.seconds, ref);
}

}  // namespace

std::string health_document(const service::HealthReport& report, const Counters& counters) {
  std::string out =
      fmt::format(R"({{"storage_reachable": {}, "operation_status": {{)", report.storage_reachable);
  std::string_view separator;
  for (const service::OperationHealth& operation : report.operations) {
    out.append(separator).append(operation_document(operation));
    separator = ", ";
  }
  out += '}';
  if (!counters.empty()) {
    out += ", \"counters\": {";
    separator = {};
    for (const auto& [name, value] : counters) {
      out.append(separator).append(encoding::json_string(name));
      out.append(": ").append(std::to_string(value));
      separator = ", ";
    }
    out += '}';
  }
  out += '}';
  return out;
}

}  // namespace marconi::api
