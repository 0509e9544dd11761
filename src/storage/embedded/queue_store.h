// Queues of the embedded store.
#pragma once

#include "storage/embedded/engine.h"
#include "storage/store.h"

namespace marconi::storage::embedded {

class EmbeddedQueueStore final : public QueueStore {
 public:
  explicit EmbeddedQueueStore(const EngineHolder& engines) : engines_(engines) {}

  Result<bool> create(Call& call, const QueueAddress& queue,
                      const domain::QueueMetadata& metadata) override;
  Result<domain::SharedQueueMetadata> find(Call& call, const QueueAddress& queue) override;
  Result<domain::SharedQueueMetadata> update(Call& call, const QueueAddress& queue,
                                             const MetadataChange& change) override;
  Result<void> remove(Call& call, const QueueAddress& queue) override;
  Result<std::vector<QueueEntry>> list(Call& call, const ProjectId& project,
                                       const QueueListRequest& request) override;
  Result<std::uint64_t> count(Call& call, const ProjectId& project) override;
  Result<std::optional<domain::QueueStats>> stats(Call& call, const QueueAddress& queue) override;

 private:
  const EngineHolder& engines_;
};

}  // namespace marconi::storage::embedded
