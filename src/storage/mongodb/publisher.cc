#include "storage/mongodb/publisher.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace marconi::storage::mongodb {

namespace {

constexpr std::chrono::seconds kPatience{45};

}  // namespace

Result<void> Publisher::publish(std::string_view scope, Batch& batch) {
  const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
  int unknown = 0;
  for (int tried = 0; tried < std::max(1, shared_.options.contention.max_attempts); ++tried) {
    if (tried > 0) pause_before(tried);
    if (std::chrono::steady_clock::now() > give_up_at) break;
    const auto result = attempt(scope, batch);
    if (!result) {
      if (unknown == 0) batch.withdraw();
      return std::unexpected(result.error());
    }
    if (*result == Attempt::published) return {};
    if (*result == Attempt::unknown &&
        ++unknown >= shared_.options.messages.max_reconnect_attempts) {
      break;
    }
  }
  if (unknown == 0) batch.withdraw();
  return base::fail(base::ErrorKind::unavailable, "too many others post to the queue");
}

Result<Publisher::Attempt> Publisher::attempt(std::string_view scope, Batch& batch) {
  const auto state = counters_.read_settled(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return base::fail(base::ErrorKind::queue_missing);
  const auto first = first_marker(scope, **state);
  if (!first) return std::unexpected(first.error());

  const auto now = shared_.time.now();
  const auto tag = shared_.make_id(now);
  const auto placed = batch.place(tag, *first);
  if (!placed && placed.error().kind == base::ErrorKind::conflict) return Attempt::lost_race;
  if (!placed) return std::unexpected(placed.error());
  // A commit whose reply was lost has come to pass after all, and somebody has finished it.
  if (*placed == 0) return Attempt::published;

  const auto committed =
      commit(scope, **state, *first + static_cast<std::int64_t>(batch.size()), tag, now);
  if (!committed) return Attempt::unknown;
  if (!*committed) return Attempt::lost_race;
  // If this fails, the next attempt finds the tag on the list, or the batch published.
  return counters_.finish(scope, tag) ? Attempt::published : Attempt::unknown;
}

/// Above the counter, above every document that is there, so that one's own only ever move up.
Result<std::int64_t> Publisher::first_marker(std::string_view scope, const QueueState& state) {
  const auto largest = counters_.largest_marker(scope);
  if (!largest) return std::unexpected(largest.error());
  auto first = std::max(state.next, largest->value_or(0) + 1);
  if (!shared_.options.mixed_operation) {
    // Queues that the reference service made start at 1, as their predecessors did.
    first = std::max(first, lifted_start(state.id().second()));
  }
  return first;
}

Result<bool> Publisher::commit(std::string_view scope, const QueueState& state, std::int64_t next,
                               const ObjectId& tag, Moment now) {
  const auto before = shared_.management.find_and_update(
      shared_.options.placement.queues(), {{"p_q", scope}, {"c.v", state.next}},
      {{"$set", Document{{"c.v", next}, {"c.t", now.second()}}},
       {"$push", Document{{"c.p", tag}}}});
  if (!before) return std::unexpected(before.error());
  return before->has_value();
}

void Publisher::pause_before(int attempt) {
  const auto& how = shared_.options.contention;
  std::this_thread::sleep_for(how.max_retry_sleep * attempt / std::max(1, how.max_attempts) +
                              how.max_retry_jitter * base::random_fraction(shared_.random));
}

}  // namespace marconi::storage::mongodb
