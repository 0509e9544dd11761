#include "storage/embedded/queue_directory.h"

#include <algorithm>
#include <functional>
#include <iterator>

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

QueueDirectory::QueueDirectory(Journal& journal, const Floors& floors, std::size_t cache_bytes,
                               const base::Clock& clock)
    : journal_(journal),
      floors_(floors),
      cache_bytes_(cache_bytes),
      clock_(clock),
      marker_floor_(floors.marker),
      next_number_(floors.queue),
      number_ceiling_(floors.queue) {}

QueueDirectory::Shard& QueueDirectory::shard_of(const std::string& key) {
  return shards_[std::hash<std::string>{}(key) % shards_.size()];
}

Result<SharedQueue> QueueDirectory::find(Patience patience, const domain::QueueAddress& address) {
  const auto key = directory_key(address);
  auto& shard = shard_of(key);
  const auto lock = lock_patiently(patience, shard.mutex);
  if (!lock) return std::unexpected(lock.error());
  return find_in(shard, patience, key, address);
}

Result<SharedQueue> QueueDirectory::find_in(Shard& shard, Patience patience, const std::string& key,
                                            const domain::QueueAddress& address) {
  if (const auto known = shard.places.find(key); known != shard.places.end()) {
    shard.queues.splice(shard.queues.begin(), shard.queues, known->second);
    known->second->used = clock_.monotonic_now();
    auto queue = known->second->queue;  // which makes it one in use
    make_room(shard);
    return queue->removed ? nullptr : queue;
  }
  auto found = read_queue_record(journal_.database(), patience, key);
  if (!found) return std::unexpected(found.error());
  if (auto running = journal_.check_running(); !running) return std::unexpected(running.error());
  if (!*found) return nullptr;
  auto& record = **found;
  auto metadata = domain::QueueMetadata::from_json(std::move(record.metadata_json));
  if (!metadata) {
    return base::fail(ErrorKind::unavailable, "the store holds damaged queue metadata");
  }
  auto queue = std::make_shared<Queue>(
      record.number, address, std::make_shared<const domain::QueueMetadata>(std::move(*metadata)),
      memory_, record.state);
  remember(shard, key, queue);
  return queue;
}

Result<QueueDirectory::Creation> QueueDirectory::create(
    Patience patience, const domain::QueueAddress& address,
    const domain::SharedQueueMetadata& metadata) {
  const auto key = directory_key(address);
  auto& shard = shard_of(key);
  const auto lock = lock_patiently(patience, shard.mutex);
  if (!lock) return std::unexpected(lock.error());
  auto existing = find_in(shard, patience, key, address);
  if (!existing) return std::unexpected(existing.error());
  if (*existing) return Creation{*existing, false, last_change()};

  const auto serial = serialize_changes(patience);
  if (!serial) return std::unexpected(serial.error());
  const auto number = take_number(patience);
  if (!number) return std::unexpected(number.error());
  auto queue = std::make_shared<Queue>(*number, address, metadata, memory_);
  queue->start(marker_floor_, floors_.claim);
  Batch batch(journal_.database());
  const StateRecord owner{.project = address.project, .name = address.name.text()};
  batch.put(Table::states, QueueKey{*number}, owner.encode());
  batch.add(project_count_key(address.project), 1);
  QueueChange change(*queue, batch, 0);
  change.finish();
  const auto ticket = journal_.commit(patience, batch);
  if (!ticket) return std::unexpected(ticket.error());
  changed(*ticket);
  queue->metadata_changed = queue->last_write = *ticket;
  if (const auto old = shard.places.find(key); old != shard.places.end()) {
    forget(shard, old->second);  // removed, but not yet taken out by whoever removed it
  }
  remember(shard, key, queue);
  return Creation{queue, true, *ticket};
}

Result<QueueNumber> QueueDirectory::take_number(Patience patience) {
  constexpr QueueNumber kReserved = 1024;
  const std::scoped_lock lock(numbers_mutex_);
  if (next_number_ >= number_ceiling_) {
    // Written before any record that uses these numbers, and so never lost while one survives.
    Batch batch(journal_.database());
    batch.put(Table::meta, kQueueNumberKey,
              encode_counter(static_cast<std::int64_t>(next_number_ + kReserved)));
    if (auto written = journal_.commit(patience, batch); !written) {
      return std::unexpected(written.error());
    }
    number_ceiling_ = next_number_ + kReserved;
  }
  return next_number_++;
}

