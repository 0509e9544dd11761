#include "api/message_operations.h"

#include <utility>

#include "api/common_operations.h"
#include "api/documents.h"
#include "api/errors.h"
#include "api/next_link.h"
#include "api/responses.h"
#include "api/uri.h"
#include "domain/errors.h"

namespace marconi::api {

using base::Result;
using domain::Message;
using domain::MessageId;
using encoding::JsonKind;
using encoding::JsonValue;

// ---- posting ------------------------------------------------------------------------------------

Result<JsonValue> find_posted_messages(const JsonValue& document) {
  const auto messages = document.member("messages");
  if (!messages) return std::unexpected(errors::no_messages_member());
  if (!messages->is(JsonKind::array)) return std::unexpected(errors::document_type());
  return *messages;
}

Result<std::vector<MessageId>> enqueue(Exchange& exchange, const JsonValue& array,
                                       const MessageRules& rules,
                                       std::optional<service::PostingTerms> terms,
                                       service::MissingQueue missing) {
  const auto messages = decode_messages(array, rules);
  if (!messages) return std::unexpected(messages.error());
  const service::MessageService& service = exchange.services.messages;
  const domain::QueueAddress queue = exchange.queue();
  if (!terms) {
    // A message that is refused is refused before the store is asked anything.
    if (auto checked = service.check(*messages); !checked) {
      return std::unexpected(checked.error());
    }
    const auto found = service.posting_terms(exchange.call, queue);
    if (!found) return std::unexpected(found.error());
    terms = *found;
  }
  return service.post(exchange.call, queue, *messages, *exchange.client, *terms, missing);
}

Response posted_response(const Exchange& exchange, const std::vector<MessageId>& ids,
                         std::string_view further_members) {
  const auto max_ids = static_cast<std::size_t>(exchange.options.limits.max_location_ids);
  std::string body;
  body.reserve(64 + ids.size() * (exchange.path.size() + 48));
  body += "{\"resources\": ";
  append_hrefs(body, ids, exchange.path);
  body += further_members;
  body += '}';
  Response response = json_response(201, std::move(body));
  response.headers.emplace_back("Location", posted_location(ids, exchange.path, max_ids));
  return response;
}

// ---- listing ------------------------------------------------------------------------------------

Result<MessageListParameters> read_message_list_parameters(const Query& query) {
  MessageListParameters parameters;
  parameters.marker = query.text("marker");
  const auto limit = query.integer("limit");
  if (!limit) return std::unexpected(limit.error());
  parameters.limit = *limit;
  const auto echo = query.boolean("echo");
  if (!echo) return std::unexpected(echo.error());
  parameters.echo = *echo;
  const auto include_claimed = query.boolean("include_claimed");
  if (!include_claimed) return std::unexpected(include_claimed.error());
  parameters.include_claimed = *include_claimed;
  return parameters;
}

service::MessageListQuery to_query(const MessageListParameters& parameters,
                                   const domain::ClientId& client) {
  service::MessageListQuery query;
  query.marker = parameters.marker;
  query.limit = parameters.limit.value_or(domain::kDefaultPageSize);
  query.hide_client = parameters.echo.value_or(false) ? nullptr : &client;
  query.include_claimed = parameters.include_claimed.value_or(false);
  query.include_delayed = parameters.include_delayed.value_or(false);
  return query;
}

Response message_page_response(const Exchange& exchange, const MessageListParameters& parameters,
                               const std::vector<Message>& messages) {
  if (messages.empty()) return json_response(200, R"({"messages": [], "links": []})");
  const MessageForm form{.version = exchange.version(), .collection = exchange.path};
  NextLink link(exchange.path, parameters.marker.has_value(), messages.back().marker.to_string());
  link.add("limit", parameters.limit);
  link.add("echo", parameters.echo);
  link.add("include_claimed", parameters.include_claimed);
  link.add("include_delayed", parameters.include_delayed);
  std::string body;
  body.reserve(estimated_size(messages, form));
  body += "{\"messages\": ";
  append_messages(body, messages, form);
  body += ", \"links\": [";
  body += std::move(link).document();
  body += "]}";
  return json_response(200, std::move(body));
}

// ---- several by id
// --------------------------------------------------------------------------------

std::vector<MessageId> to_message_ids(const std::vector<std::string>& texts) {
  std::vector<MessageId> ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) ids.push_back({text});
  return ids;
}

