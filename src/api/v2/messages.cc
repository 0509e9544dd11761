#include "api/decode.h"
#include "api/message_operations.h"
#include "api/responses.h"
#include "api/v2/operations.h"

namespace marconi::api::v2 {

using base::Result;

namespace {

Result<Response> list_messages(Exchange& exchange) {
  auto parameters = read_message_list_parameters(exchange.query);
  if (!parameters) return std::unexpected(parameters.error());
  const auto include_delayed = exchange.query.boolean("include_delayed");
  if (!include_delayed) return std::unexpected(include_delayed.error());
  parameters->include_delayed = *include_delayed;
  service::MessageListQuery query = to_query(*parameters, *exchange.client);
  query.delays_need_queue_option = true;
  const auto page = exchange.services.messages.list(exchange.call, exchange.queue(), query);
  if (!page) return std::unexpected(page.error());
  if (page->delayed_forced) parameters->include_delayed = true;
  return message_page_response(exchange, *parameters, page->messages);
}

std::vector<domain::ClaimId> to_claim_ids(const std::vector<std::string>& texts) {
  std::vector<domain::ClaimId> ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) ids.push_back({text});
  return ids;
}

Result<void> remove_listed(Exchange& exchange, const MessageDeletion& deletion) {
  const service::MessageService& messages = exchange.services.messages;
  const auto ids = to_message_ids(*deletion.ids);
  if (!deletion.claim_ids) return messages.remove_many(exchange.call, exchange.queue(), ids);
  return messages.remove_many_claimed(exchange.call, exchange.queue(), ids,
                                      to_claim_ids(*deletion.claim_ids));
}

}  // namespace

/// What the queue says about its messages is looked up before the body is read.
Result<Response> post_messages(Exchange& exchange) {
  const service::MessageService& messages = exchange.services.messages;
  const auto terms = messages.posting_terms(exchange.call, exchange.queue());
  if (!terms) return std::unexpected(terms.error());
  const auto sized =
      messages.check_post_size(exchange.request.content_length.value_or(0), terms->queue_max_bytes);
  if (!sized) return std::unexpected(sized.error());
  const auto document = read_document(exchange.request);
  if (!document) return std::unexpected(document.error());
  const auto array = find_posted_messages(*document);
  if (!array) return std::unexpected(array.error());
  const MessageRules rules{.default_ttl_seconds = terms->default_ttl_seconds,
                           .default_delay_seconds = terms->default_delay_seconds,
                           .with_checksum = exchange.options.enable_checksum};
  const auto ids = enqueue(exchange, *array, rules, *terms, service::MissingQueue::create);
  if (!ids) return std::unexpected(ids.error());
  return posted_response(exchange, *ids);
}

Result<Response> get_messages(Exchange& exchange) {
  const auto* ids = exchange.query.list("ids");
  return ids ? get_messages_by_id(exchange, *ids) : list_messages(exchange);
}

Result<Response> delete_messages(Exchange& exchange) {
  const auto deletion = read_message_deletion(exchange, /*reads_claim_ids=*/true);
  if (!deletion) return std::unexpected(deletion.error());
  if (deletion->pop) return pop_messages(exchange, *deletion->pop);
  const auto removed = remove_listed(exchange, *deletion);
  if (!removed) return std::unexpected(removed.error());
  return no_content();
}

}  // namespace marconi::api::v2
