// The queues of a MongoDB store.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "storage/mongodb/counter.h"
#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

class MongodbQueueStore final : public QueueStore {
 public:
  explicit MongodbQueueStore(const Shared& shared) : shared_(shared), counters_(shared) {}

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
  /// Takes a queue's name and document; false ends the visit.
  using Visitor = std::function<bool(std::string_view name, BsonView queue)>;

  Result<void> visit(const ProjectId& project, std::string_view after, const Document& fields,
                     const Visitor& visitor);
  Result<bool> replace_metadata(std::string_view scope, BsonView current,
                                const domain::QueueMetadata& metadata);
  Result<bool> remove_as_of(std::string_view scope, std::int64_t next);
  Result<std::optional<domain::MessageSummary>> summary_of_first(const std::string& scope,
                                                                 const Document& filter, int order,
                                                                 Moment now);

  const Shared& shared_;
  Counters counters_;
};

/// Makes an empty queue whose markers go on behind those of its predecessors. False if it exists.
Result<bool> create_queue(const Shared& shared, std::string_view scope,
                          const domain::QueueMetadata& metadata);

/// Removes all messages with markers below `next`, and all claims.
Result<void> purge_queue(const Shared& shared, std::string_view scope, std::int64_t next);

}  // namespace marconi::storage::mongodb