QueueNumber QueueDirectory::next_number() {
  const std::scoped_lock lock(numbers_mutex_);
  return next_number_;
}

void QueueDirectory::put_removal(Queue& queue, Batch& batch) {
  batch.erase(Table::queues, directory_key(queue.address));
  batch.erase(Table::states, QueueKey{queue.number});
  batch.add(project_count_key(queue.address.project), -1);
  raise(marker_floor_, queue.next_marker());
  batch.put(Table::meta, kMarkerFloorKey,
            encode_counter(static_cast<std::int64_t>(marker_floor_.load())));
}

void QueueDirectory::removed(Queue& queue) {
  queue.removed = true;
  keep_peaks(queue);
  const auto key = directory_key(queue.address);
  auto& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto known = shard.places.find(key);
  if (known != shard.places.end() && known->second->queue.get() == &queue) {
    forget(shard, known->second);
  }
}

void QueueDirectory::changed(CommitTicket ticket) { raise(last_change_, ticket.value); }

Result<void> QueueDirectory::rest_on_changes(base::Call& call) {
  {
    // Whatever was read was written under this mutex; once it is free, its ticket is noted.
    const auto serial = serialize_changes(call.patience());
    if (!serial) return std::unexpected(serial.error());
  }
  journal_.rest(call, last_change());
  return journal_.check_running();
}

void QueueDirectory::remember(Shard& shard, const std::string& key, SharedQueue queue) {
  make_room(shard);
  shard.queues.push_front({key, std::move(queue), clock_.monotonic_now()});
  shard.places.emplace(shard.queues.front().key, shard.queues.begin());
}

void QueueDirectory::forget(Shard& shard, std::list<Entry>::iterator entry) {
  shard.places.erase(entry->key);
  shard.queues.erase(entry);
}

void QueueDirectory::make_room(Shard& shard) {
  constexpr int kLooks = 8;
  for (int i = 0; i < kLooks && *memory_ > cache_bytes_; ++i) {
    // In turn, as what is in the way is mostly in other shards than the one at hand.
    auto& next = shards_[turn_++ % shards_.size()];
    std::unique_lock lock(next.mutex, std::defer_lock);
    if (&next == &shard || lock.try_lock()) forget_oldest(next);
  }
}

void QueueDirectory::forget_oldest(Shard& shard) {
  // To load a queue takes far longer than to use it, so what is used all the time stays. What is
  // looked up once in passing must not take memory without end, however.
  constexpr std::chrono::seconds kMoment(1);
  if (shard.queues.empty()) return;
  const auto oldest = std::prev(shard.queues.end());
  const auto now = clock_.monotonic_now();
  if (now - oldest->used < kMoment && *memory_ <= 2 * cache_bytes_) return;
  auto& queue = *oldest->queue;
  // If only the shard knows the queue, nobody holds its mutex or waits for it; it is taken all
  // the same, for the sake of what its last user wrote.
  const bool is_idle =
      oldest->queue.use_count() == 1 && std::unique_lock(queue.mutex, std::try_to_lock);
  if (is_idle && journal_.is_settled(queue.last_write)) {
    keep_peaks(queue);
    forget(shard, oldest);
  } else {
    oldest->used = now;
    shard.queues.splice(shard.queues.begin(), shard.queues, oldest);
  }
}

void QueueDirectory::keep_peaks(const Queue& queue) {
  raise(marker_peak_, queue.marker_peak());
  raise(claim_peak_, queue.next_claim());
}

Floors QueueDirectory::used_numbers() {
  std::vector<SharedQueue> known;
  for (auto& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    for (const auto& entry : shard.queues) known.push_back(entry.queue);
  }
  for (const auto& queue : known) {
    const std::scoped_lock lock(queue->mutex);  // never while a shard is locked
    keep_peaks(*queue);
  }
  Floors used = floors_;
  used.marker = std::max({used.marker, marker_floor_.load(), marker_peak_.load()});
  used.claim = std::max(used.claim, claim_peak_.load());
  const std::scoped_lock lock(numbers_mutex_);
  used.queue = std::max(used.queue, next_number_);
  return used;
}

}  // namespace marconi::storage::embedded
