// Claims as records of their own. In the reference service's layout a claim is but a mark on its
// messages and gone when they are; the record keeps a claim known whose messages were all deleted,
// and knows when it began to the millisecond. A claim that the reference service made has none.
#pragma once

#include <optional>
#include <string_view>

#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

struct ClaimRecord {
  std::int64_t ttl_seconds = 0;
  Date started;
  base::UtcSeconds ends = 0;

  [[nodiscard]] static ClaimRecord of(const ClaimTerms& terms, Moment now) {
    return {terms.ttl_seconds, now.date(), now.end_after(terms.ttl_seconds)};
  }
};

/// Notes a new claim.
Result<void> add_claim(const Shared& shared, std::string_view scope, const ObjectId& id,
                       const ClaimRecord& claim);

/// Changes the record of a live claim. One that the reference service made gets a record, one that
/// it has renewed may have an old one.
Result<void> renew_claim(const Shared& shared, std::string_view scope, const ObjectId& id,
                         const ClaimRecord& claim);

Result<void> remove_claim(const Shared& shared, std::string_view scope, const ObjectId& id);

/// The claim if it is live, by its record or by the mark on a message.
Result<std::optional<ClaimRecord>> find_live_claim(const Shared& shared, std::string_view scope,
                                                   const ObjectId& id, Moment now);

}  // namespace marconi::storage::mongodb
