#include "history/checker.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "history/facts.h"
#include "history/rules.h"

namespace marconi::history {
namespace {

void count_events(Coverage& coverage, const QueueFacts& facts,
                  const std::vector<const Event*>& events) {
  for (const Event* event : events) {
    const bool done = event->outcome == Outcome::done;
    coverage.lost_answers += event->outcome == Outcome::lost;
    coverage.unavailable += event->status == 503;
    coverage.posts += done && event->action == Action::post;
    coverage.lost_posts += event->outcome == Outcome::lost && event->action == Action::post;
    coverage.claims += done && event->action == Action::claim && !event->messages.empty();
    coverage.renewals += done && event->action == Action::renew;
    coverage.releases += done && event->action == Action::release;
    coverage.pops += done && event->action == Action::pop && !event->messages.empty();
    coverage.purges += done && event->action == Action::purge;
    coverage.removals += done && event->action == Action::remove_queue;
    if (event->action == Action::erase_claimed) {
      coverage.claimed_deletions += done;
      coverage.claimed_refusals += event->outcome == Outcome::refused;
    }
    if (event->outcome == Outcome::refused && event->claim != kNoClaim) {
      const auto claim = facts.claims.find(event->claim);
      coverage.late_refusals +=
          claim != facts.claims.end() && event->start > claim->second.possible.to;
    }
  }
}

void count_messages(Coverage& coverage, const QueueFacts& facts) {
  for (const PostFacts& post : facts.posts) {
    if (post.letter != nullptr) {
      coverage.letters += post.stored_by != kNever;
    } else if (post.stored_by != kNever) {
      coverage.messages_stored += post.event->parts;
      coverage.lost_posts_stored += post.event->outcome == Outcome::lost;
    }
  }
  for (const ScanFacts& scan : facts.scans) {
    if (const Role role = scan.pages.front()->role; role == Role::watcher || role == Role::reader) {
      continue;
    }
    std::size_t seen = 0;
    for (const Event* page : scan.pages) {
      seen += page->messages.size();
    }
    coverage.seen_by_scan.push_back(seen);
  }
}

/// A claim was ended by the clock if it was left alone, and a message outlived it.
void count_ends(Coverage& coverage, const QueueFacts& facts, Time last_seen) {
  std::unordered_set<const ClaimFacts*> ended;
  for (const MessageFacts& message : facts.messages) {
    coverage.deletions += message.dead_by != kNever;
    for (const ClaimFacts* claim : message.held) {
      const bool by_clock = !claim->release_tried && claim->possible.to < last_seen &&
                            message.may_be_dead_from() > claim->possible.to;
      if (!by_clock) {
        continue;
      }
      ended.insert(claim);
      coverage.taken_after_clock += std::ranges::any_of(message.held, [&](const ClaimFacts* other) {
        return other->request->start > claim->certain.to;
      });
    }
  }
  coverage.claims_ended_by_clock += ended.size();
}

void count_gets(Coverage& coverage, const QueueFacts& facts) {
  coverage.gets += facts.gets.size();
  for (const Event* get : facts.gets) {
    coverage.got += get->messages.size();
    coverage.gone_when_asked +=
        static_cast<std::size_t>(std::ranges::count_if(get->asked, [&](MessageKey key) {
          const Index message = facts.find(key);
          return message != kNone && facts.messages[message].dead_by < get->start;
        }));
  }
}

/// The end of the first answer that shows each message.
std::map<MessageKey, Time> first_sights(const std::vector<const Event*>& events) {
  std::map<MessageKey, Time> sights;
  for (const Event* event : events) {
    if (!shows_messages(*event)) {
      continue;
    }
    for (const MessageKey key : event->messages) {
      Time& first = sights.try_emplace(key, event->end).first->second;
      first = std::min(first, event->end);
    }
  }
  return sights;
}

/// The messages that may have moved to the dead-letter queue, or were seen there. Some `must` have
/// moved by a time, for they are gone.
std::vector<Letter> letters_from(const QueueFacts& facts, const std::map<MessageKey, Time>& must) {
  std::vector<Letter> letters;
  for (const MessageFacts& message : facts.messages) {
    if (message.may_be_moved_from == kNever && message.moved_by == kNever) {
      continue;
    }
    Letter letter;
    letter.post = *facts.posts[message.post].event;
    if (message.may_be_moved_from <= message.moved_by) {
      letter.post.start = message.may_be_moved_from;
    }  // else a rule is broken, and nothing is known
    letter.post.delay = 0;
    letter.post.outcome = Outcome::done;
    const auto gone = must.find(message.key);
    letter.stored_by = std::min(message.moved_by, gone == must.end() ? kNever : gone->second);
    letter.earliest_expiry = message.earliest_expiry;
    letter.latest_expiry = message.latest_expiry;
    letters.push_back(std::move(letter));
  }
  return letters;
}

/// What happened to messages without claims having a part in it.
void count_other_ends(Coverage& coverage, const QueueFacts& facts,
                      const std::vector<const Event*>& events) {
  Time removed_by = kNever;  // the queue, for the first time
  for (const Event* event : events) {
    if (event->action == Action::remove_queue && event->outcome == Outcome::done) {
      removed_by = std::min(removed_by, event->end);
    }
  }
  Time last_scan = 0;
  for (const ScanFacts& scan : facts.scans) {
    last_scan = std::max(last_scan, scan.pages.front()->start);
  }
  for (const MessageFacts& message : facts.messages) {
    const PostFacts& post = facts.posts[message.post];
    if (post.stored_by == kNever) {
      continue;
    }
    const Event* deletion = message.deletions[0].event;
    coverage.popped += !message.pops.empty();
    // Whatever a lost one may have done before.
    if (message.removed_by != nullptr) {
      coverage.purged += message.removed_by->action == Action::purge;
      coverage.removed += message.removed_by->action == Action::remove_queue;
    }
    coverage.posted_anew += post.event->start > removed_by;
    coverage.taken_after_delay +=
        post.event->delay > 0 && (!message.held.empty() || !message.pops.empty());
    if (deletion == nullptr && message.may_be_popped_from == kNever && message.held.empty() &&
        message.latest_expiry < last_scan) {
      ++coverage.expired;
      coverage.seen_late_in_life +=
          message.last_shown_from > std::midpoint(post.event->start, message.earliest_expiry);
    }
  }
}

}  // namespace

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::once:
      return "P1 once";
    case Rule::no_gap:
      return "P2 no gap";
    case Rule::order:
      return "P3 order";
    case Rule::whole:
      return "P4 whole";
    case Rule::one_owner:
      return "P5 one owner";
    case Rule::survives:
      return "P6 survives";
    case Rule::clock:
      return "P7 clock";
    case Rule::ids:
      return "P8 ids";
  }
  return "?";
}

