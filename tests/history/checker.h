// Judges the history of a run by the promise, P1 to P8: a pure function from events to violations.
//
// Times are intervals: a request took effect, if it did, somewhere between its start and its end.
// A rule is broken only if no choice of instants inside the intervals keeps it. Words used below:
//
//   stored      a message is stored for certain from the end of its post's acknowledgement, or of
//               the first answer that showed any message of that post.
//   deletion    of a message: one that names it, a pop that returns it, a purge of its queue. To
//               delete a queue is a purge here; made anew, it goes on as the same one.
//   may be dead from the start of the first deletion that was not refused, or from its earliest
//               expiry (start of its post + TTL); claims only ever make a life longer. A lost
//               deletion comes after the start of all answers that show the message, or never. A
//               lost pop may have taken any message that no answer begun after it shows. A purge
//               comes after the start of all answers that show something that was stored before it.
//   is dead     from the end of the first acknowledged deletion, whatever its form; a purge is one
//               for what was stored when it began.
//   delayed     from its post until that one's start + delay for certain, and until the post's end
//               + delay + `late` possibly.
//   letter      a message of a queue with a dead-letter policy that moves to another queue. It may
//               have moved once as many claims as the policy allows may have taken it (lost ones
//               among them), no claim certainly holds it and another claim may have come, and after
//               the start of all answers that show it in its queue. It certainly has by the end of
//               the first answer that shows it in the other queue, or of the first page that passed
//               it when only a move explains that. In the first queue that is a deletion, in the
//               other one it is a post of its own, free at once, with the end that it had.
//   held        a claim of a message lives for certain from the end of its answer until its
//               earliest end (start + TTL of the request or of its last acknowledged renewal, or
//               the start of a release), and possibly from the start of its request until its
//               latest end (the end of that request + TTL + `late`, or the end of a release). A
//               purge may end it.
//   lost        a request without an answer took effect at any time from its start until
//               `settles` after its end, or never.
//   page        one answer to a list. A page with fewer messages than its limit is short: it
//               reached the end of the queue. Scans list with everything included.
//   get         one answer to a request for messages by their ids.
//
// The rules:
//
//   P1 once        No scan returns a message twice.
//   P2 no gap      A page passes a stored message that its scan has not returned if it returns a
//                  message that certainly comes later (by P3, or as another scan saw them), or is
//                  short and began after the message was stored. Then the message must possibly
//                  have been dead before that page's end. A get passes what it names and does not
//                  show, if it began after that was stored; it counts as a page, here and below.
//   P3 order       There is one order of all messages of a queue that agrees with every scan, with
//                  the order inside each post, and with real time: posts sent after a post was
//                  stored come after it. So producers, observers and clock must not form a cycle.
//   P4 whole       A lost post is stored wholly or not at all: if one of its messages was shown,
//                  then those never shown are judged as in P2. No answer shows a message of a post
//                  that was refused or never sent.
//   P5 one owner   The certain lifetimes of two claims of one message do not overlap (as far as
//                  the message lives). A deletion with a claim that has ended for certain or never
//                  held the message, or without one while a claim certainly holds it, is
//                  acknowledged only if the message may be dead. A renewal that began after the
//                  claim's latest end is not acknowledged. A message is popped once at most, and
//                  not while a claim certainly holds it. No more claims get a message than its
//                  queue's policy allows, and no answer shows it in the dead-letter queue before it
//                  may have moved.
//   P6 survives    As P2, for messages of acknowledged posts and those shown once, that no answer
//                  has shown since that page began: gone, not passed over. Lost pops explain no
//                  more messages than they asked for. No answer to a request begun after a message
//                  was dead, or was seen in the dead-letter queue, shows it.
//   P7 clock       A request by a claim's holder is not refused while the claim certainly lives
//                  (and holds all messages that it is about). No claim or pop returns a message
//                  while it is certainly delayed. One that gets fewer messages than its limit (and
//                  than it may have moved to a dead-letter queue besides)
//                  leaves no message behind that was stored, could neither be held, delayed nor
//                  dead at any time from its start to its end, and is shown later on. A lost claim
//                  may hold a message that was there and free when it took effect, unless another
//                  one took the message before the lost one's earliest end, and no more of them at
//                  a time than it asked for. No answer to a request begun after the latest end of a
//                  message's life (end of its post + TTL, or, if later, end of the request for a
//                  claim of it or for its renewal + TTL + grace; + `late`) shows it.
//   P8 ids         An id that an answer gave a message never names another one, in any queue, and a
//                  message has one id; a get shows no message whose id it does not name. An id of a
//                  claim never names another claim.
//
// If the server's clock was moved (ClockStep), an "earliest" end comes as much earlier as all steps
// since may have brought it forward, a "latest" one as much later as they may have held it back,
// and as much earlier as they have certainly brought it forward. Nothing else changes.
//
// One broken promise may break several rules; each message is reported once for a rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.h"

