#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "history/rules.h"

namespace marconi::history {
namespace {

class LifeJudge {
 public:
  LifeJudge(const QueueFacts& facts, const Tolerance& tolerance, const Ends& ends)
      : facts_(facts), tolerance_(tolerance), ends_(ends) {}

  std::vector<Violation> run(const std::vector<const Event*>& events) {
    for (const Event* event : events) {
      if (event->outcome == Outcome::done && (event->action == Action::list || takes(*event))) {
        judge_shown(*event);
      } else if (event->action == Action::erase || event->action == Action::erase_claimed) {
        judge_deletion(*event);
      }
    }
    find_short_takers(events);
    for (const MessageFacts& message : facts_.messages) {
      judge_owners(message);
      judge_pops(message);
      judge_freedom(message);
    }
    std::vector<Violation> violations;
    for (auto& [key, violation] : found_) {
      violations.push_back(std::move(violation));
    }
    return violations;
  }

 private:
  static bool takes(const Event& event) {
    return event.action == Action::claim || event.action == Action::pop;
  }

  // ---- Answers that show what cannot be there ------------------------------------------------

  void judge_shown(const Event& event) {
    for (const MessageKey key : event.messages) {
      const Index index = facts_.find(key);
      if (index == kNone) {
        continue;
      }
      const MessageFacts& message = facts_.messages[index];
      if (event.start > message.dead_by) {
        report(Rule::survives, message,
               fmt::format("{} was shown after its deletion", to_string(key)));
      }
      if (event.start > message.latest_expiry) {
        report(Rule::clock, message, fmt::format("{} was shown after its end", to_string(key)));
      }
      if (takes(event) && event.end < message.delayed_until) {
        report(Rule::clock, message,
               fmt::format("{} was taken before its delay was over", to_string(key)));
      }
    }
  }

  // ---- Deletions -----------------------------------------------------------------------------

  void judge_deletion(const Event& event) {
    for (const MessageKey key : event.messages) {
      const Index index = facts_.find(key);
      if (index == kNone) {
        continue;
      }
      const MessageFacts& message = facts_.messages[index];
      const ClaimFacts* holder = claim_of(message, event.claim);
      if (event.outcome == Outcome::done && message.may_be_dead_from(&event) > event.end &&
          !may_delete(event, message, holder)) {
        report(Rule::one_owner, message,
               event.claim == kNoClaim
                   ? fmt::format("{} was deleted without a claim while one held it", to_string(key))
                   : fmt::format("{} was deleted with claim {}, which did not hold it",
                                 to_string(key), event.claim));
      }
      if (event.outcome == Outcome::refused && holds_all(event)) {
        report(Rule::clock, message,
               fmt::format("{} could not be deleted with claim {} before its end", to_string(key),
                           event.claim));
      }
    }
  }

  /// Whether the deletion's claim held all its messages, for certain and all the time.
  bool holds_all(const Event& event) const {
    return std::ranges::all_of(event.messages, [&](MessageKey key) {
      const Index index = facts_.find(key);
      const ClaimFacts* holder =
          index == kNone ? nullptr : claim_of(facts_.messages[index], event.claim);
      return holder != nullptr && event.start >= holder->certain.from &&
             event.end < holder->certain.to;
    });
  }

  static const ClaimFacts* claim_of(const MessageFacts& message, std::uint32_t number) {
    const auto found = std::ranges::find(
        message.held, number, [](const ClaimFacts* claim) { return claim->request->claim; });
    return found == message.held.end() ? nullptr : *found;
  }

  /// Whether claims can explain that a message that is there was deleted.
  static bool may_delete(const Event& event, const MessageFacts& message,
                         const ClaimFacts* holder) {
    if (event.claim != kNoClaim) {
      return holder != nullptr && holder->possible.to >= event.start;
    }
    return std::ranges::none_of(message.held, [&](const ClaimFacts* claim) {
      return claim->certain.from <= event.start && claim->certain.to > event.end;
    });
  }

  // ---- Claims of one message -----------------------------------------------------------------

  void judge_owners(const MessageFacts& message) {
    std::vector<const ClaimFacts*> claims = message.held;
    std::ranges::sort(claims, {}, [](const ClaimFacts* claim) { return claim->certain.from; });
    const ClaimFacts* owner = nullptr;  // the one that lasts longest so far
    for (const ClaimFacts* claim : claims) {
      if (owner != nullptr) {
        const Time both_until =
            std::min({owner->certain.to, claim->certain.to, message.deletion_started});
        if (claim->certain.from < both_until) {
          report(Rule::one_owner, message,
                 fmt::format("claims {} and {} both hold {}", owner->request->claim,
                             claim->request->claim, to_string(message.key)));
        }
      }
      if (owner == nullptr || claim->certain.to > owner->certain.to) {
        owner = claim;
      }
    }
  }

