#include <utility>

#include "api/decode.h"
#include "api/errors.h"
#include "api/queue_operations.h"
#include "api/responses.h"
#include "api/v2/operations.h"
#include "api/v2/patch_document.h"
#include "domain/reserved_attributes.h"

namespace marconi::api::v2 {

using base::Result;

namespace {

constexpr std::string_view kPatchType = "application/openstack-messaging-v2.0-json-patch";

/// Rules that PUT reports as an invalid request are faults of the document here.
base::Error as_document_fault(base::Error error) {
  if (error.kind == base::ErrorKind::invalid) error.title = "Invalid request body";
  return error;
}

Result<std::vector<domain::MetadataOperation>> read_patch(const Exchange& exchange) {
  if (auto checked = check_metadata_size(exchange); !checked) {
    return std::unexpected(as_document_fault(checked.error()));
  }
  if (exchange.request.header("Content-Type") != kPatchType) {
    return std::unexpected(errors::patch_content_type());
  }
  if (!has_body(exchange.request)) return std::unexpected(errors::patch_empty());
  const auto document = read_document(exchange.request);
  if (!document) return std::unexpected(document.error());
  if (!document->is(encoding::JsonKind::array)) return std::unexpected(errors::document_type());
  return decode_patch(*document);
}

}  // namespace

Result<Response> patch_queue(Exchange& exchange) {
  const auto operations = read_patch(exchange);
  if (!operations) return std::unexpected(operations.error());
  const auto metadata =
      exchange.services.queues.change_metadata(exchange.call, exchange.queue(), *operations);
  if (!metadata) return std::unexpected(as_document_fault(metadata.error()));
  return json_response(200,
                       domain::with_default_values((*metadata)->json(), exchange.options.limits));
}

}  // namespace marconi::api::v2
