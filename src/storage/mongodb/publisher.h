// Making documents part of a queue. How depends on what the deployment can do, and on who else
// writes to it; see make_publisher.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/mongodb/counter.h"

namespace marconi::storage::mongodb {

/// Documents that go into a queue together, in order. Kept over all attempts, as are their ids.
class Batch {
 public:
  virtual ~Batch() = default;

  [[nodiscard]] virtual const std::vector<ObjectId>& ids() const = 0;
  [[nodiscard]] virtual const CollectionName& collection() const = 0;
  [[nodiscard]] std::size_t size() const { return ids().size(); }
  /// The queue that the documents are to leave, by scope; empty if they are new.
  [[nodiscard]] virtual std::string_view leaves() const { return {}; }

  /// Puts the documents at markers from `base` on, invisible under a fresh tag; if they were put
  /// before, moves those that are not yet published. Returns how many are now invisible under the
  /// tag. Documents that leave a queue stay visible in it, held under the tag, and but note where
  /// they go. `conflict` if a marker is taken. `unpublished`: no commit of an earlier place can
  /// have come to pass, so what is gone since was removed, and is put again if it is new.
  virtual Result<std::size_t> place(const ObjectId& tag, std::int64_t base, bool unpublished) = 0;

  /// Undoes `place`, if possible; what remains is never published. It may be placed anew.
  virtual void withdraw() = 0;

  /// So many documents that were to leave a queue have not left it after all, and are free.
  virtual void stay(std::size_t /*count*/) {}

  /// Puts the documents from number `from` on, for all to see, at markers from `base` on without a
  /// gap. Returns the marker behind the last. `conflict` if a marker or an id is taken: those in
  /// front of that document are there, unless `to` is a transaction. After another error any number
  /// of them may be.
  virtual Result<std::int64_t> show(Operations& to, std::int64_t base, std::size_t from) = 0;

  /// What was shown is counted: whatever comes, it was part of the queue.
  virtual void counted() {}

  /// After a `conflict` outside of a transaction: how many documents, from the first, have been
  /// shown by now. What is still there does not tell, for others may have taken some. Nothing if it
  /// has to do, as what was shown before is not shown again anyway.
  [[nodiscard]] virtual std::optional<std::size_t> shown() const { return std::nullopt; }
};

class Publisher {
 public:
  virtual ~Publisher() = default;

  /// Makes the batch part of the queue. Success means all of it is visible. `queue_missing` if
  /// there is no such queue. After `unavailable` the outcome is unknown.
  virtual Result<void> publish(std::string_view scope, Batch& batch) = 0;

  /// Whether `Batch::show` is part of a transaction, in which a batch may do more.
  [[nodiscard]] virtual bool transactional() const { return false; }
};

/// How documents become part of a queue.
enum class Mode {
  transactions,    ///< Counter and documents change at one instant (transaction_publisher.h).
  commit_record,   ///< The counter's change commits what is invisible yet
                   ///< (commit_record_publisher.h).
  show_and_count,  ///< As the reference service does where markers are unique, beside whose hosts
                   ///< the one before is not safe (counting_publisher.h).
};

[[nodiscard]] std::string_view name_of(Mode mode);

[[nodiscard]] std::unique_ptr<Publisher> make_publisher(Mode mode, const Shared& shared);

/// The first marker that a post to a queue may use, the counter being at `next`. Queues that the
/// reference service made start at 1, as their predecessors did; they are lifted once it is gone.
[[nodiscard]] std::int64_t lifted(const Options& options, const ObjectId& queue, std::int64_t next);

/// The attempts at one post: how many there may be, how long, and the pauses before them.
class Attempts {
 public:
  explicit Attempts(const Shared& shared) : shared_(shared) {}

  /// Begins an attempt, after a pause if it is not the first; false if there were enough.
  bool next();
  /// Which attempt this is, from 1 on.
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] std::chrono::steady_clock::time_point give_up_at() const { return give_up_at_; }

  /// What to say then.
  [[nodiscard]] static std::unexpected<base::Error> exhausted();

 private:
  static constexpr std::chrono::seconds kPatience{45};

  const Shared& shared_;
  int number_ = 0;
  std::chrono::steady_clock::time_point give_up_at_ = std::chrono::steady_clock::now() + kPatience;
};

}  // namespace marconi::storage::mongodb
