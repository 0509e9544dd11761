// The claims of a memory store, and the moves to dead-letter queues that claiming brings about.
#pragma once

#include "storage/memory/state.h"

namespace marconi::storage::memory {

class MemoryClaimStore final : public ClaimStore {
 public:
  explicit MemoryClaimStore(State& state) : state_(state) {}

  Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                              const ClaimTerms& terms,
                                              std::uint64_t limit) override;
  Result<domain::Claim> get(Call& call, const QueueAddress& queue, const ClaimId& id) override;
  Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                     const ClaimTerms& terms) override;
  Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override;

 private:
  State& state_;
};

}  // namespace marconi::storage::memory
