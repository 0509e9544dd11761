#include "service/queue_service.h"

#include <utility>

#include "domain/errors.h"
#include "domain/reserved_attributes.h"
#include "service/storage_errors.h"

namespace marconi::service {

namespace errors = domain::errors;
using domain::QueueAddress;
using domain::QueueMetadata;
using domain::SharedQueueMetadata;

namespace {

/// Single changes may add up to more than one request could bring, but not without end.
constexpr std::int64_t kMaxGrowth = 2;

/// Metadata from text that a client may have put anything into.
Result<QueueMetadata> checked_metadata(std::string object, const domain::Limits& limits) {
  if (auto fault = domain::find_reserved_attribute_fault(object, limits)) {
    return std::unexpected(errors::invalid_request(std::move(*fault)));
  }
  return QueueMetadata::from_json(std::move(object));
}

}  // namespace

Result<QueuePage> QueueService::list(Call& call, const domain::ProjectId& project,
                                     const QueueListQuery& query) const {
  if (query.limit < 1 || query.limit > limits_.max_queues_per_page) {
    return std::unexpected(errors::queue_limit_out_of_range(limits_.max_queues_per_page));
  }
  auto queues = queues_.list(call, project,
                             {.after = query.after,
                              .limit = static_cast<std::uint64_t>(query.limit),
                              .with_metadata = query.with_metadata,
                              .filter = query.filter});
  if (!queues) return std::unexpected(queues.error());
  QueuePage page;
  page.queues = std::move(*queues);
  if (query.with_count) {
    const auto count = queues_.count(call, project);
    if (!count) return std::unexpected(count.error());
    page.count = *count;
  }
  return page;
}

Result<bool> QueueService::create(Call& call, const QueueAddress& queue,
                                  std::string metadata) const {
  const auto checked = checked_metadata(std::move(metadata), limits_);
  if (!checked) return std::unexpected(checked.error());
  return queues_.create(call, queue, *checked);
}

Result<SharedQueueMetadata> QueueService::find(Call& call, const QueueAddress& queue) const {
  return queues_.find(call, queue);
}

Result<SharedQueueMetadata> QueueService::get(Call& call, const QueueAddress& queue) const {
  auto metadata = queues_.find(call, queue);
  if (metadata && !*metadata) return std::unexpected(errors::queue_missing(queue));
  return metadata;
}

Result<void> QueueService::replace_metadata(Call& call, const QueueAddress& queue,
                                            const std::string& metadata) const {
  const auto replaced = queues_.update(
      call, queue, [&](const QueueMetadata&) { return QueueMetadata::from_json(metadata); });
  if (!replaced) return std::unexpected(in_words(replaced.error(), queue));
  return {};
}

Result<SharedQueueMetadata> QueueService::change_metadata(
    Call& call, const QueueAddress& queue,
    std::span<const domain::MetadataOperation> operations) const {
  auto changed =
      queues_.update(call, queue, [&](const QueueMetadata& current) -> Result<QueueMetadata> {
        auto object = domain::apply_operations(operations, current.json());
        if (!object) return std::unexpected(object.error());
        const std::int64_t max_bytes = kMaxGrowth * limits_.max_queue_metadata_bytes;
        if (std::cmp_greater(object->size(), max_bytes)) {
          return std::unexpected(errors::metadata_too_large(max_bytes));
        }
        return checked_metadata(std::move(*object), limits_);
      });
  if (!changed) return std::unexpected(in_words(changed.error(), queue));
  return changed;
}

Result<void> QueueService::remove(Call& call, const QueueAddress& queue) const {
  return queues_.remove(call, queue);
}

Result<std::optional<domain::QueueStats>> QueueService::stats(Call& call,
                                                              const QueueAddress& queue) const {
  return queues_.stats(call, queue);
}

}  // namespace marconi::service