void Coverage::add(const Coverage& other) {
  posts += other.posts;
  messages_stored += other.messages_stored;
  lost_posts += other.lost_posts;
  lost_posts_stored += other.lost_posts_stored;
  lost_answers += other.lost_answers;
  unavailable += other.unavailable;
  seen_by_scan.insert(seen_by_scan.end(), other.seen_by_scan.begin(), other.seen_by_scan.end());
  claims += other.claims;
  renewals += other.renewals;
  releases += other.releases;
  claims_ended_by_clock += other.claims_ended_by_clock;
  taken_after_clock += other.taken_after_clock;
  deletions += other.deletions;
  late_refusals += other.late_refusals;
  pops += other.pops;
  popped += other.popped;
  purges += other.purges;
  purged += other.purged;
  claimed_deletions += other.claimed_deletions;
  claimed_refusals += other.claimed_refusals;
  gets += other.gets;
  got += other.got;
  gone_when_asked += other.gone_when_asked;
  removals += other.removals;
  removed += other.removed;
  posted_anew += other.posted_anew;
  letters += other.letters;
  taken_after_delay += other.taken_after_delay;
  expired += other.expired;
  seen_late_in_life += other.seen_late_in_life;
}

Judgement check(const History& history, const Tolerance& tolerance) {
  std::map<std::uint32_t, std::vector<const Event*>> by_queue;
  Time last_seen = 0;
  for (const Event& event : history.events) {
    by_queue[event.queue].push_back(&event);
    last_seen = std::max(last_seen, event.end);
  }
  for (auto& [queue, events] : by_queue) {
    std::ranges::sort(events, {},
                      [](const Event* event) { return std::pair(event->start, event); });
  }
  const Ends ends(history.clock_steps, tolerance);
  Judgement judgement;
  const auto take = [&](std::vector<Violation> found) {
    judgement.violations.insert(judgement.violations.end(), std::make_move_iterator(found.begin()),
                                std::make_move_iterator(found.end()));
  };
  take(judge_ids(history));
  const auto judge = [&](std::uint32_t queue, const LetterTraffic& letters) {
    const std::vector<const Event*>& events = by_queue[queue];
    QueueFacts facts = establish_facts(queue, events, letters, tolerance, ends);
    ScanJudgement scans = judge_scans(facts);
    take(std::move(scans.violations));
    take(judge_lives(facts, events, tolerance, ends));
    take(std::move(facts.violations));
    count_events(judgement.coverage, facts, events);
    count_messages(judgement.coverage, facts);
    count_ends(judgement.coverage, facts, last_seen);
    count_other_ends(judgement.coverage, facts, events);
    count_gets(judgement.coverage, facts);
    return letters.max_claims > 0 ? letters_from(facts, scans.moved_by) : std::vector<Letter>();
  };
  for (const DeadLetterPolicy& policy : history.dead_letters) {
    LetterTraffic leaving{policy.max_claims, first_sights(by_queue[policy.dead_letter_queue]), {}};
    judge(policy.dead_letter_queue, {0, {}, judge(policy.queue, leaving)});
    by_queue.erase(policy.queue);
    by_queue.erase(policy.dead_letter_queue);
  }
  for (const auto& [queue, events] : by_queue) {
    judge(queue, {});
  }
  return judgement;
}

}  // namespace marconi::history