Result<Response> get_messages_by_id(Exchange& exchange, const std::vector<std::string>& texts) {
  exchange.failure = "Message could not be retrieved.";
  const std::vector<MessageId> ids = to_message_ids(texts);
  const domain::QueueAddress queue = exchange.queue();
  const auto messages = exchange.services.messages.get_many(exchange.call, queue, ids);
  if (!messages) return std::unexpected(messages.error());
  if (messages->empty()) return std::unexpected(domain::errors::messages_missing(ids, queue));
  const MessageForm form{.version = exchange.version(), .collection = exchange.path};
  std::string body;
  body.reserve(estimated_size(*messages, form));
  body += "{\"messages\": ";
  append_messages(body, *messages, form);
  body += '}';
  return json_response(200, std::move(body));
}

Result<MessageDeletion> read_message_deletion(const Exchange& exchange, bool reads_claim_ids) {
  MessageDeletion deletion;
  deletion.ids = exchange.query.list("ids");
  const bool needs_claim = exchange.options.message_delete_with_claim_id;
  if (needs_claim && reads_claim_ids) deletion.claim_ids = exchange.query.list("claim_ids");
  const auto pop = exchange.query.integer("pop");
  if (!pop) return std::unexpected(pop.error());
  deletion.pop = *pop;
  if (deletion.pop && deletion.ids) return std::unexpected(errors::ids_and_pop());
  if (!deletion.pop && !deletion.ids) return std::unexpected(errors::neither_ids_nor_pop());
  if (needs_claim) {
    const bool ids_alone = deletion.ids && !deletion.ids->empty() && !deletion.claim_ids;
    const bool claims_alone = !deletion.ids && deletion.claim_ids && !deletion.claim_ids->empty();
    if (ids_alone || claims_alone) return std::unexpected(errors::ids_need_claim_ids());
  }
  const service::MessageService& service = exchange.services.messages;
  const Result<void> checked = deletion.pop ? service.check_pop(*deletion.pop)
                                            : service.check_deleted_ids(deletion.ids->size());
  if (!checked) return std::unexpected(checked.error());
  return deletion;
}

Result<Response> pop_messages(Exchange& exchange, std::int64_t limit) {
  exchange.failure = "Messages could not be popped.";
  const auto messages = exchange.services.messages.pop(exchange.call, exchange.queue(), limit);
  if (!messages) return std::unexpected(messages.error());
  const MessageForm form{.version = exchange.version(), .collection = {}};
  std::string body;
  body.reserve(estimated_size(*messages, form));
  body += "{\"messages\": [";
  for (const Message& message : *messages) {
    if (&message != messages->data()) body += ", ";
    append_popped_message(body, message);
  }
  body += "]}";
  return json_response(200, std::move(body));
}

// ---- operations ---------------------------------------------------------------------------------

Result<Response> get_message(Exchange& exchange) {
  const auto message =
      exchange.services.messages.get(exchange.call, exchange.queue(), {std::string(exchange.item)});
  if (!message) return std::unexpected(message.error());
  const std::string collection =
      collection_path(exchange.version(), *exchange.queue_name, "messages");
  const MessageForm form{.version = exchange.version(), .collection = collection};
  std::string body;
  body.reserve(estimated_size(std::span(&*message, 1), form));
  append_message(body, *message, form);
  return json_response(200, std::move(body));
}

Result<Response> delete_message(Exchange& exchange) {
  std::optional<domain::ClaimId> claim;
  if (auto text = exchange.query.text("claim_id")) claim.emplace(std::move(*text));
  const auto removed = exchange.services.messages.remove(exchange.call, exchange.queue(),
                                                         {std::string(exchange.item)}, claim);
  if (!removed) return std::unexpected(removed.error());
  return no_content();
}

}  // namespace marconi::api
