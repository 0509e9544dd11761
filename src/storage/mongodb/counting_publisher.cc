#include "storage/mongodb/counting_publisher.h"

#include <algorithm>

namespace marconi::storage::mongodb {

Result<void> CountingPublisher::publish(std::string_view scope, Batch& batch) {
  std::size_t there = 0;
  for (Attempts attempts(shared_); attempts.next();) {
    const auto done = attempt(scope, batch, there, attempts.number() > 1);
    if (done && *done) return {};
    if (!done) {
      if (done.error().kind == base::ErrorKind::queue_missing) batch.withdraw();
      return std::unexpected(done.error());
    }
  }
  batch.withdraw();
  return Attempts::exhausted();
}

/// False if others were faster. `there`: how many documents, from the first, have their place.
Result<bool> CountingPublisher::attempt(std::string_view scope, Batch& batch, std::size_t& there,
                                        bool again) {
  if (again) {
    if (auto counted = count_own(scope, batch, there); !counted) {
      return std::unexpected(counted.error());
    }
    if (there == batch.size()) return true;
  }
  auto state = counters_.read_settled(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return base::fail(base::ErrorKind::queue_missing);
  if (again) {
    // What stands in the way is about to be counted, or will never be.
    if (auto left = counters_.look_again(scope, **state); !left) {
      return std::unexpected(left.error());
    }
  }
  const auto next = batch.show(shared_.messages, (*state)->next, there);
  if (!next && next.error().kind == base::ErrorKind::conflict) return false;
  if (!next) return std::unexpected(next.error());
  const auto counted = counters_.raise(scope, *next);
  if (!counted) return std::unexpected(counted.error());
  if (!*counted) return base::fail(base::ErrorKind::queue_missing);  // removed just now
  shared_.memory.forget(scope);
  return true;
}

/// Counts what an attempt that failed half-way has shown.
Result<void> CountingPublisher::count_own(std::string_view scope, const Batch& batch,
                                          std::size_t& there) {
  const auto last = shared_.messages.find_one(
      batch.collection(),
      {where("_id", "$in", Array(batch.ids())), {"p_q", scope}, {"tx", nullptr}},
      {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!last) return std::unexpected(last.error());
  if (!*last) return {};
  const auto id = (*last)->find("_id")->as_object_id();
  const auto at = std::ranges::find(batch.ids(), id);
  there = std::max(there, static_cast<std::size_t>(at - batch.ids().begin()) + 1);
  const auto counted = counters_.raise(scope, integer_at((*last)->view(), "k") + 1);
  if (!counted) return std::unexpected(counted.error());
  return {};
}

}  // namespace marconi::storage::mongodb
