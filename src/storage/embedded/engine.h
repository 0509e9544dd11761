// One opening of the database with all that is remembered of it, and how operations get at a
// queue in it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "base/random.h"
#include "domain/message.h"
#include "storage/embedded/committer.h"
#include "storage/embedded/id_codec.h"
#include "storage/embedded/journal.h"
#include "storage/embedded/name_index.h"
#include "storage/embedded/options.h"
#include "storage/embedded/patient_lock.h"
#include "storage/embedded/queue_directory.h"
#include "storage/embedded/store_clock.h"

namespace marconi::storage::embedded {

/// Replaced as a whole when a failed commit makes reopening necessary.
class Engine {
 public:
  /// Opens the database, or makes a new one. `latest` and `floors` come from a former opening
  /// in this process.
  static base::Result<std::unique_ptr<Engine>> open(const Options& options,
                                                    const base::Clock& clock, base::Random& random,
                                                    Committer& committer, StoreMoment latest,
                                                    const Floors& floors);

  Engine(std::unique_ptr<Database> database, Committer& committer, const IdCodec::Key& id_key,
         const base::Clock& clock, const StoreMoment& latest, const Floors& floors,
         const Floors& handed_out, QueueNumber names_indexed, std::size_t queue_cache_bytes);

  /// The time to act on. A jump forward is written down first, and the answer rests on that: what
  /// it has ended stays ended, even if the wall clock is behind again after a crash.
  base::Result<base::UtcMillis> present_time(base::Call& call);

  /// Writes down the latest time that was acted on, unless it is written already.
  base::Result<void> keep_time(base::Patience patience);

  const std::unique_ptr<Database> database;
  Journal journal;
  const IdCodec ids;
  const Floors handed_out;  ///< numbers that a former opening in this process has used
  StoreClock clock;
  QueueDirectory directory;
  NameIndex names;

 private:
  std::mutex time_mutex_;  // no lock is taken under it
  std::atomic<base::UtcMillis> kept_time_{0};
  std::atomic<std::uint64_t> jump_kept_{0};  // the ticket
};

/// Where operations find the present engine. Thread-safe.
class EngineHolder {
 public:
  /// Null while the store is being reopened.
  [[nodiscard]] std::shared_ptr<Engine> get() const {
    const std::scoped_lock lock(mutex_);
    return engine_;
  }
  void set(std::shared_ptr<Engine> engine) {
    const std::scoped_lock lock(mutex_);
    engine_.swap(engine);
  }

 private:
  // Not std::atomic<std::shared_ptr>: that of libstdc++ 12 has a race between load and store.
  mutable std::mutex mutex_;
  std::shared_ptr<Engine> engine_;
};

/// A queue under lock, for one operation at one moment.
struct OpenQueue {
  std::shared_ptr<Engine> engine;
  SharedQueue queue;  ///< null if there is none
  std::unique_lock<SharingMutex> lock;
  base::UtcMillis now_millis = 0;
  base::UtcSeconds now = 0;

  [[nodiscard]] bool exists() const { return queue != nullptr; }

  /// One past the last marker that readers may see.
  [[nodiscard]] MarkerNumber visible_end() const {
    return queue->visible_end(
        [this](base::CommitTicket t) { return engine->journal.is_settled(t); });
  }

  /// Writes the change and notes its ticket. On failure the queue's memory is dropped.
  base::Result<void> commit(base::Call& call, Batch& batch, QueueChange& change) const;

  /// The message with this id, expired or not.
  base::Result<std::optional<StoredMessage>> find(base::Call& call, const domain::MessageId& id,
                                                  Part part) const;

  /// Where the message with this id stands, or stood before it was deleted.
  base::Result<std::optional<MarkerNumber>> marker_of(base::Call& call,
                                                      const domain::MessageId& id) const;

  /// The marker of a dead letter that brought this id along. It may even be an id of this queue,
  /// where a message has come back.
  base::Result<std::optional<MarkerNumber>> alias(base::Call& call,
                                                  const domain::MessageId& id) const;

  /// The message with this marker, expired or not.
  base::Result<std::optional<StoredMessage>> read(base::Call& call, MarkerNumber marker,
                                                  Part part) const;

  [[nodiscard]] std::vector<domain::Message> to_messages(
      const std::vector<StoredMessage>& stored) const;
  [[nodiscard]] domain::MessageId id_of(const StoredMessage& message) const;
  [[nodiscard]] std::int64_t age_since(base::UtcMillis start) const;
};

/// Stored messages as an answer shows them. Their ids are worked out together, which is cheaper.
class ShownMessages {
 public:
  /// Refers to the queue, which has to stay.
  explicit ShownMessages(const OpenQueue& open) : open_(open) {}

  /// Copies what is shown of a message.
  void add(const StoredMessage& message);
  [[nodiscard]] std::size_t size() const { return messages_.size(); }

  /// What was added, in order. Once.
  [[nodiscard]] std::vector<domain::Message> take() &&;

 private:
  const OpenQueue& open_;
  std::vector<domain::Message> messages_;  // without ids, unless they brought them along
  std::vector<std::uint64_t> claims_;      // of those that are claimed
};

/// What an operation needs of a queue.
enum class Needs { metadata, content };

/// Finds and locks a queue, and loads its content if that is needed.
base::Result<OpenQueue> open_queue(const EngineHolder& engines, base::Call& call,
                                   const domain::QueueAddress& address,
                                   Needs needs = Needs::content);

/// Locks a queue in an engine, and loads its content if that is needed; `queue` becomes null if it
/// was removed meanwhile.
base::Result<OpenQueue> lock_queue(std::shared_ptr<Engine> engine, base::Call& call,
                                   SharedQueue queue, Needs needs = Needs::content);

/// The present engine, or `unavailable`.
base::Result<std::shared_ptr<Engine>> present_engine(const EngineHolder& engines);

}  // namespace marconi::storage::embedded
