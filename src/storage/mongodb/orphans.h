// Messages of queues that were removed.
//
// A host of the reference service goes on posting for seconds to a queue that another host removed,
// and a poster that dies leaves what it had not committed. Should the queue be created anew, such
// messages might be seen in it. That a queue was removed is taken from our own notes of that, not
// from its absence: whoever names the wrong database for queues must not lose all messages.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

class Orphans {
 public:
  explicit Orphans(const Shared& shared) : shared_(shared) {}

  /// Scopes of queues that were removed lately, some of them made anew; the next so many in order.
  Result<std::vector<std::string>> removed_queues(std::string_view after, std::int64_t limit);

  /// Told how many were removed in a step; false ends the removal.
  using Step = std::function<bool(std::uint64_t removed)>;

  /// Removes the messages of a queue unless it exists. Messages that may still be on their way,
  /// from or to whichever queue, stay.
  Result<void> remove(std::string_view scope, const Step& step);

 private:
  Result<bool> is_queue(std::string_view scope);

  const Shared& shared_;
};

}  // namespace marconi::storage::mongodb
