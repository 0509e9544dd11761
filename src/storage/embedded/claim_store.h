// Claims of the embedded store.
#pragma once

#include "storage/embedded/engine.h"
#include "storage/store.h"

namespace marconi::storage::embedded {

class EmbeddedClaimStore final : public ClaimStore {
 public:
  explicit EmbeddedClaimStore(const EngineHolder& engines) : engines_(engines) {}

  Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                              const ClaimTerms& terms,
                                              std::uint64_t limit) override;
  Result<domain::Claim> get(Call& call, const QueueAddress& queue, const ClaimId& id) override;
  Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                     const ClaimTerms& terms) override;
  Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override;

 private:
  const EngineHolder& engines_;
};

/// A claim that is live, with the number in its id.
struct LiveClaim {
  std::uint64_t number = 0;
  ClaimRecord record;
};

/// The claim with this id, unless it is unknown or has ended.
Result<std::optional<LiveClaim>> find_live(Call& call, const OpenQueue& open, const ClaimId& id);

}  // namespace marconi::storage::embedded
