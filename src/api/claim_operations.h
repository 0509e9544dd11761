// What the versions' claim operations have in common.
#pragma once

#include <optional>
#include <string>

#include "api/documents.h"
#include "api/exchange.h"
#include "api/handler.h"
#include "base/error.h"
#include "service/claim_service.h"

namespace marconi::api {

/// The `limit` of a claim, or its default.
[[nodiscard]] base::Result<std::int64_t> read_claim_limit(const Query& query);

/// 201 with `Location` and this document.
[[nodiscard]] Response claimed_response(const Exchange& exchange, const domain::Claim& claim,
                                        std::string document);

/// Renews the claim of the path.
[[nodiscard]] base::Result<Response> renew_claim(Exchange& exchange,
                                                 const service::ClaimTerms& terms);

}  // namespace marconi::api
