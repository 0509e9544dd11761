#include "api/claim_operations.h"

#include <utility>

#include "api/common_operations.h"
#include "api/decode.h"
#include "api/responses.h"
#include "api/uri.h"

namespace marconi::api {

using base::Result;

namespace {

ClaimDefaults configured_defaults(const Exchange& exchange) {
  return {.ttl_seconds = exchange.options.limits.default_claim_ttl_seconds,
          .grace_seconds = exchange.options.limits.default_claim_grace_seconds};
}

/// The terms of a new claim; without a body they are the configured ones.
Result<service::ClaimTerms> read_claim_terms(const Exchange& exchange) {
  const ClaimDefaults defaults = configured_defaults(exchange);
  if (!has_body(exchange.request)) {
    return service::ClaimTerms{.ttl_seconds = *defaults.ttl_seconds,
                               .grace_seconds = *defaults.grace_seconds};
  }
  const auto object = read_object(exchange.request);
  if (!object) return std::unexpected(object.error());
  return decode_claim_terms(*object, defaults);
}

domain::ClaimId claim_of(const Exchange& exchange) { return {std::string(exchange.item)}; }

}  // namespace

Result<std::int64_t> read_claim_limit(const Query& query) {
  const auto limit = query.integer("limit");
  if (!limit) return std::unexpected(limit.error());
  return limit->value_or(domain::kDefaultMessagesPerClaim);
}

Response claimed_response(const Exchange& exchange, const domain::Claim& claim,
                          std::string document) {
  Response response = json_response(201, std::move(document));
  response.headers.emplace_back("Location", exchange.path + "/" + claim.id.text);
  return response;
}

Result<Response> renew_claim(Exchange& exchange, const service::ClaimTerms& terms) {
  const auto renewed =
      exchange.services.claims.renew(exchange.call, exchange.queue(), claim_of(exchange), terms);
  if (!renewed) return std::unexpected(renewed.error());
  return no_content();
}

// ---- operations ---------------------------------------------------------------------------------

Result<Response> create_claim(Exchange& exchange) {
  const auto limit = read_claim_limit(exchange.query);
  if (!limit) return std::unexpected(limit.error());
  const auto terms = read_claim_terms(exchange);
  if (!terms) return std::unexpected(terms.error());
  const auto claim =
      exchange.services.claims.create(exchange.call, exchange.queue(), *terms, *limit);
  if (!claim) return std::unexpected(claim.error());
  if (!*claim) return no_content();
  const std::string collection =
      collection_path(exchange.version(), *exchange.queue_name, "messages");
  const MessageForm form{
      .version = exchange.version(), .collection = collection, .claim = &(*claim)->id};
  std::string body;
  body.reserve(estimated_size((*claim)->messages, form));
  body += "{\"messages\": ";
  append_messages(body, (*claim)->messages, form);
  body += '}';
  return claimed_response(exchange, **claim, std::move(body));
}

Result<Response> get_claim(Exchange& exchange) {
  const auto claim =
      exchange.services.claims.get(exchange.call, exchange.queue(), claim_of(exchange));
  if (!claim) return std::unexpected(claim.error());
  const std::string collection =
      collection_path(exchange.version(), *exchange.queue_name, "messages");
  const MessageForm form{
      .version = exchange.version(), .collection = collection, .claim = &claim->id};
  return json_response(200, claim_document(*claim, form, encode_path(exchange.path)));
}

Result<Response> update_claim(Exchange& exchange) {
  const auto object = read_object(exchange.request);
  if (!object) return std::unexpected(object.error());
  const auto terms = decode_claim_terms(*object, configured_defaults(exchange));
  if (!terms) return std::unexpected(terms.error());
  return renew_claim(exchange, *terms);
}

Result<Response> delete_claim(Exchange& exchange) {
  const auto released =
      exchange.services.claims.release(exchange.call, exchange.queue(), claim_of(exchange));
  if (!released) return std::unexpected(released.error());
  return no_content();
}

}  // namespace marconi::api
