// What the versions' message operations have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/decode.h"
#include "api/exchange.h"
#include "api/handler.h"
#include "base/error.h"
#include "encoding/json_document.h"
#include "service/message_service.h"

namespace marconi::api {

// ---- posting ------------------------------------------------------------------------------------

/// The array of messages in the document of a post, which v1.1 and v2 wrap in an object.
[[nodiscard]] base::Result<encoding::JsonValue> find_posted_messages(
    const encoding::JsonValue& document);

/// Decodes and stores messages. Looks up the queue's terms if they are not given.
[[nodiscard]] base::Result<std::vector<domain::MessageId>> enqueue(
    Exchange& exchange, const encoding::JsonValue& messages, const MessageRules& rules,
    std::optional<service::PostingTerms> terms, service::MissingQueue missing);

/// 201. `further_members` follows the resources in the document: empty, or starting with a comma.
[[nodiscard]] Response posted_response(const Exchange& exchange,
                                       const std::vector<domain::MessageId>& ids,
                                       std::string_view further_members = {});

// ---- listing ------------------------------------------------------------------------------------

/// The parameters of a message list, as sent.
struct MessageListParameters {
  std::optional<std::string> marker;
  std::optional<std::int64_t> limit;
  std::optional<bool> echo;
  std::optional<bool> include_claimed;
  std::optional<bool> include_delayed;  ///< not read here: v2 only
};

[[nodiscard]] base::Result<MessageListParameters> read_message_list_parameters(const Query& query);

/// `client` must outlive the result.
[[nodiscard]] service::MessageListQuery to_query(const MessageListParameters& parameters,
                                                 const domain::ClientId& client);

/// A page with its link, both empty if there is nothing on it.
[[nodiscard]] Response message_page_response(const Exchange& exchange,
                                             const MessageListParameters& parameters,
                                             const std::vector<domain::Message>& messages);

// ---- several by id
// --------------------------------------------------------------------------------

[[nodiscard]] std::vector<domain::MessageId> to_message_ids(const std::vector<std::string>& texts);

/// The messages with these ids, wrapped in an object; an error if there are none (v1.1, v2).
[[nodiscard]] base::Result<Response> get_messages_by_id(Exchange& exchange,
                                                        const std::vector<std::string>& ids);

/// What a DELETE of the collection asks for (v1.1, v2).
struct MessageDeletion {
  const std::vector<std::string>* ids = nullptr;
  const std::vector<std::string>* claim_ids = nullptr;  ///< null where they are not read
  std::optional<std::int64_t> pop;
};

/// Reads and checks the parameters of a DELETE. `reads_claim_ids` is false for a version that
/// does not know them.
[[nodiscard]] base::Result<MessageDeletion> read_message_deletion(const Exchange& exchange,
                                                                  bool reads_claim_ids);

/// Takes messages and answers them.
[[nodiscard]] base::Result<Response> pop_messages(Exchange& exchange, std::int64_t limit);

}  // namespace marconi::api
