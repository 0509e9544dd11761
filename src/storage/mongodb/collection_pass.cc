#include "storage/mongodb/collection_pass.h"

#include "storage/mongodb/left_posts.h"
#include "storage/mongodb/sweeper.h"

namespace marconi::storage::mongodb {

namespace {

constexpr std::int64_t kQueuesInPage = 1000;

/// So many steps in a row do not fail unless the database is away.
constexpr int kFailuresInARow = 3;

std::string scope_in(BsonView queue) {
  const auto scope = queue.find("p_q");
  return std::string(scope ? scope->as_text().value_or("") : "");
}

}  // namespace

Result<void> CollectionPass::run() {
  if (run_queues() && run_removed_queues() && take([this] { return sweep(); })) {
    (void)take([this] { return expired_.remove_records(); });
  }
  if (first_error_) return std::unexpected(*first_error_);
  return {};
}

/// False if the pass is to end.
bool CollectionPass::run_queues() {
  std::string after;
  for (;;) {
    const auto page = shared_.management.find(
        shared_.options.placement.queues(), {where("p_q", "$gt", after)},
        {.sort = {{"p_q", 1}}, .fields = {{"p_q", 1}, {"c", 1}}, .limit = kQueuesInPage});
    if (!page) return take([&]() -> Result<void> { return std::unexpected(page.error()); });
    if (!take([this] { return find_due_partitions(); })) return false;
    for (const auto& queue : *page) {
      if (!run_queue(queue.view())) return false;
    }
    if (std::ssize(*page) < kQueuesInPage) return true;
    after = scope_in(page->back().view());
  }
}

bool CollectionPass::run_queue(BsonView queue) {
  ++so_far_.queues;
  const auto scope = scope_in(queue);
  const bool repaired = take([&] {
    auto done = finish_posts(queue);
    return done ? raise_counter(queue) : done;
  });
  if (!repaired) return false;
  const auto partition = partition_of(scope, shared_.options.placement.partitions);
  if (!due_partitions_[partition]) return true;
  return take([&] {
    return expired_.remove(scope, [this](std::uint64_t removed) {
      so_far_.expired_messages += removed;
      return tell();
    });
  });
}

/// What is left of queues that were removed.
bool CollectionPass::run_removed_queues() {
  std::string after;
  for (;;) {
    const auto scopes = orphans_.removed_queues(after, kQueuesInPage);
    if (!scopes) return take([&]() -> Result<void> { return std::unexpected(scopes.error()); });
    for (const auto& scope : *scopes) {
      const bool on = take([&] {
        return orphans_.remove(scope, [this](std::uint64_t removed) {
          so_far_.orphaned_messages += removed;
          return tell();
        });
      });
      if (!on) return false;
    }
    if (std::ssize(*scopes) < kQueuesInPage) return true;
    after = scopes->back();
  }
}

/// Does something that need not succeed; false if the pass is to end.
bool CollectionPass::take(const Step& step) {
  if (const auto done = step()) {
    failures_in_a_row_ = 0;
  } else {
    if (!first_error_) first_error_ = done.error();
    ++so_far_.failures;
    if (++failures_in_a_row_ >= kFailuresInARow) {
      (void)tell();
      return false;
    }
  }
  return tell();
}

bool CollectionPass::tell() {
  ended_ = !go_on_(so_far_) || ended_;
  return !ended_;
}

// ---- the steps ------------------------------------------------------------------------------

Result<void> CollectionPass::find_due_partitions() {
  due_partitions_.assign(shared_.options.placement.partitions, true);
  for (std::uint32_t partition = 0; partition < due_partitions_.size(); ++partition) {
    const auto due = expired_.may_be_due(partition);
    if (!due) return std::unexpected(due.error());
    due_partitions_[partition] = *due;
  }
  return {};
}

Result<void> CollectionPass::finish_posts(BsonView queue) {
  const auto finished =
      finish_left_posts(counters_, scope_in(queue), pending_posts(queue), shared_.time.now());
  if (!finished) return std::unexpected(finished.error());
  so_far_.completed_posts += *finished;
  return {};
}

/// Where markers are unique, a poster of the reference service shows its messages before it counts
/// them. One that died in between stalls the posters after it, message by message. What is beyond
/// the counter elsewhere stalls nobody, and is not worth a look at every queue.
Result<void> CollectionPass::raise_counter(BsonView queue) {
  if (!shared_.options.placement.fifo) return {};
  const auto scope = scope_in(queue);
  const auto end = counters_.end_of_left(scope, integer_at(queue, "c.v"));
  if (!end) return std::unexpected(end.error());
  if (!*end) return {};
  const auto raised = counters_.raise_if_below(scope, *queue.find("_id")->as_object_id(), **end);
  if (!raised) return std::unexpected(raised.error());
  so_far_.raised_counters += *raised ? 1 : 0;
  return {};
}

Result<void> CollectionPass::sweep() {
  const auto finished = Sweeper(shared_).sweep();
  if (!finished) return std::unexpected(finished.error());
  so_far_.completed_posts += *finished;
  return {};
}

}  // namespace marconi::storage::mongodb
