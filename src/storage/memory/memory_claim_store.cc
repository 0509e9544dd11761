#include "storage/memory/memory_claim_store.h"

#include <memory>
#include <utility>

namespace marconi::storage::memory {

namespace {

/// The policy in force: one that names its own queue is none (http-v2 D22).
const domain::DeadLetterPolicy* dead_letter_policy(const Queue& queue,
                                                   const QueueAddress& address) {
  const auto& policy = queue.metadata()->options().dead_letter;
  return policy && policy->queue != address.name ? &*policy : nullptr;
}

Queue& find_or_create(Access& access, const QueueAddress& address) {
  access.create(address, std::make_shared<const domain::QueueMetadata>());
  return *access.find(address);
}

void move_to(Queue& dead_letters, StoredMessage message, const domain::DeadLetterPolicy& policy,
             Instant now) {
  if (policy.ttl_seconds) {
    message.ttl_seconds = *policy.ttl_seconds;
    message.expires = now.end_after(*policy.ttl_seconds);
  }
  dead_letters.append(std::move(message));
}

/// Moves what was taken too often already and counts the taking of the rest, which it returns.
std::vector<Marker> apply_policy(const domain::DeadLetterPolicy& policy, const ProjectId& project,
                                 Queue& queue, const std::vector<Marker>& taken, Access& access) {
  std::vector<Marker> delivered;
  for (const Marker marker : taken) {
    if (queue.claim_count(marker) < policy.max_claim_count) {
      queue.raise_claim_count(marker);
      delivered.push_back(marker);
    } else {
      move_to(find_or_create(access, {project, policy.queue}), queue.extract(marker), policy,
              access.now());
    }
  }
  return delivered;
}

}  // namespace

Result<std::optional<domain::Claim>> MemoryClaimStore::create(Call&, const QueueAddress& queue,
                                                              const ClaimTerms& terms,
                                                              std::uint64_t limit) {
  Access access(state_);
  Queue* found = access.find(queue);
  if (!found) return std::nullopt;
  auto taken = found->oldest_free(limit, access.now());
  if (const auto* policy = dead_letter_policy(*found, queue)) {
    taken = apply_policy(*policy, queue.project, *found, taken, access);
  }
  if (taken.empty()) return std::nullopt;
  const ClaimId id(base::random_uuid(access.random()));
  return found->claim(id, taken, terms, access.now());
}

Result<domain::Claim> MemoryClaimStore::get(Call&, const QueueAddress& queue, const ClaimId& id) {
  Access access(state_);
  const Queue* found = access.find(queue);
  auto claim = found ? found->find_claim(id, access.now()) : std::nullopt;
  if (!claim) return base::fail(base::ErrorKind::claim_missing);
  return *std::move(claim);
}

Result<void> MemoryClaimStore::renew(Call&, const QueueAddress& queue, const ClaimId& id,
                                     const ClaimTerms& terms) {
  Access access(state_);
  Queue* found = access.find(queue);
  if (!found || !found->renew(id, terms, access.now())) {
    return base::fail(base::ErrorKind::claim_missing);
  }
  return {};
}

Result<void> MemoryClaimStore::release(Call&, const QueueAddress& queue, const ClaimId& id) {
  Access access(state_);
  if (Queue* found = access.find(queue)) found->release(id);
  return {};
}

}  // namespace marconi::storage::memory
