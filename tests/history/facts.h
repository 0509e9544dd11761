// What can be said for certain, and what is possible, about each message and claim of one queue:
// the events of a history turned into intervals, once, for the rules to look at.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "history/checker.h"
#include "history/ends.h"
#include "history/history.h"

namespace marconi::history {

/// Number of a message, post or scan among those of its queue.
using Index = std::uint32_t;
inline constexpr Index kNone = ~Index{0};

struct Span {
  Time from = 0;
  Time to = 0;
};

/// A claim's life. `certain` and `possible` take renewals, releases and purges into account, not
/// the deletion of its messages.
struct ClaimFacts {
  const Event* request = nullptr;
  Span certain;
  Span possible;
  Time extends_life_to = 0;  ///< the latest end of the life that it may give its messages
  bool release_tried = false;
};

struct Letter;

struct PostFacts {
  const Event* event = nullptr;
  Index first = 0;  ///< its first message; the others follow
  Time stored_by = kNever;
  const Letter* letter = nullptr;  ///< that it stands for
};

/// A deletion that was not refused.
struct Deletion {
  const Event* event = nullptr;
  Time from = kNever;  ///< when it can have had its effect at the earliest
};

/// A message that may have moved to this queue, its dead-letter queue. It stands there like a post.
struct Letter {
  Event post;  ///< from the earliest time of the move
  Time stored_by = kNever;
  Time earliest_expiry = kNever;
  Time latest_expiry = kNever;
};

/// What a dead-letter policy says about one queue.
struct LetterTraffic {
  std::uint32_t max_claims = 0;           ///< then messages leave; 0: they do not
  std::map<MessageKey, Time> arrived_by;  ///< of those that left: end of the first answer that
                                          ///< shows it in the dead-letter queue
  std::vector<Letter> arriving;
};

struct MessageFacts {
  MessageKey key;
  Index post = 0;
  Time first_shown = kNever;  ///< end of the earliest answer that showed it
  Time last_shown = -1;       ///< end of the latest; -1: never shown
  Time last_shown_from = -1;  ///< the latest start of such an answer
  /// The two earliest, pops and purges among them: a deletion is judged by the others. One that
  /// names the message twice counts once.
  std::array<Deletion, 2> deletions{};
  std::vector<const Event*> pops;     ///< acknowledged ones that took it
  Time may_be_popped_from = kNever;   ///< by a pop that was lost
  Time may_be_moved_from = kNever;    ///< to the dead-letter queue
  Time moved_by = kNever;             ///< end of the first answer that shows it there
  Time deletion_started = kNever;     ///< start of the first acknowledged one
  Time dead_by = kNever;              ///< end of the first acknowledged one to end
  const Event* removed_by = nullptr;  ///< that one
  Time earliest_expiry = kNever;
  Time latest_expiry = kNever;
  Time delayed_until = 0;  ///< at least
  Time delay_over_by = 0;
  std::vector<const ClaimFacts*> held;

  /// The first instant at which it may be dead, leaving one deletion out of account.
  [[nodiscard]] Time may_be_dead_from(const Event* but_for = nullptr) const;
  [[nodiscard]] Time may_be_dead_but_for_lost_pops_from() const;
  [[nodiscard]] Time may_be_dead_but_for_a_move_from() const;
};

/// One observer's pass over the queue.
struct ScanFacts {
  std::uint32_t number = 0;
  std::vector<const Event*> pages;  ///< answered ones, in order
};

/// Facts refer to the events they were made from.
struct QueueFacts {
  std::uint32_t queue = 0;
  std::vector<PostFacts> posts;  ///< those that were not refused
  std::vector<MessageFacts> messages;
  std::unordered_map<std::uint32_t, ClaimFacts> claims;  ///< answered with messages, by number
  std::vector<const Event*> claim_requests;              ///< all that were not refused, by start
  std::vector<ScanFacts> scans;
  std::vector<const Event*> gets;     ///< answered ones
  std::uint32_t max_claims = 0;       ///< of one message; 0: any number
  std::size_t lost_pops_take = 0;     ///< how many messages pops without an answer took at most
  std::vector<Violation> violations;  ///< those that show on the way

  /// kNone if nobody posted it.
  [[nodiscard]] Index find(MessageKey key) const;

  std::unordered_map<std::uint32_t, Index> post_by_number;
};

/// Whether it is an answer with messages.
[[nodiscard]] bool shows_messages(const Event& event);

/// `events` are all events of one queue, in order of their starts. The facts refer to `letters`,
/// too.
[[nodiscard]] QueueFacts establish_facts(std::uint32_t queue,
                                         const std::vector<const Event*>& events,
                                         const LetterTraffic& letters, const Tolerance& tolerance,
                                         const Ends& ends);

}  // namespace marconi::history
