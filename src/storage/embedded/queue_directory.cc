#include "storage/embedded/queue_directory.h"

#include <algorithm>
#include <functional>

#include "storage/embedded/codec.h"
#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::CommitTicket;
using base::ErrorKind;
using base::Patience;
using base::Result;

namespace {

/// Raises an atomic to at least `value`.
void raise(std::atomic<std::uint64_t>& atomic, std::uint64_t value) {
  auto current = atomic.load();
  while (current < value && !atomic.compare_exchange_weak(current, value)) {
  }
}

}  // namespace

QueueDirectory::QueueDirectory(Journal& journal, const Floors& floors, std::size_t cached_queues)
    : journal_(journal),
      floors_(floors),
      cached_queues_per_shard_(std::max<std::size_t>(1, cached_queues / kShards)),
      marker_floor_(floors.marker),
      next_number_(floors.queue),
      number_ceiling_(floors.queue) {}

QueueDirectory::Shard& QueueDirectory::shard_of(const std::string& key) {
  return shards_[std::hash<std::string>{}(key) % shards_.size()];
}

Result<SharedQueue> QueueDirectory::find(Patience patience, const domain::QueueAddress& address) {
  const auto key = directory_key(address);
  auto& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  return find_in(shard, patience, key, address);
}

Result<SharedQueue> QueueDirectory::find_in(Shard& shard, Patience patience, const std::string& key,
                                            const domain::QueueAddress& address) {
  if (const auto known = shard.queues.find(key); known != shard.queues.end()) {
    return known->second->removed ? nullptr : known->second;
  }
  std::string bytes;
  const auto found = journal_.database().get(patience, Table::queues, key, bytes);
  if (!found) return std::unexpected(found.error());
  if (!*found) return nullptr;
  auto record = QueueRecord::decode(bytes);
  if (!record) return base::fail(ErrorKind::unavailable, "the store holds a damaged queue record");
  auto metadata = domain::QueueMetadata::from_json(std::move(record->metadata_json));
  if (!metadata)
    return base::fail(ErrorKind::unavailable, "the store holds damaged queue metadata");
  make_room(shard);
  auto queue = std::make_shared<Queue>(
      record->number, address, std::make_shared<const domain::QueueMetadata>(std::move(*metadata)));
  shard.queues.emplace(key, queue);
  return queue;
}

Result<QueueDirectory::Creation> QueueDirectory::create(
    Patience patience, const domain::QueueAddress& address,
    const domain::SharedQueueMetadata& metadata) {
  const auto key = directory_key(address);
  auto& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  auto existing = find_in(shard, patience, key, address);
  if (!existing) return std::unexpected(existing.error());
  if (*existing) return Creation{*existing, false};

  const auto number = take_number(patience);
  if (!number) return std::unexpected(number.error());
  auto queue = std::make_shared<Queue>(*number, address, metadata);
  queue->start(marker_floor(), floors_.claim);
  Batch batch;
  QueueRecord record{*number, metadata->json()};
  batch.put(Table::queues, key, record.encode());
  batch.add(project_count_key(address.project), 1);
  QueueChange change(*queue, batch, 0);
  change.finish();
  const auto ticket = journal_.commit(patience, batch);
  if (!ticket) return std::unexpected(ticket.error());
  queue->metadata_changed = queue->last_write = *ticket;
  changed(*ticket);
  make_room(shard);
  shard.queues.insert_or_assign(key, queue);
  return Creation{queue, true};
}

Result<QueueNumber> QueueDirectory::take_number(Patience patience) {
  constexpr QueueNumber kReserved = 1024;
  const std::scoped_lock lock(numbers_mutex_);
  if (next_number_ >= number_ceiling_) {
    // Written before any record that uses these numbers, and so never lost while one survives.
    Batch batch;
    batch.put(Table::meta, kQueueNumberKey,
              encode_counter(static_cast<std::int64_t>(next_number_ + kReserved)));
    if (auto written = journal_.commit(patience, batch); !written) {
      return std::unexpected(written.error());
    }
    number_ceiling_ = next_number_ + kReserved;
  }
  return next_number_++;
}

Result<void> QueueDirectory::put_removal(Patience patience, Queue& queue, UtcSeconds now,
                                         Batch& batch) {
  QueueChange change(queue, batch, now);
  if (auto cleared = change.clear(journal_.database(), patience); !cleared) return cleared;
  batch.erase(Table::queues, directory_key(queue.address));
  batch.erase(Table::states, QueueKey{queue.number});
  batch.add(project_count_key(queue.address.project), -1);
  if (queue.next_marker() > marker_floor()) {
    raise(marker_floor_, queue.next_marker());
    batch.put(Table::meta, kMarkerFloorKey,
              encode_counter(static_cast<std::int64_t>(marker_floor())));
  }
  return {};
}

void QueueDirectory::removed(Queue& queue, CommitTicket ticket) {
  queue.removed = true;
  changed(ticket);
  raise(claim_peak_, queue.next_claim());
  const auto key = directory_key(queue.address);
  auto& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto known = shard.queues.find(key);
  if (known != shard.queues.end() && known->second.get() == &queue) shard.queues.erase(known);
}

void QueueDirectory::changed(CommitTicket ticket) { raise(last_change_, ticket.value); }

void QueueDirectory::make_room(Shard& shard) {
  if (shard.queues.size() < cached_queues_per_shard_) return;
  for (auto entry = shard.queues.begin(); entry != shard.queues.end();) {
    auto& queue = *entry->second;
    // Only this map knows the queue, so nobody holds its mutex or waits for it.
    if (entry->second.use_count() == 1 && journal_.is_settled(queue.last_write) &&
        journal_.is_settled(queue.metadata_changed)) {
      raise(claim_peak_, queue.next_claim());
      raise(marker_peak_, queue.next_marker());
      entry = shard.queues.erase(entry);
      if (shard.queues.size() * 4 < cached_queues_per_shard_ * 3) return;
    } else {
      ++entry;
    }
  }
}

Floors QueueDirectory::used_numbers() {
  Floors used = floors_;
  used.marker = std::max({used.marker, marker_floor(), marker_peak_.load()});
  used.claim = std::max(used.claim, claim_peak_.load());
  for (auto& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    for (const auto& [key, queue] : shard.queues) {
      used.marker = std::max(used.marker, queue->next_marker());
      used.claim = std::max(used.claim, queue->next_claim());
    }
  }
  const std::scoped_lock lock(numbers_mutex_);
  used.queue = std::max(used.queue, next_number_);
  return used;
}

}  // namespace marconi::storage::embedded
