// A model of posting: what several hosts do to the documents of one queue,
// one access to the database at a time.
//
// A post is committed by changing the queue's counter document: `v`, the next marker to assign, and
// `p`, the tags of committed posts that may still be invisible, change together, and only if `v` is
// what the poster read. A document is invisible while it carries a tag. Whoever finds a tag in `p`
// helps: publishes its documents in ascending order, then pulls the tag. So a commit, which comes
// to pass only if nothing else was committed since, may replace `p` by its own tag. A host may skip
// reading if it remembers a `v` at which everything committed was visible. Hosts with transactions,
// which change counter and documents at once, may be among them. Another service may have put a
// letter beyond the counter; a reader who finds it there moves `v` behind it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mongodb/model/posting_state.h"

namespace marconi::mongodb::model {

/// What keeps the promise. A scenario may leave one out, to see what then goes wrong.
enum class Protection : Byte {
  poster_helps,            ///< A poster helps the tags it read before it commits.
  commit_names_value,      ///< A commit changes nothing if `v` is no longer what was read.
  commit_is_one_change,    ///< `v` and `p` change together.
  base_from_counter,       ///< Markers start at `v` or above.
  base_from_documents,     ///< Markers start above every stored document, visible or not.
  publish_ascending,       ///< The documents of a post become visible in their order.
  publish_names_tag,       ///< Publishing changes only documents that still carry the tag.
  pull_after_publishing,   ///< A tag leaves `p` when all its documents are visible.
  acknowledge_at_the_end,  ///< A post is acknowledged when all its documents are visible.
  renumber_descending,     ///< Another attempt moves the last document of the post first.
  renumber_names_tag,      ///< Another attempt moves only documents that are still invisible.
  fresh_tag_each_attempt,  ///< Every attempt has a tag of its own.
  reader_helps,            ///< A reader helps the tags it read before it scans.
  scan_below_counter,      ///< A scan ends before the `v` that was read at its start.
  reads_what_it_moved,     ///< A reader who has moved `v` behind a letter reads the counter again.
  transaction_helps,       ///< A transaction is not begun while there are tags in `p`.
  remembers_settled,       ///< A remembered `v` is one at which everything committed was visible.
  recalls_once,            ///< Only the first attempt at a post starts from memory.
  removal_names_value,     ///< A queue is removed only if `v` is what it was before the purge.
};

[[nodiscard]] std::string_view name_of(Protection protection);

/// Who is there, and what can happen to them. Besides what is said here, an observer pages through
/// the queue, and consumers delete any visible message at any time.
struct Scenario {
  std::vector<std::vector<int>> posts;  ///< For each producer the sizes of its posts, in order.
  int transactional = 0;                ///< So many producers, the last ones, have transactions.
  bool unique_markers = true;           ///< Whether the index on the markers is unique.
  int crashes = 1;                      ///< How many producers can stop for ever, at any step.
  int unknown_commits = 0;  ///< So many answers to commits are lost: they succeed later or never.
  bool expiry = false;      ///< Invisible documents too can vanish at any time.
  bool sweeper = false;     ///< There is a process that does nothing but help.
  bool queue_removal = false;  ///< The queue is removed at some time.
  bool plain_reader = false;   ///< The observer belongs to a service that knows neither counter
                               ///< nor helping; the database gives it a page of one instant.
  bool remembering = false;    ///< Posters start from a `v` they remember, at first an old one.
  int letter = 0;              ///< The marker of a letter beyond the counter. 0: there is none.
  int attempts = 3;            ///< After so many a producer gives up.
  std::optional<Protection> without = std::nullopt;
};

class PostingModel {
 public:
  using State = PostingState;

  /// Who did what to which document. For `describe`.
  struct Step {
    Byte actor;
    Byte action;
    Byte document;
  };

  struct Move {
    Step step;
    State next;
  };

  explicit PostingModel(Scenario scenario);

  [[nodiscard]] State initial() const;
  void moves(const State& state, std::vector<Move>& found) const;
  /// The part of the promise that this state breaks; empty if none.
  [[nodiscard]] std::string violation(const State& state) const;
  [[nodiscard]] std::string describe(const Step& step) const;

 private:
  Scenario scenario_;
  Layout layout_;
};

}  // namespace marconi::mongodb::model
