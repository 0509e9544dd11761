#include "history/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "history/claim_lives.h"

namespace marconi::history {
namespace {

using Events = std::vector<const Event*>;

/// Whether it deletes what it names.
bool deletes_named(const Event& event) {
  return event.action == Action::erase || event.action == Action::erase_many ||
         event.action == Action::erase_claimed || event.action == Action::pop;
}

class Establisher {
 public:
  Establisher(std::uint32_t queue, const Events& events, const LetterTraffic& letters,
              const Tolerance& tolerance, const Ends& ends)
      : events_(events), letters_(letters), tolerance_(tolerance), ends_(ends) {
    facts_.queue = queue;
    facts_.max_claims = letters.max_claims;
  }

  QueueFacts run() {
    read_posts();
    for (const Event* event : events_) {
      if (shows_messages(*event)) {
        note_shown(*event);
      }
    }
    find_purges();
    read_claims();
    for (const Event* event : events_) {
      if (deletes_named(*event) && event->outcome != Outcome::refused) {
        note_named_deletions(*event);
      }
    }
    for (const Deletion& purge : purges_) {
      note_purge(purge);
    }
    read_scans_and_gets();
    settle_lives();
    settle_lost_pops();
    if (letters_.max_claims > 0) {
      settle_moves();
    }
    return std::move(facts_);
  }

 private:
  void read_posts() {
    for (const Event* event : events_) {
      if (event->action == Action::post && event->outcome != Outcome::refused) {
        read_post({event, 0, event->outcome == Outcome::done ? event->end : kNever});
      }
    }
    for (const Letter& letter : letters_.arriving) {
      read_post({&letter.post, 0, letter.stored_by, &letter});
    }
  }

  void read_post(PostFacts facts) {
    const auto post = static_cast<Index>(facts_.posts.size());
    facts.first = static_cast<Index>(facts_.messages.size());
    facts_.post_by_number[facts.event->post] = post;
    facts_.posts.push_back(facts);
    for (std::uint32_t part = 0; part < facts.event->parts; ++part) {
      MessageFacts message;
      message.key = {facts.event->post, part};
      message.post = post;
      facts_.messages.push_back(std::move(message));
    }
  }

  void note_shown(const Event& event) {
    for (const MessageKey key : event.messages) {
      const Index index = facts_.find(key);
      if (index == kNone) {
        if (unknown_.insert(key).second) {
          report(Rule::whole, fmt::format("message {} was shown, but not posted", to_string(key)),
                 key);
        }
        continue;
      }
      MessageFacts& message = facts_.messages[index];
      message.first_shown = std::min(message.first_shown, event.end);
      message.last_shown = std::max(message.last_shown, event.end);
      message.last_shown_from = std::max(message.last_shown_from, event.start);
      PostFacts& post = facts_.posts[message.post];
      post.stored_by = std::min(post.stored_by, event.end);
    }
  }

  // ---- Claims ------------------------------------------------------------------------------

  void read_claims() {
    ClaimLives lives = establish_claim_lives(facts_.queue, events_, purges_, tolerance_, ends_);
    facts_.claims = std::move(lives.claims);
    facts_.violations.insert(facts_.violations.end(), lives.violations.begin(),
                             lives.violations.end());
    for (const Event* event : events_) {
      if (event->action != Action::claim || event->outcome == Outcome::refused) {
        continue;
      }
      facts_.claim_requests.push_back(event);
      for (const MessageKey key : event->messages) {
        note_holder(key, facts_.claims.at(event->claim));
      }
    }
  }

  void note_holder(MessageKey key, const ClaimFacts& claim) {
    const Index index = facts_.find(key);
    if (index == kNone) {
      return;
    }
    std::vector<const ClaimFacts*>& held = facts_.messages[index].held;
    if (held.empty() || held.back() != &claim) {
      held.push_back(&claim);
    } else {
      report(Rule::one_owner,
             fmt::format("claim {} got {} twice", claim.request->claim, to_string(key)), key);
    }
  }

  // ---- Deletions ---------------------------------------------------------------------------

  /// A purge leaves nothing of what was stored when it began, so it comes after all answers that
  /// show something of that. One without an answer may thus turn out never to have happened.
  void find_purges() {
    for (const Event* event : events_) {
      if (!empties_queue(*event) || event->outcome == Outcome::refused) {
        continue;
      }
      if (tolerance_.slow_purges) {
        purges_.push_back({event, event->start});
        continue;
      }
      const Time by = effect_by(*event, tolerance_);
      const Time from = std::max(event->start, last_sight_of_stored_by(event->start));
      if (event->outcome == Outcome::done || from <= by) {
        purges_.push_back({event, std::min(from, by)});
      }
    }
  }

