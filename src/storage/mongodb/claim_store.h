// The claims of a MongoDB store.
#pragma once

#include <string>
#include <vector>

#include "storage/mongodb/claim_record.h"
#include "storage/mongodb/counter.h"
#include "storage/mongodb/dead_letters.h"
#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

/// A claim takes its messages one by one, each in one step; what another takes in between is made
/// up for by later messages.
class MongodbClaimStore final : public ClaimStore {
 public:
  MongodbClaimStore(const Shared& shared, Publisher& publisher)
      : shared_(shared), counters_(shared), dead_letters_(shared, publisher) {}

  Result<std::optional<domain::Claim>> create(Call& call, const QueueAddress& queue,
                                              const ClaimTerms& terms,
                                              std::uint64_t limit) override;
  Result<domain::Claim> get(Call& call, const QueueAddress& queue, const ClaimId& id) override;
  Result<void> renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                     const ClaimTerms& terms) override;
  Result<void> release(Call& call, const QueueAddress& queue, const ClaimId& id) override;

 private:
  /// A claim in the making.
  struct Making {
    QueueAddress queue;
    std::string scope;
    ObjectId id;
    ClaimTerms terms;
    ClaimRecord record;
    Moment now;
    std::optional<domain::DeadLetterPolicy> policy;
    bool noted = false;                      ///< whether its record is written
    std::vector<ObjectId> passed_over = {};  ///< letters that cannot be moved now
    std::uint64_t marked = 0;                ///< messages that it has
    std::vector<domain::Message> taken = {};
    bool all_known = true;  ///< whether those are all it has, just as they are now
  };

  Result<std::vector<Document>> find_candidates(const Making& making, QueueState& state,
                                                std::uint64_t limit);
  Result<std::uint64_t> take_round(Making& making, QueueState& state, std::uint64_t limit,
                                   bool& more);
  Result<std::uint64_t> take(Making& making, const std::vector<Document>& candidates);
  Result<std::uint64_t> count_marked(const Making& making);
  Result<void> extend(const Document& filter, std::string_view scope, std::string_view comparison,
                      const ClaimRecord& record, std::int64_t grace_seconds);
  Result<std::vector<domain::Message>> messages_of(std::string_view scope, const ObjectId& id,
                                                   Moment now);

  const Shared& shared_;
  Counters counters_;
  DeadLetters dead_letters_;
};

}  // namespace marconi::storage::mongodb
