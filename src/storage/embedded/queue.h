// One queue in memory: where its tail is, what its blocks hold, how many things end when. All of
// it is a cache of the database; when in doubt it is forgotten and loaded again.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/error.h"
#include "domain/queue_metadata.h"
#include "storage/embedded/block_index.h"
#include "storage/embedded/claimed_messages.h"
#include "storage/embedded/database.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/patient_lock.h"
#include "storage/embedded/read_allowance.h"
#include "storage/embedded/records.h"
#include "storage/embedded/second_counts.h"
#include "storage/embedded/stored_message.h"

namespace marconi::storage::embedded {

/// Kinds of ends that are counted by second, as keys of the table `counts` spell them.
enum class CountKind : std::uint64_t { expiry = 1, held = 2 };

/// The message records of one block, expired ones too, as they are when this is made. What is read
/// later needs no lock.
class BlockReading {
 public:
  BlockReading(const Database& database, base::Patience patience, QueueNumber queue,
               const Block& block);

  /// Visits them all, in order; once. The bytes that a record refers to are there during
  /// the call only. `would_block` if there are many and the caller has no patience.
  using Visit = std::function<void(StoredMessage&& message)>;
  base::Result<void> each(const Visit& visit);

 private:
  const base::Patience patience_;
  const MarkerKey first_;
  Cursor messages_;
  std::optional<Cursor> marks_;
};

/// The record of the queue in `queues`, with its state wherever that is; nothing if there is none.
base::Result<std::optional<QueueRecord>> read_queue_record(const Database& database,
                                                           base::Patience patience,
                                                           std::string_view directory_key);

/// Everything but the constants needs `mutex` held. Created and owned by the QueueDirectory.
class Queue {
 public:
  /// Bytes of memory that several queues take together.
  using MemoryCount = std::atomic<std::size_t>;

  /// `all_memory`: where the queue counts its memory, too.
  /// `stored_state`: what its record in `queues` says, if that was read.
  Queue(QueueNumber number, domain::QueueAddress address, domain::SharedQueueMetadata metadata,
        std::shared_ptr<MemoryCount> all_memory = std::make_shared<MemoryCount>(0),
        std::optional<QueueState> stored_state = std::nullopt)
      : number(number),
        address(std::move(address)),
        metadata(std::move(metadata)),
        all_memory_(std::move(all_memory)),
        stored_state_(stored_state) {
    measure();
  }
  ~Queue() { *all_memory_ -= memory_; }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  const QueueNumber number;
  const domain::QueueAddress address;

  SharingMutex mutex;

  /// Set once, under `mutex`, after the queue's removal was written.
  std::atomic<bool> removed{false};

  domain::SharedQueueMetadata metadata;
  base::CommitTicket metadata_changed;  ///< creation or last change of the metadata
  base::CommitTicket content_changed;   ///< last change to messages or claims other than a post
  base::CommitTicket blocks_erased;     ///< last change that emptied a block
  base::CommitTicket last_write;        ///< the last of all

  // -- what is on disk ------------------------------------------------------------------------

  [[nodiscard]] bool is_loaded() const { return loaded_; }

  /// Starts an empty queue that is not on disk yet; the next change writes its state.
  void start(MarkerNumber first_marker, std::uint64_t first_claim);

  /// Reads the state from the database; `would_block` if there is much of it and the caller has no
  /// patience. Markers and claim numbers below the floors are not handed out again.
  base::Result<void> load(const Database& database, base::Patience patience, UtcSeconds now,
                          MarkerNumber marker_floor, std::uint64_t claim_floor);

  /// Drops what was derived from the database, after a write of changes failed.
  void forget() {
    loaded_ = false;
    stored_state_.reset();
  }

  /// The record in `queues` with other metadata. The queue has to be loaded.
  [[nodiscard]] QueueRecord record_with(const domain::QueueMetadata& other) const {
    return {number, other.json(), stored_state_};
  }

  /// About how many bytes of memory the queue took when it was last measured. Needs no lock.
  [[nodiscard]] std::size_t memory() const { return memory_; }

  /// To be called after changing `metadata`; loading and changes measure anyway.
  void measure();

  [[nodiscard]] MarkerNumber next_marker() const { return tail_start_ + tail_used_; }
  [[nodiscard]] std::uint64_t next_claim() const { return next_claim_; }

  /// Above every marker handed out in this process, also while the content is not loaded.
  [[nodiscard]] MarkerNumber marker_peak() const { return std::max(marker_peak_, next_marker()); }

  // -- reading --------------------------------------------------------------------------------

  /// One past the last marker that readers may see: posts become visible in order, once durable.
  template <class IsSettled>
  [[nodiscard]] MarkerNumber visible_end(IsSettled is_settled) {
    auto post = pending_posts_.begin();
    for (; post != pending_posts_.end() && is_settled(post->ticket); ++post) {
      visible_end_ = post->end;
    }
    pending_posts_.erase(pending_posts_.begin(), post);
    return visible_end_;
  }

  /// The message with this marker and its mark, whether or not it has expired.
  base::Result<std::optional<StoredMessage>> read(const Database& database, base::Patience patience,
                                                  MarkerNumber marker, Part part);

