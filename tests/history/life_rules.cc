#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "history/claim_lives.h"
#include "history/rules.h"

namespace marconi::history {
namespace {

class LifeJudge {
 public:
  LifeJudge(const QueueFacts& facts, const Tolerance& tolerance, const Ends& ends)
      : facts_(facts), tolerance_(tolerance), ends_(ends) {}

  std::vector<Violation> run(const std::vector<const Event*>& events) {
    for (const Event* event : events) {
      if (event->outcome == Outcome::done && (is_read(*event) || takes(*event))) {
        judge_shown(*event);
      } else if (event->action == Action::erase || event->action == Action::erase_claimed) {
        judge_deletion(*event);
      }
    }
    find_takers(events);
    for (const MessageFacts& message : facts_.messages) {
      judge_owners(message);
      judge_pops(message);
      judge_freedom(message);
      judge_move(message);
    }
    judge_lost_claims();
    std::vector<Violation> violations;
    for (auto& [key, violation] : found_) {
      violations.push_back(std::move(violation));
    }
    return violations;
  }

 private:
  /// A claim without an answer, whose catch is not known.
  struct LostClaim {
    const Event* request;
    Time effect_by;
    Time ends_from;
    Time ends_by;
  };

  /// When a message was free by all that is known, and neither dead nor gone.
  struct FreeSpan {
    const MessageFacts* message;
    Span span;
  };

  static bool is_read(const Event& event) {
    return event.action == Action::list || event.action == Action::get;
  }

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
      if (event.start > message.moved_by) {
        report(Rule::survives, message,
               fmt::format("{} was shown after it had moved to the dead-letter queue",
                           to_string(key)));
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

  // ---- Moves to the dead-letter queue ----------------------------------------------------------

  void judge_move(const MessageFacts& message) {
    if (facts_.max_claims == 0) {
      return;
    }
    if (message.held.size() > facts_.max_claims) {
      report(Rule::one_owner, message,
             fmt::format("{} was claimed {} times, at most {} are allowed", to_string(message.key),
                         message.held.size(), facts_.max_claims));
    }
    if (message.moved_by < message.may_be_moved_from) {
      report(
          Rule::one_owner, message,
          fmt::format("{} moved to the dead-letter queue before it was claimed {} times and free",
                      to_string(message.key), facts_.max_claims));
    }
  }

  // ---- Claims and pops that got less than they asked for -------------------------------------

  [[nodiscard]] bool came_short(const Event& taker) const {
    if (taker.action == Action::pop) {
      return !tolerance_.cut_pops && taker.messages.size() < taker.limit;
    }
    const std::size_t gone = tolerance_.slow_claims ? may_have_gone_from(taker) : 0;
    const std::size_t moved = facts_.max_claims > 0 ? may_have_moved_by(taker) : 0;
    return taker.messages.size() + gone + moved < taker.limit;
  }

  /// How many messages the claim may have moved to the dead-letter queue: these count.
  [[nodiscard]] std::size_t may_have_moved_by(const Event& claim) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(facts_.messages, [&](const MessageFacts& message) {
          return message.may_be_moved_from <= claim.end && message.moved_by >= claim.start &&
                 message.dead_by >= claim.start;
        }));
  }

  /// How many messages the claim may have taken that were deleted before its answer was made.
  [[nodiscard]] std::size_t may_have_gone_from(const Event& claim) const {
    const auto holds_all_the_time = [&](const ClaimFacts* other) {
      return other->request == &claim ||
             (other->certain.from <= claim.start && other->certain.to >= claim.end);
    };
    return static_cast<std::size_t>(
        std::ranges::count_if(facts_.messages, [&](const MessageFacts& message) {
          return message.may_be_dead_from() <= claim.end && message.dead_by >= claim.start &&
                 message.last_shown_from < claim.end &&
                 std::ranges::none_of(message.held, holds_all_the_time);
        }));
  }

  /// A lost pop needs no thought: what is shown later it did not take.
  void find_takers(const std::vector<const Event*>& events) {
    for (const Event* request : events) {
      if (request->action == Action::claim && request->outcome == Outcome::lost) {
        const Time by = effect_by(*request, tolerance_);
        const Time ttl = request->ttl * kSecond;
        lost_claims_.push_back({request, by, ends_.earliest(request->start, ttl),
                                ends_.latest(request->start, by, ttl)});
      }
      if (takes(*request) && request->outcome == Outcome::done && came_short(*request)) {
        short_takers_.push_back(request);
      }
    }
    for (const Event* event : events) {
      if (empties_queue(*event) && event->outcome != Outcome::refused) {
        end_lost_claims(*event);
      }
    }
    first_end_from_.assign(short_takers_.size(), nullptr);
    const Event* first = nullptr;
    for (std::size_t i = short_takers_.size(); i-- > 0;) {
      if (first == nullptr || short_takers_[i]->end < first->end) {
        first = short_takers_[i];
      }
      first_end_from_[i] = first;
    }
  }

