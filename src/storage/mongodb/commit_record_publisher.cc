#include "storage/mongodb/commit_record_publisher.h"

#include <algorithm>
#include <utility>

namespace marconi::storage::mongodb {

Result<void> CommitRecordPublisher::publish(std::string_view scope, Batch& batch) {
  Attempts attempts(shared_);
  int unknown = 0;
  while (attempts.next()) {
    const auto result = attempt(scope, batch, attempts.number() == 1, unknown == 0);
    if (!result) {
      if (unknown == 0) batch.withdraw();
      return std::unexpected(result.error());
    }
    if (*result == Attempt::published) return {};
    shared_.memory.forget(scope);
    if (*result == Attempt::unknown &&
        ++unknown >= shared_.options.messages.max_reconnect_attempts) {
      break;
    }
  }
  if (unknown == 0) batch.withdraw();
  return Attempts::exhausted();
}

Result<CommitRecordPublisher::Attempt> CommitRecordPublisher::attempt(std::string_view scope,
                                                                      Batch& batch, bool remembered,
                                                                      bool unpublished) {
  const auto start = find_start(scope, remembered);
  if (!start) return std::unexpected(start.error());
  const auto now = shared_.time.now();
  const PendingPost post{.tag = shared_.make_id(now), .from = std::string(batch.leaves())};
  const auto placed = batch.place(post.tag, start->first, unpublished);
  if (!placed && placed.error().kind == base::ErrorKind::conflict) return Attempt::lost_race;
  if (!placed) return std::unexpected(placed.error());
  // A commit whose reply was lost has come to pass after all, and somebody has finished it.
  if (*placed == 0) return Attempt::published;

  const auto next = start->first + static_cast<std::int64_t>(batch.size());
  auto committed = commit(scope, *start, next, post, now);
  if (!committed) return Attempt::unknown;
  if (!*committed) return Attempt::lost_race;
  // If this fails, the next attempt finds the tag on the list, or the batch published.
  const auto shown = make_visible(scope, batch, post);
  if (!shown) return Attempt::unknown;
  if (shown->let_go > 0) {
    batch.stay(static_cast<std::size_t>(shown->let_go));
    // The next attempt has to look where it can begin: this counter lies in front of the obstacle.
    shared_.memory.forget(scope);
  } else {
    shared_.memory.remember(scope, **std::move(committed), now, post.tag);
  }
  return Attempt::published;
}

/// Above the counter and, unless the counter is remembered, above every document that is there, so
/// that one's own only ever move up. What a remembered counter puts in the way of others, or finds
/// there, ends at worst in another attempt.
Result<CommitRecordPublisher::Start> CommitRecordPublisher::find_start(std::string_view scope,
                                                                       bool remembered) {
  if (remembered) {
    if (const auto known = shared_.memory.recall(scope))
      return Start{known->id(), known->next, lifted(shared_.options, known->id(), known->next)};
  }
  const auto state = counters_.read_settled(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return base::fail(base::ErrorKind::queue_missing);
  const auto largest = counters_.largest_marker(scope);
  if (!largest) return std::unexpected(largest.error());
  const auto first = std::max((*state)->next, largest->value_or(0) + 1);
  return Start{(*state)->id(), (*state)->next, lifted(shared_.options, (*state)->id(), first)};
}

/// Nothing if the counter has moved.
Result<std::optional<QueueState>> CommitRecordPublisher::commit(std::string_view scope,
                                                                const Start& start,
                                                                std::int64_t next,
                                                                const PendingPost& post,
                                                                Moment now) {
  auto before = shared_.management.find_and_update(
      shared_.options.placement.queues(),
      {{"_id", start.queue}, {"p_q", scope}, {"c.v", start.counter}},
      {{"$set", Document{{"c.v", next}, {"c.t", now.second()}, {"c.p", list_of(post)}}}});
  if (!before) return std::unexpected(std::move(before.error()));
  if (!*before) return std::nullopt;
  return QueueState{.document = *std::move(*before), .next = next};
}

Result<Counters::Shown> CommitRecordPublisher::make_visible(std::string_view scope,
                                                            const Batch& batch,
                                                            const PendingPost& post) {
  if (!post.from.empty()) return counters_.show(scope, post);
  std::vector<Write> writes;
  for (const auto& id : batch.ids()) writes.push_back(publication_of(id, post.tag));
  const auto done = shared_.messages.write(batch.collection(), writes);
  if (!done) return std::unexpected(done.error());
  return Counters::Shown{.shown = done->matched};
}

}  // namespace marconi::storage::mongodb
