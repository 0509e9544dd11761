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

}  // namespace marconi::storage::embedded