  /// A purge may end the claims that come before it.
  void end_lost_claims(const Event& purge) {
    for (LostClaim& claim : lost_claims_) {
      if (claim.request->start <= effect_by(purge, tolerance_)) {
        claim.ends_from = std::min(claim.ends_from, purge.start);
      }
    }
  }

  void judge_freedom(const MessageFacts& message) {
    const PostFacts& post = facts_.posts[message.post];
    if (post.stored_by == kNever || short_takers_.empty()) {
      return;
    }
    std::vector<const ClaimFacts*> claims = message.held;
    std::ranges::sort(claims, {}, [](const ClaimFacts* claim) { return claim->possible.from; });
    Time may_be_free_from = post.event->start;
    Time free_from = std::max(post.stored_by, message.delay_over_by);
    for (const ClaimFacts* claim : claims) {
      judge_free(message, {free_from, claim->possible.from}, may_be_free_from, claim->request->end);
      may_be_free_from = std::max(claim->request->start, claim->certain.to);
      free_from = std::max(free_from, claim->possible.to);
    }
    judge_free(message, {free_from, kNever}, may_be_free_from,
               message.pops.empty() ? kNever : message.pops.front()->end);
  }

  /// The message is free all the time inside `span`, unless it died, or a lost claim took it. That
  /// can have been no earlier than `may_be_free_from`, and was over when another one took it, by
  /// `taken_by`.
  void judge_free(const MessageFacts& message, Span span, Time may_be_free_from, Time taken_by) {
    // What is not shown later may be dead.
    span.to = std::min({span.to, message.may_be_dead_from(), message.last_shown});
    if (span.from >= span.to) {
      return;
    }
    free_spans_.push_back({&message, span});
    for (const LostClaim& claim : lost_claims_) {
      if (claim.effect_by >= may_be_free_from && claim.ends_from <= taken_by) {
        judge_certainly_free(message, {span.from, std::min(span.to, claim.request->start)});
        span.from = std::max(span.from, claim.ends_by);
      }
    }
    judge_certainly_free(message, span);
  }

  void judge_certainly_free(const MessageFacts& message, Span span) {
    const auto at = std::ranges::upper_bound(short_takers_, span.from, {},
                                             [](const Event* taker) { return taker->start; });
    if (at == short_takers_.end()) {
      return;
    }
    const Event& taker = *first_end_from_[static_cast<std::size_t>(at - short_takers_.begin())];
    if (taker.end < span.to) {
      report_left_behind(message, taker);
    }
  }

  /// Of the messages that are free by all that is known, lost claims may hold as many as they asked
  /// for, and no more.
  void judge_lost_claims() {
    std::vector<Time> begins;
    std::vector<Time> ends;
    for (const FreeSpan& free : free_spans_) {
      begins.push_back(free.span.from);
      ends.push_back(free.span.to);
    }
    std::ranges::sort(begins);
    std::ranges::sort(ends);
    for (const Event* taker : short_takers_) {
      std::ptrdiff_t may_be_held = 0;
      for (const LostClaim& claim : lost_claims_) {
        if (claim.request->start <= taker->end && claim.ends_by >= taker->start) {
          may_be_held += claim.request->limit;
        }
      }
      if (may_be_held == 0) {
        continue;  // each message has been judged by itself
      }
      const auto begun = std::ranges::lower_bound(begins, taker->start) - begins.begin();
      const auto over = std::ranges::upper_bound(ends, taker->end) - ends.begin();
      // Spans that lie inside the request are not among those begun, so these are too few.
      if (begun - over > may_be_held) {
        const auto left = std::ranges::find_if(free_spans_, [&](const FreeSpan& free) {
          return free.span.from < taker->start && free.span.to > taker->end;
        });
        report_left_behind(*left->message, *taker);
      }
    }
  }

  void report_left_behind(const MessageFacts& message, const Event& taker) {
    report(Rule::clock, message,
           fmt::format("{} was free, but client {} did not get it by a {} with room for it",
                       to_string(message.key), taker.client,
                       taker.action == Action::pop ? "pop" : "claim"));
  }

  void report(Rule rule, const MessageFacts& message, std::string what) {
    found_.try_emplace({rule, message.key},
                       Violation{rule, facts_.queue, std::move(what), message.key});
  }

  const QueueFacts& facts_;
  const Tolerance& tolerance_;
  const Ends& ends_;
  std::vector<LostClaim> lost_claims_;        // by start
  std::vector<FreeSpan> free_spans_;          // while there are short takers
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
