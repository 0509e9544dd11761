#include "history/claim_lives.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace marconi::history {
namespace {

using Events = std::vector<const Event*>;

class Lives {
 public:
  Lives(std::uint32_t queue, const std::vector<Deletion>& purges, const Tolerance& tolerance,
        const Ends& ends)
      : queue_(queue), purges_(purges), tolerance_(tolerance), ends_(ends) {}

  ClaimLives run(const Events& events) {
    std::unordered_map<std::uint32_t, Events> later;  // renewals and releases, by claim
    for (const Event* event : events) {
      if (event->action == Action::renew || event->action == Action::release) {
        later[event->claim].push_back(event);
      }
    }
    for (const Event* event : events) {
      if (event->action == Action::claim && event->outcome == Outcome::done &&
          !event->messages.empty()) {
        lives_.claims[event->claim] = life_of(*event, later[event->claim]);
      }
    }
    return std::move(lives_);
  }

 private:
  ClaimFacts life_of(const Event& request, const Events& later) {
    const Time ttl = request.ttl * kSecond;
    ClaimFacts claim;
    claim.request = &request;
    claim.certain = {request.end, ends_.earliest(request.start, ttl)};
    claim.possible = {request.start, ends_.latest(request.start, request.end, ttl)};
    claim.extends_life_to = ends_.latest(request.start, request.end, ttl + request.grace * kSecond);
    Time released_from = purged_from(request);
    Time released_by = kNever;
    // A lost renewal may come into force later than one that was answered.
    Time shortest_lost = kNever;
    Time lost_until = 0;
    for (const Event* event : later) {
      if (event->action == Action::release) {
        claim.release_tried = true;
        if (event->outcome != Outcome::refused) {
          released_from = std::min(released_from, event->start);
        }
        if (event->outcome == Outcome::done) {
          released_by = std::min(released_by, event->end);
        }
        continue;
      }
      const Time renewed = event->ttl * kSecond;
      if (event->outcome == Outcome::refused) {
        judge_refused_renewal(request, *event, std::min(claim.certain.to, released_from));
        continue;
      }
      if (event->outcome == Outcome::done) {
        judge_renewal(request, *event, std::min(claim.possible.to, released_by));
        claim.certain.to = ends_.earliest(event->start, std::min(renewed, shortest_lost));
        claim.possible.to = std::max(ends_.latest(event->start, event->end, renewed), lost_until);
      } else {
        shortest_lost = std::min(shortest_lost, renewed);
        lost_until = std::max(lost_until,
                              ends_.latest(event->start, effect_by(*event, tolerance_), renewed));
        claim.certain.to = std::min(claim.certain.to, ends_.earliest(event->start, renewed));
        claim.possible.to = std::max(claim.possible.to, lost_until);
      }
      claim.extends_life_to =
          std::max(claim.extends_life_to, ends_.latest(event->start, effect_by(*event, tolerance_),
                                                       renewed + event->grace * kSecond));
    }
    claim.certain.to = std::min(claim.certain.to, released_from);
    claim.possible.to = std::min(claim.possible.to, released_by);
    return claim;
  }

  void judge_renewal(const Event& request, const Event& renewal, Time latest_end) {
    if (renewal.start > latest_end) {
      report(request, Rule::one_owner,
             fmt::format("claim {} was renewed after its end", renewal.claim));
    }
  }

  void judge_refused_renewal(const Event& request, const Event& renewal, Time earliest_end) {
    if (renewal.end < earliest_end) {
      report(request, Rule::clock,
             fmt::format("claim {} could not be renewed before its end", renewal.claim));
    }
  }

  /// A purge removes claims as well.
  Time purged_from(const Event& request) const {
    Time from = kNever;
    for (const Deletion& purge : purges_) {
      if (effect_by(*purge.event, tolerance_) >= request.start) {
        from = std::min(from, purge.from);
      }
    }
    return from;
  }

  void report(const Event& request, Rule rule, std::string what) {
    lives_.violations.push_back({rule, queue_, std::move(what), request.messages.front()});
  }

  std::uint32_t queue_;
  const std::vector<Deletion>& purges_;
  const Tolerance& tolerance_;
  const Ends& ends_;
  ClaimLives lives_;
};

}  // namespace

Time effect_by(const Event& event, const Tolerance& tolerance) {
  return event.outcome == Outcome::lost ? event.end + tolerance.settles : event.end;
}

ClaimLives establish_claim_lives(std::uint32_t queue, const std::vector<const Event*>& events,
                                 const std::vector<Deletion>& purges, const Tolerance& tolerance,
                                 const Ends& ends) {
  return Lives(queue, purges, tolerance, ends).run(events);
}

}  // namespace marconi::history
