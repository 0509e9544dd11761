// The record of a run: every request that any client made and what came of it, with times. What
// the checker judges; it knows nothing of HTTP or of the server.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace marconi::history {

/// Nanoseconds on one monotonic clock that all clients of a run read.
using Time = std::int64_t;

inline constexpr Time kSecond = 1'000'000'000;
inline constexpr Time kNever = std::numeric_limits<Time>::max();

/// Names a message by what its producer put into it: the post's number, unique in the run, and
/// the place in the post, from 0.
struct MessageKey {
  std::uint32_t post = 0;
  std::uint32_t part = 0;
  friend auto operator<=>(const MessageKey&, const MessageKey&) = default;
};

enum class Role : std::uint8_t {
  producer,
  observer,
  watcher,  ///< an observer that begins anew again and again
  reader,   ///< gets messages by their ids, and scans to learn these
  consumer,
  deleter,
};

enum class Action : std::uint8_t {
  post,
  list,  ///< one page of a scan, with everything included
  get,   ///< messages by their ids, one by its path or several
  claim,
  renew,
  release,
  erase,          ///< one message by its own path: claims are respected
  erase_many,     ///< several by their ids: claims are not
  erase_claimed,  ///< several by their ids, all of them or none: the claim must hold them
  pop,            ///< takes messages that are free and deletes them at once
  purge,          ///< deletes all messages, and the claims
  remove_queue,   ///< the same, and the queue with them
  create_queue,   ///< if it is missing; so does a post, but in v1
};

enum class Outcome : std::uint8_t {
  done,     ///< acknowledged (2xx)
  refused,  ///< certainly without effect (4xx)
  lost,     ///< nothing is known: no whole answer came, or a 503
};

/// Claims are numbered across the run; this stands for "without a claim".
inline constexpr std::uint32_t kNoClaim = 0;

/// Ids that the server gave out are texts; here each has a number, the same for equal texts. This
/// stands for none.
inline constexpr std::uint32_t kNoId = 0;

/// One request. Whatever it did happened at one instant between `start`, just before its first
/// byte was sent, and `end`, just after its answer was read or given up.
struct Event {
  Time start = 0;
  Time end = 0;
  std::uint32_t client = 0;
  std::uint32_t queue = 0;
  Role role = Role::producer;
  Action action = Action::post;
  Outcome outcome = Outcome::done;
  int status = 0;                  ///< of HTTP; 0 without an answer
  std::uint32_t post = 0;          ///< post: its number
  std::uint32_t parts = 0;         ///< post: how many messages
  std::uint32_t scan = 0;          ///< list: which pass over the queue, each begun without a marker
  std::uint32_t limit = 0;         ///< list, claim, pop
  std::uint32_t claim = kNoClaim;  ///< claim (lost ones too), renew, release, erase_claimed; erase:
                                   ///< if given
  std::int64_t ttl = 0;            ///< seconds; post, claim, renew
  std::int64_t delay = 0;          ///< seconds; post
  std::int64_t grace = 0;          ///< seconds; claim, renew
  /// list, get, claim, pop: returned; erase, erase_many, erase_claimed: asked for.
  std::vector<MessageKey> messages;
  std::vector<MessageKey> asked;  ///< get: whose ids were named
  /// The ids that an answer gave messages: list, get, claim, pop: of `messages`; post: of its
  /// parts. Empty where nobody looked.
  std::vector<std::uint32_t> ids;
  std::uint32_t claim_id = kNoId;  ///< claim: that it was given
};

/// Whether the request deletes all that is in its queue, and ends the claims.
[[nodiscard]] inline bool empties_queue(const Event& event) {
  return event.action == Action::purge || event.action == Action::remove_queue;
}

/// Between `start` and `end` the server's clock moved, besides its pace, by some amount from
/// `least` to `most`, in one go or in several. Negative: it stood still, or went back.
struct ClockStep {
  Time start = 0;
  Time end = 0;
  Time least = 0;
  Time most = 0;
};

/// A queue whose messages move to another one instead of being claimed once more than so often.
/// Posts into it have one message each.
struct DeadLetterPolicy {
  std::uint32_t queue = 0;
  std::uint32_t dead_letter_queue = 0;
  std::uint32_t max_claims = 0;
};

/// All events of a run, in any order.
struct History {
  std::vector<Event> events;
  std::vector<DeadLetterPolicy> dead_letters;
  std::vector<ClockStep> clock_steps;  ///< in order of their starts

  void append(std::vector<Event> more);
};

[[nodiscard]] std::string to_string(MessageKey key);

/// One line for a person to read; times in seconds since `origin`.
[[nodiscard]] std::string to_string(const Event& event, Time origin);

/// What happened to one message: the events that name it or its post, act on a claim that held it,
/// or may have taken it without saying so, in order of time.
[[nodiscard]] std::vector<const Event*> events_about(const History& history, MessageKey key);

}  // namespace marconi::history
