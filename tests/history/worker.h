// What a consumer does with the messages it has claimed, right and wrong.
#pragma once

#include <cstdint>
#include <map>

#include "history/api_client.h"
#include "history/dice.h"

namespace marconi::history {

inline constexpr std::int64_t kClaimTtl = 60;  ///< seconds; the shortest there is
inline constexpr std::int64_t kGrace = 60;

/// For one thread.
class Worker {
 public:
  /// `deletes_with_claims`: the server takes deletions by ids only together with a claim
  /// (message_delete_with_claim_id).
  Worker(ApiClient& client, Dice dice, bool deletes_with_claims)
      : client_(client), dice_(dice), deletes_with_claims_(deletes_with_claims) {}

  /// Does with a claim what a worker might; true if it was left to the clock.
  bool work_on(const Claimed& claim);

  /// Comes back too late.
  void work_with_ended(const Claimed& claim);

 private:
  void try_what_is_refused(const Claimed& claim);
  void work_with_released(const Claimed& claim);
  void erase_each(const Claimed& claim, std::size_t count);
  void erase_all(const Claimed& claim);
  [[nodiscard]] bool names_claims() const {
    return deletes_with_claims_ && client_.version() == ApiVersion::v2;
  }

  ApiClient& client_;
  Dice dice_;
  bool deletes_with_claims_;
  std::map<std::uint32_t, Claimed> released_;  ///< the last one of each queue
};

}  // namespace marconi::history
