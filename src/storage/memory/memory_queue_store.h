// The queues of a memory store.
#pragma once

#include "storage/memory/state.h"

namespace marconi::storage::memory {

class MemoryQueueStore final : public QueueStore {
 public:
  explicit MemoryQueueStore(State& state) : state_(state) {}

  Result<bool> create(Call& call, const QueueAddress& queue,
                      const domain::QueueMetadata& metadata) override;
  Result<domain::SharedQueueMetadata> find(Call& call, const QueueAddress& queue) override;
  /// `change` runs under the store's lock and must not call back into the store.
  Result<domain::SharedQueueMetadata> update(Call& call, const QueueAddress& queue,
                                             const MetadataChange& change) override;
  Result<void> remove(Call& call, const QueueAddress& queue) override;
  Result<std::vector<QueueEntry>> list(Call& call, const ProjectId& project,
                                       const QueueListRequest& request) override;
  Result<std::uint64_t> count(Call& call, const ProjectId& project) override;
  Result<std::optional<domain::QueueStats>> stats(Call& call, const QueueAddress& queue) override;

 private:
  State& state_;
};

}  // namespace marconi::storage::memory
