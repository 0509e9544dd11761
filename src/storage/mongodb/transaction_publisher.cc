#include "storage/mongodb/transaction_publisher.h"

#include <algorithm>

namespace marconi::storage::mongodb {

Result<void> TransactionPublisher::publish(std::string_view scope, Batch& batch) {
  Attempts attempts(shared_);
  while (attempts.next()) {
    auto obstacle = Obstacle::none;
    // Not asked for inside: that may take a connection, and the transaction may have the only one.
    const auto now = shared_.time.now();
    const auto ended = shared_.messages.transact(
        [&](Operations& inside) { return post(inside, scope, batch, now, obstacle); },
        attempts.give_up_at());
    if (ended && *ended == Transacted::committed) return {};
    if (ended && *ended == Transacted::unknown) {
      return base::fail(base::ErrorKind::unavailable, "whether the post has happened is not known");
    }
    if (!ended && ended.error().kind != base::ErrorKind::conflict) {
      return std::unexpected(ended.error());
    }
    if (!ended) {  // an id is taken by an earlier attempt, or a marker by somebody else
      const auto there = is_there(scope, batch);
      if (!there) return std::unexpected(there.error());
      if (*there) return {};
    }
    if (obstacle == Obstacle::pending_posts) {
      if (auto done = counters_.read_settled(scope); !done) return std::unexpected(done.error());
    }
  }
  return Attempts::exhausted();
}

Result<bool> TransactionPublisher::post(Operations& inside, std::string_view scope, Batch& batch,
                                        Moment now, Obstacle& obstacle) {
  const auto& queues = shared_.options.placement.queues();
  const auto size = static_cast<std::int64_t>(batch.size());
  const auto before = inside.find_and_update(
      queues, {{"p_q", scope}},
      {{"$inc", Document{{"c.v", size}}}, {"$set", Document{{"c.t", now.second()}}}});
  if (!before) return std::unexpected(before.error());
  if (!*before) return base::fail(base::ErrorKind::queue_missing);
  if ((*before)->find("c.p.0")) {
    // A host without transactions has committed what may not be visible yet.
    obstacle = Obstacle::pending_posts;
    return false;
  }
  const auto next = integer_at((*before)->view(), "c.v");
  const auto first = first_marker(
      inside, scope, lifted(shared_.options, *(*before)->find("_id")->as_object_id(), next), now);
  if (!first) return std::unexpected(first.error());
  if (!*first) return false;
  const auto end = batch.show(inside, **first, 0);
  if (!end) return std::unexpected(end.error());
  if (*end == next + size) return true;
  const auto moved =
      inside.find_and_update(queues, {{"p_q", scope}}, {{"$set", Document{{"c.v", *end}}}});
  if (!moved) return std::unexpected(moved.error());
  return true;
}

/// Where markers are unique, behind what is not counted; nothing if a poster may be about to count
/// some of it: a marker that was jumped over could be used later.
Result<std::optional<std::int64_t>> TransactionPublisher::first_marker(Operations& inside,
                                                                       std::string_view scope,
                                                                       std::int64_t next,
                                                                       Moment now) {
  if (!shared_.options.placement.fifo) return next;
  const auto last = inside.find_one(shared_.options.placement.messages(scope),
                                    {{"p_q", scope}, where("k", "$gte", next)},
                                    {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!last) return std::unexpected(last.error());
  if (!*last) return next;
  const auto young = counters_.are_being_counted(inside, scope, next, now);
  if (!young) return std::unexpected(young.error());
  if (*young) return std::nullopt;
  return integer_at((*last)->view(), "k") + 1;
}

Result<bool> TransactionPublisher::is_there(std::string_view scope, const Batch& batch) {
  const auto found = shared_.messages.find(
      batch.collection(),
      {where("_id", "$in", Array(batch.ids())), {"p_q", scope}, {"tx", nullptr}},
      {.fields = {{"_id", 1}}});
  if (!found) return std::unexpected(found.error());
  return found->size() == batch.size();
}

}  // namespace marconi::storage::mongodb