  Time last_sight_of_stored_by(Time instant) const {
    Time last = -1;
    for (const MessageFacts& message : facts_.messages) {
      if (facts_.posts[message.post].stored_by <= instant) {
        last = std::max(last, message.last_shown_from);
      }
    }
    return last;
  }

  void note_named_deletions(const Event& event) {
    for (const MessageKey key : event.messages) {
      const Index index = facts_.find(key);
      if (index == kNone) {
        continue;
      }
      MessageFacts& message = facts_.messages[index];
      note_deletion(message, {&event, event.start}, event.outcome == Outcome::done);
      if (event.action == Action::pop) {
        message.pops.push_back(&event);
      }
    }
  }

  void note_purge(const Deletion& purge) {
    const Event& event = *purge.event;
    for (MessageFacts& message : facts_.messages) {
      const PostFacts& post = facts_.posts[message.post];
      if (post.event->start <= effect_by(event, tolerance_)) {
        note_deletion(message, purge,
                      event.outcome == Outcome::done && post.stored_by <= event.start);
      }
    }
  }

  void note_deletion(MessageFacts& message, Deletion deletion, bool certain) const {
    if (deletion.event->outcome == Outcome::lost) {
      // What was shown afterwards had not been deleted before.
      deletion.from = std::max(deletion.from, message.last_shown_from);
      if (deletion.from > effect_by(*deletion.event, tolerance_)) {
        return;
      }
    }
    auto& [first, second] = message.deletions;
    const bool named_before = deletion.event == first.event || deletion.event == second.event;
    if (named_before) {
      // The same deletion once more.
    } else if (deletion.from < first.from) {
      second = std::exchange(first, deletion);
    } else if (deletion.from < second.from) {
      second = deletion;
    }
    if (certain) {
      message.deletion_started = std::min(message.deletion_started, deletion.event->start);
      if (deletion.event->end < message.dead_by) {
        message.dead_by = deletion.event->end;
        message.removed_by = deletion.event;
      }
    }
  }

  /// A lost pop may have taken anything that was there and not delayed, unless it was shown later.
  void settle_lost_pops() {
    for (const Event* pop : events_) {
      if (pop->action != Action::pop || pop->outcome != Outcome::lost) {
        continue;
      }
      facts_.lost_pops_take += pop->limit;
      const Time by = effect_by(*pop, tolerance_);
      for (MessageFacts& message : facts_.messages) {
        const Event& post = *facts_.posts[message.post].event;
        if (by >= std::max({post.start, message.delayed_until, message.last_shown_from})) {
          message.may_be_popped_from =
              std::min(message.may_be_popped_from, std::max(pop->start, message.last_shown_from));
        }
      }
    }
  }

  // ---- Moves to the dead-letter queue -----------------------------------------------------------

  void settle_moves() {
    for (MessageFacts& message : facts_.messages) {
      const auto arrived = letters_.arrived_by.find(message.key);
      if (arrived != letters_.arrived_by.end()) {
        message.moved_by = arrived->second;
      }
      message.may_be_moved_from = earliest_move(message);
    }
  }

  /// A claim moves what has been claimed often enough and is free; what is shown has not moved yet.
  Time earliest_move(const MessageFacts& message) const {
    // What is shown later than that breaks a rule of its own.
    const Time shown = message.last_shown_from > message.moved_by ? -1 : message.last_shown_from;
    Time from = std::max(counted_out_from(message), shown);
    for (Time before = -1; from != kNever && from != before;) {
      before = from;
      for (const ClaimFacts* claim : message.held) {
        if (claim->certain.from <= from && from < claim->certain.to) {
          from = claim->certain.to;
        }
      }
      from = next_claim(message, from);
    }
    return from;
  }

  /// Lost claims may have taken it, too.
  Time counted_out_from(const MessageFacts& message) const {
    const Time posted = facts_.posts[message.post].event->start;
    std::uint32_t claims = 0;
    for (const Event* claim : facts_.claim_requests) {
      const bool may_have_taken = claim->outcome == Outcome::lost
                                      ? effect_by(*claim, tolerance_) >= posted
                                      : took(*claim, message);
      claims += may_have_taken ? 1 : 0;
      if (claims == letters_.max_claims) {
        return claim->start;
      }
    }
    return kNever;
  }