  /// Takes a wanted message; false ends the scan. `encoded` is its record, which `message` points
  /// into and which is gone after the call: what is to last has to be kept.
  using Visit = std::function<bool(StoredMessage&& message, std::string_view encoded)>;

  /// Visits what is wanted in [from, end), in order. Adds to `rests_on` what the outcome rests on.
  base::Result<void> scan(const Database& database, base::Patience patience, MarkerNumber from,
                          MarkerNumber end, const Wanted& wanted, base::CommitTicket& rests_on,
                          const Visit& visit);

  /// The last message that is alive, if any.
  base::Result<std::optional<StoredMessage>> last(const Database& database, base::Patience patience,
                                                  UtcSeconds now);

  [[nodiscard]] std::uint64_t alive(UtcSeconds now) {
    return sealed_expiries_.alive(now) + tail_expiries_.alive(now);
  }
  [[nodiscard]] std::uint64_t claimed(UtcSeconds now) { return held_.alive(now); }

  [[nodiscard]] Block* block_holding(MarkerNumber marker) { return blocks_.find(block_of(marker)); }

 private:
  friend class QueueChange;

  struct PendingPost {
    base::CommitTicket ticket;
    MarkerNumber end;
  };

  base::Result<void> load_state(const Database& database, base::Patience patience);
  base::Result<void> load_blocks(const Database& database, base::Patience patience, UtcSeconds now);
  base::Result<void> load_counts(const Database& database, base::Patience patience, CountKind kind,
                                 UtcSeconds now);
  base::Result<void> load_tail(const Database& database, base::Patience patience, UtcSeconds now);
  /// One scan over several blocks.
  struct Scan {
    const Database& database;
    base::Patience patience;
    MarkerNumber from;
    MarkerNumber end;
    const Wanted& wanted;
    const Visit& visit;
    ReadAllowance allowance;
  };

  /// False if the visitor has had enough.
  base::Result<bool> scan_block(Scan& scan, Block& block) const;
  [[nodiscard]] bool has_sealed_blocks();
  void touched(Block& block);  ///< to be called after any change to a block
  void seal_tail();

  const std::shared_ptr<MemoryCount> all_memory_;
  std::atomic<std::size_t> memory_{0};
  bool loaded_ = false;
  MarkerNumber tail_start_ = 0;  ///< start of the block that posts go to
  std::uint32_t tail_used_ = 0;  ///< markers handed out in it
  MarkerNumber marker_peak_ = 0;
  std::uint64_t next_claim_ = 1;
  std::uint64_t claim_ceiling_ = 1;

  MarkerNumber visible_end_ = 0;
  std::vector<PendingPost> pending_posts_;  // in order
  bool was_loaded_ = false;

  BlockIndex blocks_;
  std::uint64_t versions_ = 0;  ///< of blocks, given out so far; never fewer, loading included
  ClaimedMessages claimed_;
  // Ends of the messages in sealed blocks are on disk by second; those of the tail block are
  // counted anew when the queue is loaded, so that a post writes nothing but its messages.
  SecondCounts sealed_expiries_;
  SecondCounts tail_expiries_;
  SecondCounts held_;

  std::optional<QueueState> stored_state_;  ///< what is on disk; unknown after a failed write

  // What the next change must also write.
  bool state_dirty_ = false;
  std::set<BlockNumber> dirty_blocks_;
  std::set<std::pair<CountKind, UtcSeconds>> dirty_counts_;
};

/// Gathers one change to a queue: alters the memory at once and puts the records into a batch.
/// After a successful write call `written`; after a failed one, Queue::forget.
class QueueChange {
 public:
  QueueChange(Queue& queue, Batch& batch, UtcSeconds now);

  /// Appends a message and returns its marker.
  MarkerNumber append(const MessageRecord& message);

  void remove(const StoredMessage& message);

  /// Gives the message a new mark; `message` is brought up to date.
  void mark(StoredMessage& message, const MarkRecord& mark);

  /// Lets no claim hold the message any more; what claims did to its life stays.
  void release(StoredMessage& message);

  /// A number for a new claim.
  std::uint64_t take_claim_number();
  void put_claim(std::uint64_t number, const ClaimRecord& claim);
  void erase_claim(std::uint64_t number);

  /// Removes all messages and claims; later posts start a new block.
  base::Result<void> clear(const Database& database, base::Patience patience);

  /// Rewrites the summary of a block that a full scan has just seen.
  void resummarize(Block& block, UtcSeconds latest_expiry, UtcSeconds sweep_at);

  /// Puts summaries and counts into the batch. Last, once.
  void finish();

  /// Notes the ticket of the write.
  void written(base::CommitTicket ticket);

 private:
  base::Result<void> erase_from(const Database& database, base::Patience patience, Table table,
                                std::string_view first);
  [[nodiscard]] Block& block_for(MarkerNumber marker);
  void count(SecondCounts& counts, CountKind kind, UtcSeconds end, bool add);
  void count_expiry(const StoredMessage& message, bool add);
  void dirty(Block& block);

  Queue& queue_;
  Batch& batch_;
  UtcSeconds now_;
  bool appended_ = false;
  bool cleared_ = false;
  std::vector<BlockNumber> changed_blocks_;
};

}  // namespace marconi::storage::embedded
