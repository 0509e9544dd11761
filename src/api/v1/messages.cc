#include "api/common_operations.h"
#include "api/decode.h"
#include "api/documents.h"
#include "api/errors.h"
#include "api/message_operations.h"
#include "api/responses.h"
#include "api/v1/content_location.h"
#include "api/v1/operations.h"

namespace marconi::api::v1 {

using base::Result;

namespace {

Result<Response> list_messages(Exchange& exchange) {
  if (!exchange.client) return std::unexpected(errors::client_id_missing());
  const auto parameters = read_message_list_parameters(exchange.query);
  if (!parameters) return std::unexpected(parameters.error());
  const auto page = exchange.services.messages.list(exchange.call, exchange.queue(),
                                                    to_query(*parameters, *exchange.client));
  if (!page) return std::unexpected(page.error());
  if (page->messages.empty()) return no_content();
  return message_page_response(exchange, *parameters, page->messages);
}

Result<Response> list_by_id(Exchange& exchange, const std::vector<std::string>& texts) {
  exchange.failure = "Message could not be retrieved.";
  const auto messages =
      exchange.services.messages.get_many(exchange.call, exchange.queue(), to_message_ids(texts));
  if (!messages) return std::unexpected(messages.error());
  if (messages->empty()) return no_content();
  const MessageForm form{.version = Version::v1, .collection = exchange.path};
  std::string body;
  body.reserve(estimated_size(*messages, form));
  append_messages(body, *messages, form);
  return json_response(200, std::move(body));
}

}  // namespace

Result<Response> post_messages(Exchange& exchange) {
  if (!exchange.client) return std::unexpected(errors::client_id_missing());
  const auto sized = exchange.services.messages.check_post_size(
      exchange.request.content_length.value_or(0), std::nullopt);
  if (!sized) return std::unexpected(sized.error());
  const auto document = read_document(exchange.request);
  if (!document) return std::unexpected(document.error());
  if (!document->is(encoding::JsonKind::array)) return std::unexpected(errors::document_type());
  MessageRules rules;
  rules.with_checksum = exchange.options.enable_checksum;
  const auto ids = enqueue(exchange, *document, rules, std::nullopt, service::MissingQueue::refuse);
  if (!ids) return std::unexpected(ids.error());
  return posted_response(exchange, *ids, ", \"partial\": false");
}

Result<Response> get_messages(Exchange& exchange) {
  exchange.headers.emplace_back("Content-Location", path_and_query_of(exchange));
  const auto* ids = exchange.query.list("ids");
  return ids ? list_by_id(exchange, *ids) : list_messages(exchange);
}

Result<Response> delete_messages(Exchange& exchange) {
  const auto* ids = exchange.query.list("ids");
  if (!ids) return std::unexpected(errors::parameter_missing("ids"));
  const service::MessageService& messages = exchange.services.messages;
  const auto checked = messages.check_page(static_cast<std::int64_t>(ids->size()));
  if (!checked) return std::unexpected(checked.error());
  const auto removed = messages.remove_many(exchange.call, exchange.queue(), to_message_ids(*ids));
  if (!removed) return std::unexpected(removed.error());
  return no_content();
}

Result<Response> get_message(Exchange& exchange) {
  auto response = api::get_message(exchange);
  if (response) add_content_location(*response, path_and_query_of(exchange));
  return response;
}

}  // namespace marconi::api::v1
