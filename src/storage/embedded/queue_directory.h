// From a queue's address to the queue in memory: looks it up, loads it, creates and removes it,
// and forgets queues that nobody uses.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "storage/embedded/journal.h"
#include "storage/embedded/patient_lock.h"
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
/// one shard of the directory, changes, the numbers. Whoever holds a shard may try another one, but
/// does not wait for it.
class QueueDirectory {
 public:
  /// `cache_bytes`: memory for all queues together. Those that were used a moment ago may take as
  /// much again, and those that are being used still more, until they are not.
  QueueDirectory(Journal& journal, const Floors& floors, std::size_t cache_bytes,
                 const base::Clock& clock);

  /// The queue, or null if there is none. Its content is not loaded yet.
  base::Result<SharedQueue> find(base::Patience patience, const domain::QueueAddress& address);

  /// The queue; `created` tells whether this call made it, in which case its records are written.
  struct Creation {
    SharedQueue queue;
    bool created = false;
    base::CommitTicket changed;  ///< that the queue is there rests on this change
  };
  base::Result<Creation> create(base::Patience patience, const domain::QueueAddress& address,
                                const domain::SharedQueueMetadata& metadata);

  /// Held while a creation, a removal or a change of metadata is written and until `changed`
  /// has noted its ticket.
  [[nodiscard]] base::Result<std::unique_lock<std::mutex>> serialize_changes(
      base::Patience patience) {
    return lock_patiently(patience, changes_mutex_);
  }

  /// Puts the removal of a queue without content into `batch`. The queue's mutex must be held, and
  /// changes serialized.
  void put_removal(Queue& queue, Batch& batch);

  /// After the removal was written and noted: lets nobody find the queue any more. The queue's
  /// mutex must be held, and changes no longer serialized.
  void removed(Queue& queue);

  /// Notes a change.
  void changed(base::CommitTicket ticket);

  /// The number of the next queue: with changes serialized, there is none with this or a higher
  /// one.
  [[nodiscard]] QueueNumber next_number();

  /// Ticket of the last creation, removal or change of metadata in the store.
  [[nodiscard]] base::CommitTicket last_change() const { return {last_change_.load()}; }

  /// To be called after reading the table of queues: the answer rests on every change that the
  /// reading may have seen.
  base::Result<void> rest_on_changes(base::Call& call);

  /// Floors above every number that this opening has handed out. Only while nobody uses it.
  [[nodiscard]] Floors used_numbers();

 private:
  struct Entry {
    std::string key;
    SharedQueue queue;
    std::chrono::nanoseconds used{0};  ///< when it was looked up last; monotonic
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> queues;  // the one used last in front
    std::unordered_map<std::string_view, std::list<Entry>::iterator> places;  // keys of entries
  };

  static constexpr std::size_t kShards = 64;

  [[nodiscard]] Shard& shard_of(const std::string& key);
  base::Result<SharedQueue> find_in(Shard& shard, base::Patience patience, const std::string& key,
                                    const domain::QueueAddress& address);
  void remember(Shard& shard, const std::string& key, SharedQueue queue);
  static void forget(Shard& shard, std::list<Entry>::iterator entry);
  void make_room(Shard& shard);
  void forget_oldest(Shard& shard);
  void keep_peaks(const Queue& queue);
  base::Result<QueueNumber> take_number(base::Patience patience);

  Journal& journal_;
  const Floors floors_;
  const std::size_t cache_bytes_;
  const base::Clock& clock_;
  // Of all queues, those included that only their users still know.
  const std::shared_ptr<Queue::MemoryCount> memory_ = std::make_shared<Queue::MemoryCount>(0);
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> turn_{0};  // counts the shards that were looked at to make room
  std::atomic<std::uint64_t> last_change_{0};
  // Of queues no longer in memory; and of removed ones, that new queues start above.
  std::atomic<std::uint64_t> claim_peak_{0};
  std::atomic<MarkerNumber> marker_peak_{0};
  std::atomic<MarkerNumber> marker_floor_;

  std::mutex changes_mutex_;
  std::mutex numbers_mutex_;
  QueueNumber next_number_;
  QueueNumber number_ceiling_;
};

}  // namespace marconi::storage::embedded
