// The counter of a queue: which marker comes next, and which posts are committed. And the step by
// which everybody who reads it finishes what crashed posters left behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/mongodb/counter_memory.h"
#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

/// Where the markers of a queue made at this second start: above all that a predecessor of the same
/// name can have used, unless it had more than a million messages for each second of its life.
[[nodiscard]] constexpr std::int64_t lifted_start(base::UtcSeconds second) { return second << 20; }

/// For so long the note of a removed queue stays after it is of no use to new ones, s, should the
/// server's clock step back.
constexpr base::UtcSeconds kNoteStays = 3600;

class Counters {
 public:
  explicit Counters(const Shared& shared) : shared_(shared) {}

  /// The queue's state, without those pending posts that are known to be visible; nothing if there
  /// is no queue.
  Result<std::optional<QueueState>> read(std::string_view scope);

  /// The queue's state with all pending posts made visible, so that every message with a marker
  /// below `next` can be seen, once and for all; nothing if there is no queue.
  Result<std::optional<QueueState>> read_settled(std::string_view scope);

  /// The same, or what it was less than a second ago. If the queue was made anew since then, by a
  /// host that does not go on behind its predecessor's markers, that is wrong.
  Result<std::optional<QueueState>> recall_settled(std::string_view scope);

  /// The queue's state as by read_settled, with what is left uncounted counted.
  Result<std::optional<QueueState>> read_counted(std::string_view scope);

  /// Visible messages that a filter admits, in order.
  struct Found {
    std::vector<Document> messages;
    bool left = false;  ///< there are some beyond, left uncounted by hosts of the reference service
  };

  /// Those behind marker `after`, if given, and in front of `next`, which is the counter or below.
  /// `left` is told if there are fewer than `options.limit`, at no cost, and only where nobody
  /// shows messages before he counts them.
  Result<Found> find_counted(std::string_view scope, std::optional<std::int64_t> after,
                             std::int64_t next, Document filter, const FindOptions& options);

  /// For a caller who found less below `state.next` than he wanted: whether there may be more, with
  /// `state` brought up to date. Where messages are shown before they are counted, that includes
  /// what is left uncounted.
  Result<bool> look_again(std::string_view scope, QueueState& state);

  /// The same, including what is left uncounted in any case: for a caller who saw something that
  /// is.
  Result<bool> look_beyond(std::string_view scope, QueueState& state);

  /// The marker behind all that hosts of the reference service left uncounted at `next` or above;
  /// nothing if there is nothing, or if a poster may be about to count some of it. Where markers
  /// are unique they show messages and count them then; elsewhere they move dead letters with the
  /// markers that those had. Letters moved by others since the counter was at `next` look the same.
  Result<std::optional<std::int64_t>> end_of_left(std::string_view scope, std::int64_t next);

  /// What became of a committed post.
  struct Shown {
    std::int64_t shown = 0;   ///< messages that were not visible before
    std::int64_t let_go = 0;  ///< letters that stay where they were, as their places are taken
  };

  /// Makes a committed post visible, in the order of its markers. May be done by several at once
  /// and any number of times.
  Result<Shown> show(std::string_view scope, const PendingPost& post);

  /// Shows a committed post and strikes it off the list. Says whether any of it was invisible.
  Result<bool> finish(std::string_view scope, const PendingPost& post);

  /// The next marker that the queues of this name had which were removed lately, as their removers
  /// have noted; 0 if there are none, or if new queues start above it anyway.
  Result<std::int64_t> predecessors_next(std::string_view scope);

  /// The largest marker of any document of the queue, visible or not; nothing if it has none.
  Result<std::optional<std::int64_t>> largest_marker(std::string_view scope);

  /// Whether posters may be about to count any of the visible messages from marker `next` on.
  Result<bool> are_being_counted(Operations& messages, std::string_view scope, std::int64_t next,
                                 Moment now);

  /// Moves the counter of this queue, of all that have had the name, to `next`, unless it is there
  /// already; false if the queue is gone. What others commit meanwhile may be invisible in front of
  /// `next`: who pages up to there has to read the state anew.
  Result<bool> raise(std::string_view scope, const ObjectId& queue, std::int64_t next);
  /// The same, and false as well if the counter was there. Does not touch the queue then.
  Result<bool> raise_if_below(std::string_view scope, const ObjectId& queue, std::int64_t next);

 private:
  Result<bool> catch_up(std::string_view scope, QueueState& state);
  Result<bool> count_left(std::string_view scope, QueueState& state);
  Result<bool> raise_where(std::string_view scope, const Document& queue, std::int64_t next);
  Result<Shown> show_letters(std::string_view scope, const PendingPost& post);
  Result<Shown> begin(std::string_view scope, const ObjectId& queue);

  const Shared& shared_;
};

/// Makes a document of a committed post visible.
[[nodiscard]] Write publication_of(const ObjectId& id, const ObjectId& tag);

}  // namespace marconi::storage::mongodb
