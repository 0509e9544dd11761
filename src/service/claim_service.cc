#include "service/claim_service.h"

#include <algorithm>

#include "domain/errors.h"
#include "service/storage_errors.h"

namespace marconi::service {

namespace errors = domain::errors;
using domain::ClaimId;
using domain::QueueAddress;

namespace {

/// Any grace may be asked for on renewal, yet instants must stay within what a store can count:
/// some three thousand years are as good as forever.
constexpr std::int64_t kUnboundedGraceSeconds = 100'000'000'000;

}  // namespace

Result<std::optional<domain::Claim>> ClaimService::create(Call& call, const QueueAddress& queue,
                                                          const ClaimTerms& terms,
                                                          std::int64_t limit) const {
  if (auto checked = check_ttl(terms.ttl_seconds); !checked) {
    return std::unexpected(checked.error());
  }
  const std::int64_t max_limit = limits_.max_messages_per_claim_or_pop;
  if (limit < 1 || limit > max_limit) {
    return std::unexpected(errors::message_limit_out_of_range(max_limit));
  }
  const std::int64_t max_grace = limits_.max_claim_grace_seconds;
  if (terms.grace_seconds < domain::kMinClaimGraceSeconds || terms.grace_seconds > max_grace) {
    return std::unexpected(errors::claim_grace_out_of_range(max_grace));
  }
  return claims_.create(call, queue, terms, static_cast<std::uint64_t>(limit));
}

Result<domain::Claim> ClaimService::get(Call& call, const QueueAddress& queue,
                                        const ClaimId& id) const {
  auto claim = claims_.get(call, queue, id);
  if (!claim) return std::unexpected(in_words(claim.error(), queue, id));
  return claim;
}

Result<void> ClaimService::renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                                 const ClaimTerms& terms) const {
  if (auto checked = check_ttl(terms.ttl_seconds); !checked) return checked;
  const ClaimTerms bounded{.ttl_seconds = terms.ttl_seconds,
                           .grace_seconds = std::clamp(terms.grace_seconds, -kUnboundedGraceSeconds,
                                                       kUnboundedGraceSeconds)};
  const auto renewed = claims_.renew(call, queue, id, bounded);
  if (!renewed) return std::unexpected(in_words(renewed.error(), queue, id));
  return {};
}

Result<void> ClaimService::release(Call& call, const QueueAddress& queue, const ClaimId& id) const {
  return claims_.release(call, queue, id);
}

Result<void> ClaimService::check_ttl(std::int64_t ttl_seconds) const {
  const std::int64_t max = limits_.max_claim_ttl_seconds;
  if (ttl_seconds < domain::kMinClaimTtlSeconds || ttl_seconds > max) {
    return std::unexpected(errors::claim_ttl_out_of_range(max));
  }
  return {};
}

}  // namespace marconi::service
