#include "storage/embedded/queue_store.h"

#include "storage/embedded/keys.h"

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
  auto scanned = open.queue->scan(
      *open.engine->database, call.patience(), 0, open.queue->next_marker(),
      Wanted{.now = open.now, .hidden_client = {}}, rests_on, [&](StoredMessage&& message) {
        first = std::move(message);
        return false;
      });
  if (!scanned) return std::unexpected(scanned.error());
  return first;
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
  (*engine)->journal.rest(call, (*engine)->directory.last_change());
  return creation->created;
}

Result<domain::SharedQueueMetadata> EmbeddedQueueStore::find(Call& call,
                                                             const QueueAddress& queue) {
  auto open = open_queue(engines_, call, queue);
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
  Batch batch;
  QueueRecord record{open->queue->number, metadata->json()};
  batch.put(Table::queues, directory_key(queue), record.encode());
  const auto ticket = open->engine->journal.commit(call.patience(), batch);
  if (!ticket) return std::unexpected(ticket.error());
  open->queue->metadata = metadata;
  open->queue->metadata_changed = open->queue->last_write = *ticket;
  open->engine->directory.changed(*ticket);
  call.rests_on(*ticket);
  return metadata;
}

Result<void> EmbeddedQueueStore::remove(Call& call, const QueueAddress& queue) {
  auto open = open_queue(engines_, call, queue);
  if (!open) return std::unexpected(open.error());
  if (!open->exists()) return {};
  auto& directory = open->engine->directory;
  const auto serial = directory.serialize_removals();
  Batch batch;
  auto put = directory.put_removal(call.patience(), *open->queue, open->now, batch);
  if (put) {
    const auto ticket = open->engine->journal.commit(call.patience(), batch);
    if (ticket) {
      call.rests_on(*ticket);
      directory.removed(*open->queue, *ticket);
      return {};
    }
    put = std::unexpected(ticket.error());
  }
  open->queue->forget();
  return put;
}

Result<std::vector<QueueEntry>> EmbeddedQueueStore::list(Call& call, const ProjectId& project,
                                                         const QueueListRequest& request) {
  auto engine = present_engine(engines_);
  if (!engine) return std::unexpected(engine.error());
  const auto prefix = project_prefix(project);
  const auto end = after_prefix(prefix);
  std::vector<QueueEntry> entries;
  auto cursor = (*engine)->database->scan(call.patience(), Table::queues, prefix, end);
  const auto after = prefix + request.after;
  cursor.seek(after);
  if (!request.after.empty() && cursor.valid() && cursor.key() == after) cursor.next();
  const bool needs_metadata = request.with_metadata || !request.filter.metadata.empty();
  for (; cursor.valid() && entries.size() < request.limit; cursor.next()) {
    const auto name = cursor.key().substr(prefix.size());
    if (!request.filter.matches_name(name)) continue;
    QueueEntry entry{std::string(name), nullptr};
    if (needs_metadata) {
      auto record = QueueRecord::decode(cursor.value());
      if (!record)
        return base::fail(base::ErrorKind::unavailable, "the store holds a damaged queue record");
      auto metadata = domain::QueueMetadata::from_json(std::move(record->metadata_json));
      if (!metadata)
        return base::fail(base::ErrorKind::unavailable, "the store holds damaged queue metadata");
      if (!request.filter.matches_metadata(*metadata)) continue;
      if (request.with_metadata) {
        entry.metadata = std::make_shared<const domain::QueueMetadata>(std::move(*metadata));
      }
    }
    entries.push_back(std::move(entry));
  }
  if (auto status = cursor.status(); !status) return std::unexpected(status.error());
  // After the scan: whatever it saw was written with a ticket up to this one.
  (*engine)->journal.rest(call, (*engine)->directory.last_change());
  return entries;
}

Result<std::uint64_t> EmbeddedQueueStore::count(Call& call, const ProjectId& project) {
  auto engine = present_engine(engines_);
  if (!engine) return std::unexpected(engine.error());
  const auto counted = (*engine)->database->counter(call.patience(), project_count_key(project));
  if (!counted) return std::unexpected(counted.error());
  (*engine)->journal.rest(call, (*engine)->directory.last_change());
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