namespace marconi::history {

enum class Rule : std::uint8_t {
  once,
  no_gap,
  order,
  whole,
  one_owner,
  survives,
  clock,
  ids,
};

/// "P1 once" and so on.
[[nodiscard]] std::string_view to_string(Rule rule);

struct Violation {
  Rule rule = Rule::once;
  std::uint32_t queue = 0;
  std::string what;                 ///< a sentence
  std::optional<MessageKey> about;  ///< whose events tell the story
};

/// How exact the times of the server are taken to be.
struct Tolerance {
  Time early = kSecond / 10;   ///< clocks of client and server may run this much apart
  Time late = 2 * kSecond;     ///< an end by the clock may come this much later: times are whole
                               ///< seconds, and the machine is busy
  Time settles = 5 * kSecond;  ///< when a request without an answer has had its effect
  bool cut_pops = false;       ///< a pop may give out what it had taken when it was held up
  bool slow_claims = false;    ///< what is deleted between a claim and its answer is not in that
  bool slow_purges = false;    ///< a purge may take messages one by one, and end half-way
};

/// How much of each rule a history exercised.
struct Coverage {
  std::size_t posts = 0;
  std::size_t messages_stored = 0;
  std::size_t lost_posts = 0;
  std::size_t lost_posts_stored = 0;  ///< of these, shown by some answer
  std::size_t lost_answers = 0;
  std::size_t unavailable = 0;            ///< of these, answers 503
  std::vector<std::size_t> seen_by_scan;  ///< messages, by each scan but watchers' and readers'
  std::size_t claims = 0;                 ///< with at least one message
  std::size_t renewals = 0;
  std::size_t releases = 0;
  std::size_t claims_ended_by_clock = 0;  ///< neither released nor emptied before
  std::size_t taken_after_clock = 0;      ///< messages claimed again after such an end
  std::size_t deletions = 0;              ///< acknowledged, counted by message
  std::size_t late_refusals = 0;      ///< renewals and deletions refused after the claim had ended
  std::size_t pops = 0;               ///< with at least one message
  std::size_t popped = 0;             ///< messages
  std::size_t purges = 0;             ///< acknowledged
  std::size_t purged = 0;             ///< messages that were there when one began
  std::size_t claimed_deletions = 0;  ///< by ids and a claim, acknowledged
  std::size_t claimed_refusals = 0;   ///< likewise, refused
  std::size_t gets = 0;               ///< by ids, acknowledged
  std::size_t got = 0;                ///< messages that these showed
  std::size_t gone_when_asked = 0;    ///< that these named after their deletion
  std::size_t removals = 0;           ///< of queues, acknowledged
  std::size_t removed = 0;            ///< messages that were there when one began
  std::size_t posted_anew = 0;        ///< messages that were stored after one in the same queue
  std::size_t letters = 0;            ///< messages that moved to a dead-letter queue
  std::size_t taken_after_delay = 0;  ///< messages claimed or popped after their delay
  std::size_t expired = 0;            ///< messages that ended by themselves, and a scan came later
  std::size_t seen_late_in_life = 0;  ///< of these, shown in the second half of their life

  void add(const Coverage& other);
};

struct Judgement {
  std::vector<Violation> violations;
  Coverage coverage;
};

/// Takes time n log n in the events and the messages they name, times the scans and lost claims of
/// a queue; with a dead-letter policy, times all its claims.
[[nodiscard]] Judgement check(const History& history, const Tolerance& tolerance = {});

}  // namespace marconi::history
