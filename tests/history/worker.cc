#include "history/worker.h"

#include <vector>

namespace marconi::history {

bool Worker::work_on(const Claimed& claim) {
  const std::uint32_t mood = between(dice_, 1, 100);
  if (mood <= 25) {
    return true;
  }
  if (chance(dice_, 15)) {
    client_.renew(claim, kClaimTtl, kGrace);
  }
  try_what_is_refused(claim);
  // Few workers can name their claims, so these do so more often.
  if (mood <= (names_claims() ? 55 : 35)) {
    erase_all(claim);
    return false;
  }
  // Some are done with all of it, some with a part.
  const auto all = static_cast<std::uint32_t>(claim.messages.size());
  const std::uint32_t done = mood <= 70 ? all : between(dice_, 0, all - 1);
  erase_each(claim, done);
  if (done < all) {
    client_.release(claim);
    if (names_claims() || chance(dice_, 30)) {
      work_with_released(claim);
    }
    released_[claim.queue] = claim;
  }
  return false;
}

void Worker::try_what_is_refused(const Claimed& claim) {
  if (chance(dice_, 5)) {
    client_.erase(claim.queue, claim.messages.front(), nullptr);
  }
  const auto released = released_.find(claim.queue);
  if (!names_claims() || released == released_.end()) {
    return;
  }
  if (chance(dice_, 30)) {  // with the wrong claim
    client_.erase_claimed(released->second, claim.messages);
  }
  if (chance(dice_, 30) && claim.messages.size() < ApiClient::kPageLimit) {  // one too many
    std::vector<Received> messages = claim.messages;
    messages.push_back(released->second.messages.back());
    client_.erase_claimed(claim, messages);
  }
}

/// A worker that has lost track of its own release: all of it must be refused.
void Worker::work_with_released(const Claimed& claim) {
  if (names_claims()) {
    client_.erase_claimed(claim, {claim.messages.back()});
  } else if (chance(dice_, 50)) {
    client_.renew(claim, kClaimTtl, kGrace);
  } else {
    client_.erase(claim.queue, claim.messages.back(), &claim);
  }
}

void Worker::work_with_ended(const Claimed& claim) {
  client_.renew(claim, kClaimTtl, kGrace);
  if (names_claims()) {
    client_.erase_claimed(claim, claim.messages);
  }
  erase_each(claim, claim.messages.size());
}

void Worker::erase_each(const Claimed& claim, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    client_.erase(claim.queue, claim.messages[i], &claim);
  }
}

/// In one request, if this version has one.
void Worker::erase_all(const Claimed& claim) {
  if (names_claims()) {
    std::vector<Received> messages = claim.messages;
    if (messages.size() < ApiClient::kPageLimit && chance(dice_, 10)) {
      messages.push_back(messages.front());  // named twice
    }
    client_.erase_claimed(claim, messages);
  } else if (deletes_with_claims_ && client_.version() == ApiVersion::v1_1) {
    erase_each(claim, claim.messages.size());
  } else {
    client_.erase_many(claim.queue, claim.messages);
  }
}

}  // namespace marconi::history
