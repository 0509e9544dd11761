#include "storage/mongodb/counting_publisher.h"

#include <algorithm>

namespace marconi::storage::mongodb {

Result<void> CountingPublisher::publish(std::string_view scope, Batch& batch) {
  Progress progress;
  for (Attempts attempts(shared_); attempts.next();) {
    const auto done = attempt(scope, batch, progress, attempts.number() > 1);
    if (done && *done) return {};
    if (!done) {
      if (done.error().kind == base::ErrorKind::queue_missing) batch.withdraw();
      return std::unexpected(done.error());
    }
  }
  batch.withdraw();
  return Attempts::exhausted();
}

/// False if others were faster.
Result<bool> CountingPublisher::attempt(std::string_view scope, Batch& batch, Progress& progress,
                                        bool again) {
  auto state = counters_.read_settled(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return base::fail(base::ErrorKind::queue_missing);
  if (again) {
    // What stands in the way is about to be counted, or will never be.
    if (auto left = counters_.look_again(scope, **state); !left) {
      return std::unexpected(left.error());
    }
  }
  const auto before = progress.shown;
  progress.next = (*state)->next;
  const auto ended = show(scope, batch, progress);
  if (progress.shown > before) {
    const auto counted = counters_.raise(scope, (*state)->id(), progress.next);
    if (!counted) return std::unexpected(counted.error());
    // Removed just now, and perhaps made anew: what is shown is not part of that queue.
    if (!*counted) return base::fail(base::ErrorKind::queue_missing);
    batch.counted();
  }
  if (!ended) return std::unexpected(ended.error());
  return progress.shown == batch.size();
}

/// Shows what is left, at markers from `progress.next` on, as far as nobody is in the way. After an
/// error `progress` is what is certain.
Result<void> CountingPublisher::show(std::string_view scope, Batch& batch, Progress& progress) {
  const auto base = progress.next;
  const auto next = batch.show(shared_.messages, base, progress.shown);
  if (next) {
    progress = {batch.size(), *next};
    return {};
  }
  const bool refused = next.error().kind == base::ErrorKind::conflict;
  if (const auto shown = refused ? batch.shown() : std::nullopt) {
    progress.next = base + static_cast<std::int64_t>(*shown - progress.shown);
    progress.shown = *shown;
    return {};
  }
  if (auto looked = look_up(scope, batch, progress); !looked) return looked;
  if (refused || progress.shown == batch.size()) return {};
  return std::unexpected(next.error());
}

/// What is in front of a document that is there has been shown, too.
Result<void> CountingPublisher::look_up(std::string_view scope, const Batch& batch,
                                        Progress& progress) {
  const auto last = shared_.messages.find_one(
      batch.collection(),
      {where("_id", "$in", Array(batch.ids())), {"p_q", scope}, {"tx", nullptr}},
      {.sort = {{"k", -1}}, .fields = {{"k", 1}}, .only_committed = true});
  if (!last) return std::unexpected(last.error());
  if (!*last) return {};
  const auto at = std::ranges::find(batch.ids(), (*last)->find("_id")->as_object_id());
  const auto shown = static_cast<std::size_t>(at - batch.ids().begin()) + 1;
  if (shown > progress.shown) progress = {shown, integer_at((*last)->view(), "k") + 1};
  return {};
}

}  // namespace marconi::storage::mongodb