  static bool took(const Event& claim, const MessageFacts& message) {
    return std::ranges::find(message.held, &claim, &ClaimFacts::request) != message.held.end();
  }

  /// When a claim that does not take the message may come first, from `from` on.
  Time next_claim(const MessageFacts& message, Time from) const {
    for (const Event* claim : facts_.claim_requests) {
      if (effect_by(*claim, tolerance_) >= from && !took(*claim, message)) {
        return std::max(from, claim->start);
      }
    }
    return kNever;
  }

  // ---- Lives -------------------------------------------------------------------------------

  void settle_lives() {
    Time lost_claims_extend_to = 0;
    for (const Event* request : facts_.claim_requests) {
      if (request->outcome == Outcome::lost) {
        lost_claims_extend_to = std::max(
            lost_claims_extend_to, ends_.latest(request->start, effect_by(*request, tolerance_),
                                                (request->ttl + request->grace) * kSecond));
      }
    }
    for (MessageFacts& message : facts_.messages) {
      const Event& post = *facts_.posts[message.post].event;
      if (const Letter* letter = facts_.posts[message.post].letter) {
        message.earliest_expiry = letter->earliest_expiry;
        message.latest_expiry = letter->latest_expiry;
      } else {
        const Time ttl = post.ttl * kSecond;
        message.earliest_expiry = ends_.earliest(post.start, ttl);
        message.latest_expiry = ends_.latest(post.start, effect_by(post, tolerance_), ttl);
      }
      message.latest_expiry = std::max(message.latest_expiry, lost_claims_extend_to);
      if (post.delay > 0) {
        const Time delay = post.delay * kSecond;
        message.delayed_until = ends_.earliest(post.start, delay);
        message.delay_over_by = ends_.latest(post.start, effect_by(post, tolerance_), delay);
      }
      for (const ClaimFacts* claim : message.held) {
        message.latest_expiry = std::max(message.latest_expiry, claim->extends_life_to);
      }
    }
  }

  void read_scans_and_gets() {
    std::map<std::uint32_t, Events> pages;
    for (const Event* event : events_) {
      if (event->action == Action::list && event->outcome == Outcome::done) {
        pages[event->scan].push_back(event);
      }
    }
    std::ranges::copy_if(events_, std::back_inserter(facts_.gets), [](const Event* event) {
      return event->action == Action::get && event->outcome == Outcome::done;
    });
    for (auto& [number, of_scan] : pages) {
      facts_.scans.push_back({number, std::move(of_scan)});
    }
  }

  void report(Rule rule, std::string what, std::optional<MessageKey> about) {
    facts_.violations.push_back({rule, facts_.queue, std::move(what), about});
  }

  const Events& events_;
  const LetterTraffic& letters_;
  const Tolerance& tolerance_;
  const Ends& ends_;
  QueueFacts facts_;
  std::vector<Deletion> purges_;  ///< that may have happened
  std::set<MessageKey> unknown_;
};

}  // namespace

bool shows_messages(const Event& event) {
  return event.outcome == Outcome::done &&
         (event.action == Action::list || event.action == Action::get ||
          event.action == Action::claim || event.action == Action::pop);
}

Time MessageFacts::may_be_dead_from(const Event* but_for) const {
  const bool others = but_for == nullptr || deletions[0].event != but_for;
  return std::min(
      {earliest_expiry, may_be_popped_from, may_be_moved_from, deletions[others ? 0 : 1].from});
}

Time MessageFacts::may_be_dead_but_for_lost_pops_from() const {
  return std::min({earliest_expiry, may_be_moved_from, deletions[0].from});
}

Time MessageFacts::may_be_dead_but_for_a_move_from() const {
  return std::min({earliest_expiry, may_be_popped_from, deletions[0].from});
}

Index QueueFacts::find(MessageKey key) const {
  const auto found = post_by_number.find(key.post);
  if (found == post_by_number.end()) {
    return kNone;
  }
  const PostFacts& post = posts[found->second];
  return key.part < post.event->parts ? post.first + key.part : kNone;
}

QueueFacts establish_facts(std::uint32_t queue, const std::vector<const Event*>& events,
                           const LetterTraffic& letters, const Tolerance& tolerance,
                           const Ends& ends) {
  return Establisher(queue, events, letters, tolerance, ends).run();
}

}  // namespace marconi::history
