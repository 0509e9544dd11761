#include "storage/memory/memory_queue_store.h"

#include <memory>
#include <utility>

namespace marconi::storage::memory {

Result<bool> MemoryQueueStore::create(Call&, const QueueAddress& queue,
                                      const domain::QueueMetadata& metadata) {
  return Access(state_).create(queue, std::make_shared<const domain::QueueMetadata>(metadata));
}

Result<domain::SharedQueueMetadata> MemoryQueueStore::find(Call&, const QueueAddress& queue) {
  Access access(state_);
  const Queue* found = access.find(queue);
  return found ? found->metadata() : nullptr;
}

Result<domain::SharedQueueMetadata> MemoryQueueStore::update(Call&, const QueueAddress& queue,
                                                             const MetadataChange& change) {
  Access access(state_);
  Queue* found = access.find(queue);
  if (!found) return base::fail(base::ErrorKind::queue_missing);
  auto changed = change(*found->metadata());
  if (!changed) return std::unexpected(std::move(changed.error()));
  found->set_metadata(std::make_shared<const domain::QueueMetadata>(*std::move(changed)));
  return found->metadata();
}

Result<void> MemoryQueueStore::remove(Call&, const QueueAddress& queue) {
  Access(state_).remove(queue);
  return {};
}

Result<std::vector<QueueEntry>> MemoryQueueStore::list(Call&, const ProjectId& project,
                                                       const QueueListRequest& request) {
  const Access access(state_);
  const Project& queues = access.project(project);
  std::vector<QueueEntry> page;
  for (auto at = queues.upper_bound(request.after);
       at != queues.end() && page.size() < request.limit; ++at) {
    const auto& [name, queue] = *at;
    if (!request.filter.matches_name(name)) continue;
    if (!request.filter.matches_metadata(queue.metadata()->json())) continue;
    page.push_back({name, request.with_metadata ? queue.metadata() : nullptr});
  }
  return page;
}

Result<std::uint64_t> MemoryQueueStore::count(Call&, const ProjectId& project) {
  return Access(state_).project(project).size();
}

Result<std::optional<domain::QueueStats>> MemoryQueueStore::stats(Call&,
                                                                  const QueueAddress& queue) {
  Access access(state_);
  const Queue* found = access.find(queue);
  if (!found) return std::nullopt;
  return found->stats(access.now());
}

}  // namespace marconi::storage::memory
