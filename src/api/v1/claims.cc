#include <utility>

#include "api/claim_operations.h"
#include "api/common_operations.h"
#include "api/decode.h"
#include "api/documents.h"
#include "api/responses.h"
#include "api/v1/content_location.h"
#include "api/v1/operations.h"

namespace marconi::api::v1 {

using base::Result;

namespace {

Result<service::ClaimTerms> read_terms(const Exchange& exchange, const ClaimDefaults& defaults) {
  const auto object = read_object(exchange.request);
  if (!object) return std::unexpected(object.error());
  return decode_claim_terms(*object, defaults);
}

}  // namespace

Result<Response> create_claim(Exchange& exchange) {
  const auto limit = read_claim_limit(exchange.query);
  if (!limit) return std::unexpected(limit.error());
  const auto terms = read_terms(exchange, {});
  if (!terms) return std::unexpected(terms.error());
  const auto claim =
      exchange.services.claims.create(exchange.call, exchange.queue(), *terms, *limit);
  if (!claim) return std::unexpected(claim.error());
  if (!*claim) return no_content();
  const std::string collection = collection_path(Version::v1, *exchange.queue_name, "messages");
  const MessageForm form{.version = Version::v1, .collection = collection, .claim = &(*claim)->id};
  std::string body;
  body.reserve(estimated_size((*claim)->messages, form));
  append_messages(body, (*claim)->messages, form);
  return claimed_response(exchange, **claim, std::move(body));
}

Result<Response> get_claim(Exchange& exchange) {
  auto response = api::get_claim(exchange);
  if (response) add_content_location(*response, path_and_query_of(exchange));
  return response;
}

Result<Response> update_claim(Exchange& exchange) {
  ClaimDefaults defaults;
  defaults.grace_seconds = 0;
  const auto terms = read_terms(exchange, defaults);
  if (!terms) return std::unexpected(terms.error());
  return renew_claim(exchange, *terms);
}

}  // namespace marconi::api::v1
