#include <algorithm>

#include "api/decode.h"
#include "api/errors.h"
#include "api/responses.h"
#include "api/v2/operations.h"

namespace marconi::api::v2 {

using base::Result;
using encoding::JsonKind;
using encoding::JsonValue;

namespace {

/// Whether the document asks for the messages to go; without a document everything goes.
Result<bool> wants_messages_purged(const Exchange& exchange) {
  if (!has_body(exchange.request)) return true;
  const auto document = read_document(exchange.request);
  if (!document) return std::unexpected(document.error());
  const auto types = document->member("resource_types");
  if (!types) return std::unexpected(errors::purge_without_types());
  if (!types->is(JsonKind::array)) return std::unexpected(errors::purge_types_unknown());
  bool messages = false;
  for (const JsonValue& element : types->elements()) {
    const auto type = element.as_string();
    if (type == "messages") {
      messages = true;
    } else if (type != "subscriptions") {
      return std::unexpected(errors::purge_types_unknown());
    }
  }
  return messages;
}

}  // namespace

/// There are no subscriptions to remove, so asking for that is asking for nothing.
Result<Response> purge_queue(Exchange& exchange) {
  const auto wanted = wants_messages_purged(exchange);
  if (!wanted) return std::unexpected(wanted.error());
  if (*wanted) {
    const auto purged = exchange.services.messages.purge(exchange.call, exchange.queue());
    if (!purged) return std::unexpected(purged.error());
  }
  return no_content();
}

}  // namespace marconi::api::v2
