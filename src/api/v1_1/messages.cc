#include "api/decode.h"
#include "api/message_operations.h"
#include "api/responses.h"
#include "api/v1_1/operations.h"

namespace marconi::api::v1_1 {

using base::Result;

namespace {

Result<Response> list_messages(Exchange& exchange) {
  const auto parameters = read_message_list_parameters(exchange.query);
  if (!parameters) return std::unexpected(parameters.error());
  const auto page = exchange.services.messages.list(exchange.call, exchange.queue(),
                                                    to_query(*parameters, *exchange.client));
  if (!page) return std::unexpected(page.error());
  return message_page_response(exchange, *parameters, page->messages);
}

}  // namespace

/// The queue's own default TTL and size limit are those of v2 alone (http-v1.1 §6).
Result<Response> post_messages(Exchange& exchange) {
  const auto sized = exchange.services.messages.check_post_size(
      exchange.request.content_length.value_or(0), std::nullopt);
  if (!sized) return std::unexpected(sized.error());
  const auto document = read_document(exchange.request);
  if (!document) return std::unexpected(document.error());
  const auto array = find_posted_messages(*document);
  if (!array) return std::unexpected(array.error());
  MessageRules rules;
  rules.default_ttl_seconds = exchange.options.limits.default_message_ttl_seconds;
  rules.with_checksum = exchange.options.enable_checksum;
  const auto ids = enqueue(exchange, *array, rules, std::nullopt, service::MissingQueue::create);
  if (!ids) return std::unexpected(ids.error());
  return posted_response(exchange, *ids);
}

Result<Response> get_messages(Exchange& exchange) {
  const auto* ids = exchange.query.list("ids");
  return ids ? get_messages_by_id(exchange, *ids) : list_messages(exchange);
}

Result<Response> delete_messages(Exchange& exchange) {
  const auto deletion = read_message_deletion(exchange, /*reads_claim_ids=*/false);
  if (!deletion) return std::unexpected(deletion.error());
  if (deletion->pop) return pop_messages(exchange, *deletion->pop);
  const auto removed = exchange.services.messages.remove_many(exchange.call, exchange.queue(),
                                                              to_message_ids(*deletion->ids));
  if (!removed) return std::unexpected(removed.error());
  return no_content();
}

}  // namespace marconi::api::v1_1