  void judge_pops(const MessageFacts& message) {
    if (message.pops.size() > 1) {
      report(Rule::one_owner, message,
             fmt::format("{} was popped {} times", to_string(message.key), message.pops.size()));
    }
    for (const Event* pop : message.pops) {
      for (const ClaimFacts* claim : message.held) {
        if (claim->certain.from <= pop->start && claim->certain.to > pop->end) {
          report(Rule::one_owner, message,
                 fmt::format("{} was popped while claim {} held it", to_string(message.key),
                             claim->request->claim));
        }
      }
    }
  }

  // ---- Claims and pops that got less than they asked for -------------------------------------

  /// Those that no claim with an unknown catch can explain. A lost pop needs no thought: what is
  /// shown later it did not take.
  void find_short_takers(const std::vector<const Event*>& events) {
    std::vector<const Event*> candidates;
    Time unknown_until = 0;
    for (const Event* request : events) {
      if (!takes(*request) || request->outcome == Outcome::refused ||
          (request->action == Action::pop &&
           (request->outcome == Outcome::lost || tolerance_.cut_pops))) {
        continue;
      }
      if (request->outcome == Outcome::lost) {
        // It may have begun while a short one was under way.
        std::erase_if(candidates, [&](const Event* other) { return other->end >= request->start; });
        unknown_until =
            std::max(unknown_until, ends_.latest(request->start, request->end + tolerance_.settles,
                                                 request->ttl * kSecond));
      } else if (request->messages.size() < request->limit && request->start > unknown_until) {
        candidates.push_back(request);
      }
    }
    short_takers_ = std::move(candidates);
    first_end_from_.assign(short_takers_.size(), nullptr);
    const Event* first = nullptr;
    for (std::size_t i = short_takers_.size(); i-- > 0;) {
      if (first == nullptr || short_takers_[i]->end < first->end) {
        first = short_takers_[i];
      }
      first_end_from_[i] = first;
    }
  }

  void judge_freedom(const MessageFacts& message) {
    const Time stored_by = facts_.posts[message.post].stored_by;
    if (stored_by == kNever || short_takers_.empty()) {
      return;
    }
    std::vector<const ClaimFacts*> claims = message.held;
    std::ranges::sort(claims, {}, [](const ClaimFacts* claim) { return claim->possible.from; });
    Time free_from = std::max(stored_by, message.delay_over_by);
    for (const ClaimFacts* claim : claims) {
      judge_free(message, {free_from, claim->possible.from});
      free_from = std::max(free_from, claim->possible.to);
    }
    judge_free(message, {free_from, kNever});
  }

  /// The message is free all the time inside `span`, unless it died.
  void judge_free(const MessageFacts& message, Span span) {
    const auto at = std::ranges::upper_bound(short_takers_, span.from, {},
                                             [](const Event* taker) { return taker->start; });
    if (at == short_takers_.end()) {
      return;
    }
    const Event& taker = *first_end_from_[static_cast<std::size_t>(at - short_takers_.begin())];
    if (taker.end < span.to && message.may_be_dead_from() > taker.end &&
        message.last_shown > taker.end) {
      report(Rule::clock, message,
             fmt::format("{} was free, but client {} did not get it by a {} with room for it",
                         to_string(message.key), taker.client,
                         taker.action == Action::pop ? "pop" : "claim"));
    }
  }

  void report(Rule rule, const MessageFacts& message, std::string what) {
    found_.try_emplace({rule, message.key},
                       Violation{rule, facts_.queue, std::move(what), message.key});
  }

  const QueueFacts& facts_;
  const Tolerance& tolerance_;
  const Ends& ends_;
  std::vector<const Event*> short_takers_;    // by start
  std::vector<const Event*> first_end_from_;  // of those from here on, the one that ended first
  std::map<std::pair<Rule, MessageKey>, Violation> found_;
};

}  // namespace

std::vector<Violation> judge_lives(const QueueFacts& facts, const std::vector<const Event*>& events,
                                   const Tolerance& tolerance, const Ends& ends) {
  return LifeJudge(facts, tolerance, ends).run(events);
}

}  // namespace marconi::history
