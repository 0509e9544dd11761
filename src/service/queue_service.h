// The rules of queues: which names a page may hold, what metadata is acceptable, when a queue is
// made.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/error.h"
#include "domain/limits.h"
#include "domain/metadata_change.h"
#include "domain/names.h"
#include "domain/queue_filter.h"
#include "storage/store.h"

namespace marconi::service {

using base::Call;
using base::Result;
using storage::QueueEntry;

/// What to list. `limit` is as the client asked, still to be checked.
struct QueueListQuery {
  std::string after;
  std::int64_t limit = domain::kDefaultPageSize;
  bool with_metadata = false;
  bool with_count = false;
  domain::QueueFilter filter;
};

struct QueuePage {
  std::vector<QueueEntry> queues;
  std::uint64_t count = 0;  ///< all queues of the project; 0 unless asked for
};

/// Thread-safe. Errors of the storage are handed through without words of their own; every other
/// error carries a title and a description for the client.
class QueueService {
 public:
  /// The store must outlive the service.
  QueueService(storage::QueueStore& queues, const domain::Limits& limits)
      : queues_(queues), limits_(limits) {}

  /// Queues of a project by name. `invalid` if the limit is out of range.
  Result<QueuePage> list(Call& call, const domain::ProjectId& project,
                         const QueueListQuery& query) const;

  /// True if this call created the queue; an existing one keeps its metadata. `metadata` is the
  /// text of a valid JSON object; `invalid` if a reserved attribute breaks its rule (http-v2 §6.1).
  Result<bool> create(Call& call, const domain::QueueAddress& queue, std::string metadata) const;

  /// The metadata, or null if there is no such queue.
  Result<domain::SharedQueueMetadata> find(Call& call, const domain::QueueAddress& queue) const;

  /// The metadata; `queue_missing` if there is no such queue.
  Result<domain::SharedQueueMetadata> get(Call& call, const domain::QueueAddress& queue) const;

  /// Puts `metadata`, the text of a valid JSON object, in the place of the old one.
  /// `queue_missing` if there is no such queue. Reserved attributes are the caller's affair.
  Result<void> replace_metadata(Call& call, const domain::QueueAddress& queue,
                                const std::string& metadata) const;

  /// Changes single members, all steps or none (http-v2 §6.3). `queue_missing`; `conflict` if a
  /// step does not fit; `invalid` if the outcome breaks a rule or has become far larger than what
  /// one request may bring. Returns the new metadata.
  Result<domain::SharedQueueMetadata> change_metadata(
      Call& call, const domain::QueueAddress& queue,
      std::span<const domain::MetadataOperation> operations) const;

  /// Removes the queue and all it holds; no error if it does not exist.
  Result<void> remove(Call& call, const domain::QueueAddress& queue) const;

  /// What the queue holds now; nothing if there is no such queue.
  Result<std::optional<domain::QueueStats>> stats(Call& call,
                                                  const domain::QueueAddress& queue) const;

 private:
  storage::QueueStore& queues_;
  const domain::Limits limits_;
};

}  // namespace marconi::service
