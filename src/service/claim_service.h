// The rules of claims: how many messages for how long.
#pragma once

#include <cstdint>
#include <optional>

#include "base/call.h"
#include "base/error.h"
#include "domain/limits.h"
#include "domain/message.h"
#include "domain/names.h"
#include "storage/store.h"

namespace marconi::service {

using base::Call;
using base::Result;
using storage::ClaimTerms;

/// Thread-safe. Errors of the storage are handed through without words of their own; every other
/// error carries a title and a description for the client.
class ClaimService {
 public:
  /// The store must outlive the service.
  ClaimService(storage::ClaimStore& claims, const domain::Limits& limits)
      : claims_(claims), limits_(limits) {}

  /// Claims the oldest free messages; nothing if there are none. `invalid` if the TTL, the limit
  /// or the grace is out of range, in this order.
  Result<std::optional<domain::Claim>> create(Call& call, const domain::QueueAddress& queue,
                                              const ClaimTerms& terms, std::int64_t limit) const;

  /// The live claim; `claim_missing`.
  Result<domain::Claim> get(Call& call, const domain::QueueAddress& queue,
                            const domain::ClaimId& id) const;

  /// Starts the claim's time anew. `invalid` if the TTL is out of range; any grace is taken
  /// (http-v1 §10.3). `claim_missing`.
  Result<void> renew(Call& call, const domain::QueueAddress& queue, const domain::ClaimId& id,
                     const ClaimTerms& terms) const;

  /// Ends the claim; no error if there is none.
  Result<void> release(Call& call, const domain::QueueAddress& queue,
                       const domain::ClaimId& id) const;

 private:
  Result<void> check_ttl(std::int64_t ttl_seconds) const;

  storage::ClaimStore& claims_;
  const domain::Limits limits_;
};

}  // namespace marconi::service
