#include "history/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace marconi::history {
namespace {

using Events = std::vector<const Event*>;

/// When a request has had its effect, if it has one.
Time effect_by(const Event& event, const Tolerance& tolerance) {
  return event.outcome == Outcome::lost ? event.end + tolerance.settles : event.end;
}

bool shows_messages(const Event& event) {
  return event.outcome == Outcome::done &&
         (event.action == Action::list || event.action == Action::claim);
}

bool deletes(const Event& event) {
  return event.action == Action::erase || event.action == Action::erase_many;
}

class Establisher {
 public:
  Establisher(std::uint32_t queue, const Events& events, const Tolerance& tolerance,
              const Ends& ends)
      : events_(events), tolerance_(tolerance), ends_(ends) {
    facts_.queue = queue;
  }

  QueueFacts run() {
    read_posts();
    read_claims();
    for (const Event* event : events_) {
      if (shows_messages(*event)) {
        note_shown(*event);
      }
      if (deletes(*event) && event->outcome != Outcome::refused) {
        note_deletion(*event);
      }
    }
    read_scans();
    settle_lives();
    return std::move(facts_);
  }

 private:
  void read_posts() {
    for (const Event* event : events_) {
      if (event->action != Action::post || event->outcome == Outcome::refused) {
        continue;
      }
      const auto post = static_cast<Index>(facts_.posts.size());
      facts_.post_by_number[event->post] = post;
      facts_.posts.push_back({event, static_cast<Index>(facts_.messages.size()),
                              event->outcome == Outcome::done ? event->end : kNever});
      for (std::uint32_t part = 0; part < event->parts; ++part) {
        MessageFacts message;
        message.key = {event->post, part};
        message.post = post;
        facts_.messages.push_back(std::move(message));
      }
    }
  }

  // ---- Claims ------------------------------------------------------------------------------

  void read_claims() {
    std::unordered_map<std::uint32_t, Events> later;  // renewals and releases, by claim
    for (const Event* event : events_) {
      if (event->action == Action::renew || event->action == Action::release) {
        later[event->claim].push_back(event);
      } else if (event->action == Action::claim && event->outcome != Outcome::refused) {
        facts_.claim_requests.push_back(event);
      }
    }
    for (const Event* request : facts_.claim_requests) {
      if (request->outcome == Outcome::done && !request->messages.empty()) {
        facts_.claims[request->claim] = life_of(*request, later[request->claim]);
      }
    }
  }

  ClaimFacts life_of(const Event& request, const Events& later) {
    const Time ttl = request.ttl * kSecond;
    ClaimFacts claim;
    claim.request = &request;
    claim.certain = {request.end, ends_.earliest(request.start, ttl)};
    claim.possible = {request.start, ends_.latest(request.start, request.end, ttl)};
    claim.extends_life_to = ends_.latest(request.start, request.end, ttl + request.grace * kSecond);
    Time released_from = kNever;
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
        judge_refused_renewal(*event, std::min(claim.certain.to, released_from));
        continue;
      }
      if (event->outcome == Outcome::done) {
        judge_renewal(*event, std::min(claim.possible.to, released_by));
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

  void judge_renewal(const Event& renewal, Time latest_end) {
    if (renewal.start > latest_end) {
      report(Rule::one_owner, fmt::format("claim {} was renewed after its end", renewal.claim),
             a_message_of(renewal.claim));
    }
  }

  void judge_refused_renewal(const Event& renewal, Time earliest_end) {
    if (renewal.end < earliest_end) {
      report(Rule::clock,
             fmt::format("claim {} could not be renewed before its end", renewal.claim),
             a_message_of(renewal.claim));
    }
  }

  std::optional<MessageKey> a_message_of(std::uint32_t claim) const {
    for (const Event* request : facts_.claim_requests) {
      if (request->claim == claim && !request->messages.empty()) {
        return request->messages.front();
      }
    }
    return std::nullopt;
  }

  // ---- Messages ----------------------------------------------------------------------------

  void note_shown(const Event& event) {
    for (const MessageKey key : event.messages) {
      const Index index = facts_.find(key);
      if (index == kNone) {
        if (unknown_.insert({key, true}).second) {
          report(Rule::whole, fmt::format("message {} was shown, but not posted", to_string(key)),
                 key);
        }
        continue;
      }
      MessageFacts& message = facts_.messages[index];
      message.first_shown = std::min(message.first_shown, event.end);
      message.last_shown = std::max(message.last_shown, event.end);
      PostFacts& post = facts_.posts[message.post];
      post.stored_by = std::min(post.stored_by, event.end);
      if (event.action == Action::claim) {
        const ClaimFacts* claim = &facts_.claims.at(event.claim);
        if (message.held.empty() || message.held.back() != claim) {
          message.held.push_back(claim);
        }
      }
    }
  }

  void note_deletion(const Event& event) {
    for (const MessageKey key : event.messages) {
      const Index index = facts_.find(key);
      if (index == kNone) {
        continue;
      }
      MessageFacts& message = facts_.messages[index];
      // Events come in order of their starts, so the first two are the earliest.
      if (message.deletions[0] == nullptr) {
        message.deletions[0] = &event;
      } else if (message.deletions[1] == nullptr) {
        message.deletions[1] = &event;
      }
      if (event.outcome == Outcome::done) {
        message.deletion_started = std::min(message.deletion_started, event.start);
        message.dead_by = std::min(message.dead_by, event.end);
      }
    }
  }

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
      const Time ttl = post.ttl * kSecond;
      message.earliest_expiry = ends_.earliest(post.start, ttl);
      message.latest_expiry = std::max(ends_.latest(post.start, effect_by(post, tolerance_), ttl),
                                       lost_claims_extend_to);
      for (const ClaimFacts* claim : message.held) {
        message.latest_expiry = std::max(message.latest_expiry, claim->extends_life_to);
      }
    }
  }

  void read_scans() {
    std::map<std::uint32_t, Events> pages;
    for (const Event* event : events_) {
      if (event->action == Action::list && event->outcome == Outcome::done) {
        pages[event->scan].push_back(event);
      }
    }
    for (auto& [number, of_scan] : pages) {
      facts_.scans.push_back({number, std::move(of_scan)});
    }
  }

  void report(Rule rule, std::string what, std::optional<MessageKey> about) {
    facts_.violations.push_back({rule, facts_.queue, std::move(what), about});
  }

  const Events& events_;
  const Tolerance& tolerance_;
  const Ends& ends_;
  QueueFacts facts_;
  std::map<MessageKey, bool> unknown_;
};

}  // namespace

Time MessageFacts::may_be_dead_from(const Event* but_for) const {
  const Event* deletion = deletions[0] == but_for ? deletions[1] : deletions[0];
  return std::min(earliest_expiry, deletion == nullptr ? kNever : deletion->start);
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
                           const Tolerance& tolerance, const Ends& ends) {
  return Establisher(queue, events, tolerance, ends).run();
}

}  // namespace marconi::history
