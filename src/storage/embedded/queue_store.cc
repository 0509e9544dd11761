#include "storage/embedded/queue_store.h"

#include "storage/embedded/keys.h"
#include "storage/embedded/queue_search.h"

namespace marconi::storage::embedded {

namespace {

domain::MessageSummary summarize(const OpenQueue& open, const StoredMessage& message) {
  return {.id = open.id_of(message),
          .age_seconds = open.age_since(message.record.created),
          .created_utc_seconds = whole_seconds(message.record.created)};
}

Result<std::optional<StoredMessage>> first_alive(Call& call, const OpenQueue& open) {
  std::optional<StoredMessage> first;
  base::CommitTicket rests_on;
  auto scanned =
      open.queue->scan(*open.engine->database, call.patience(), 0, open.queue->next_marker(),
                       Wanted{.now = open.now, .hidden_client = {}}, rests_on,
                       [&](StoredMessage&& message, std::string_view encoded) {
                         message.keep(encoded);
                         first = std::move(message);
                         return false;
                       });
  if (!scanned) return std::unexpected(scanned.error());
  return first;
}

/// Writes the removal of a queue whose content is cleared in the batch already.
Result<void> write_removal(Call& call, const OpenQueue& open, Batch& batch) {
  auto& directory = open.engine->directory;
  auto serial = directory.serialize_changes(call.patience());
  if (!serial) return std::unexpected(serial.error());
  directory.put_removal(*open.queue, batch);
  open.engine->names.put_removal(*open.queue, batch);
  const auto ticket = open.engine->journal.commit(call.patience(), batch);
  if (!ticket) return std::unexpected(ticket.error());
  directory.changed(*ticket);
  serial->unlock();  // a shard may not be locked while changes are
  directory.removed(*open.queue);
  call.rests_on(*ticket);
  return {};
}

}  // namespace

Result<bool> EmbeddedQueueStore::create(Call& call, const QueueAddress& queue,
                                        const domain::QueueMetadata& metadata) {
  auto engine = present_engine(engines_);
  if (!engine) return std::unexpected(engine.error());
  auto creation = (*engine)->directory.create(
      call.patience(), queue, std::make_shared<const domain::QueueMetadata>(metadata));
  if (!creation) return std::unexpected(creation.error());
  // Whoever made the queue, its being there rests on the creation.
  (*engine)->journal.rest(call, creation->changed);
  return creation->created;
}

Result<domain::SharedQueueMetadata> EmbeddedQueueStore::find(Call& call,
                                                             const QueueAddress& queue) {
  auto open = open_queue(engines_, call, queue, Needs::metadata);
  if (!open) return std::unexpected(open.error());
  return open->exists() ? open->queue->metadata : nullptr;
}

Result<domain::SharedQueueMetadata> EmbeddedQueueStore::update(Call& call,
                                                               const QueueAddress& queue,
                                                               const MetadataChange& change) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return base::fail(base::ErrorKind::queue_missing);
  auto changed = change(*open->queue->metadata);
  if (!changed) return std::unexpected(changed.error());
  auto metadata = std::make_shared<const domain::QueueMetadata>(std::move(*changed));
  Batch batch(*open->engine->database);
  batch.put(Table::queues, directory_key(queue), open->queue->record_with(*metadata).encode());
  auto& directory = open->engine->directory;
  const auto serial = directory.serialize_changes(call.patience());
  if (!serial) return std::unexpected(serial.error());
  const auto ticket = open->engine->journal.commit(call.patience(), batch);
  if (!ticket) return std::unexpected(ticket.error());
  directory.changed(*ticket);
  open->queue->metadata = metadata;
  open->queue->measure();
  open->queue->metadata_changed = open->queue->last_write = *ticket;
  call.rests_on(*ticket);
  return metadata;
}

Result<void> EmbeddedQueueStore::remove(Call& call, const QueueAddress& queue) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return {};
  Batch batch(*open->engine->database);
  QueueChange change(*open->queue, batch, open->now);
  auto removed = change.clear(*open->engine->database, call.patience());
  if (removed) removed = write_removal(call, *open, batch);
  if (!removed) open->queue->forget();
  return removed;
}

Result<std::vector<QueueEntry>> EmbeddedQueueStore::list(Call& call, const ProjectId& project,
                                                         const QueueListRequest& request) {
  auto engine = present_engine(engines_);
  if (!engine) return std::unexpected(engine.error());
  auto entries = QueueSearch(**engine, call.patience(), project, request).run();
  if (!entries) return entries;
  if (auto rested = (*engine)->directory.rest_on_changes(call); !rested) {
    return std::unexpected(rested.error());
  }
  return entries;
}

Result<std::uint64_t> EmbeddedQueueStore::count(Call& call, const ProjectId& project) {
  auto engine = present_engine(engines_);
  if (!engine) return std::unexpected(engine.error());
  const auto counted = (*engine)->database->counter(call.patience(), project_count_key(project));
  if (!counted) return std::unexpected(counted.error());
  if (auto rested = (*engine)->directory.rest_on_changes(call); !rested) {
    return std::unexpected(rested.error());
  }
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, *counted));
}

Result<std::optional<domain::QueueStats>> EmbeddedQueueStore::stats(Call& call,
                                                                    const QueueAddress& queue) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return std::nullopt;
  domain::QueueStats stats;
  stats.total = open->queue->alive(open->now);
  stats.claimed = open->queue->claimed(open->now);
  if (stats.total > 0) {
    const auto oldest = first_alive(call, *open);
    if (!oldest) return std::unexpected(oldest.error());
    const auto newest = open->queue->last(*open->engine->database, call.patience(), open->now);
    if (!newest) return std::unexpected(newest.error());
    if (*oldest) stats.oldest = summarize(*open, **oldest);
    if (*newest) stats.newest = summarize(*open, **newest);
  }
  open->engine->journal.rest(call, open->queue->last_write);
  return stats;
}

}  // namespace marconi::storage::embedded
