// From a queue's address to the queue in memory: looks it up, loads it, creates and removes it,
// and forgets queues that nobody uses.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "storage/embedded/journal.h"
#include "storage/embedded/queue.h"
#include "storage/embedded/store_clock.h"

namespace marconi::storage::embedded {

using SharedQueue = std::shared_ptr<Queue>;

/// Numbers that a new opening of the database must not hand out again.
struct Floors {
  MarkerNumber marker = kBlockSize;  ///< markers start above 0, so that 0 can mean the beginning
  std::uint64_t claim = 1;
  QueueNumber queue = 1;
};

/// Thread-safe. Locks, in the order in which they may be taken: queues by ascending number, then
/// removals, one shard of the directory, the numbers.
class QueueDirectory {
 public:
  QueueDirectory(Journal& journal, const Floors& floors, std::size_t cached_queues);

  /// The queue, or null if there is none. Its state is not loaded yet.
  base::Result<SharedQueue> find(base::Patience patience, const domain::QueueAddress& address);

  /// The queue; `created` tells whether this call made it, in which case its records are written
  /// and it rests on `queue->metadata_changed`.
  struct Creation {
    SharedQueue queue;
    bool created = false;
  };
  base::Result<Creation> create(base::Patience patience, const domain::QueueAddress& address,
                                const domain::SharedQueueMetadata& metadata);

  /// Held from `put_removal` until its batch is written, so that the marker floor only rises.
  [[nodiscard]] std::unique_lock<std::mutex> serialize_removals() {
    return std::unique_lock(removals_mutex_);
  }

  /// Puts the removal of everything the queue has into `batch`. The queue's mutex must be held.
  base::Result<void> put_removal(base::Patience patience, Queue& queue, UtcSeconds now,
                                 Batch& batch);

  /// After the removal was written: lets nobody find the queue any more.
  void removed(Queue& queue, base::CommitTicket ticket);

  /// Ticket of the last creation, removal or change of metadata in the store.
  [[nodiscard]] base::CommitTicket last_change() const { return {last_change_.load()}; }
  void changed(base::CommitTicket ticket);

  /// A lower bound for the markers of new queues: no marker of a removed queue reaches it.
  [[nodiscard]] MarkerNumber marker_floor() const { return marker_floor_.load(); }

  /// Floors above every number that this opening has handed out.
  [[nodiscard]] Floors used_numbers();

 private:
  static constexpr std::size_t kShards = 64;

  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, SharedQueue> queues;
  };

  [[nodiscard]] Shard& shard_of(const std::string& key);
  base::Result<SharedQueue> find_in(Shard& shard, base::Patience patience, const std::string& key,
                                    const domain::QueueAddress& address);
  base::Result<QueueNumber> take_number(base::Patience patience);
  void make_room(Shard& shard);

  Journal& journal_;
  const Floors floors_;
  const std::size_t cached_queues_per_shard_;
  std::array<Shard, kShards> shards_;
  std::atomic<std::uint64_t> last_change_{0};
  std::atomic<MarkerNumber> marker_floor_;
  std::atomic<std::uint64_t> claim_peak_{0};  // of queues no longer in memory
  std::atomic<MarkerNumber> marker_peak_{0};

  std::mutex removals_mutex_;
  std::mutex numbers_mutex_;
  QueueNumber next_number_;
  QueueNumber number_ceiling_;
};

}  // namespace marconi::storage::embedded
