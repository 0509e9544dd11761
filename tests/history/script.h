// For the checker's tests: histories written by hand.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "history/checker.h"
#include "history/history.h"

namespace marconi::history {

inline constexpr std::int64_t kTtl = 3600;

// The first messages of the first posts.
inline constexpr MessageKey kA{1, 0};
inline constexpr MessageKey kB{2, 0};
inline constexpr MessageKey kC{3, 0};
inline constexpr MessageKey kD{4, 0};

/// Times are seconds; a request lasts from `start` to `end`.
struct At {
  double start;
  double end;
};

class Script {
 public:
  Script() = default;

  /// Posts 1, 2, 3, … one after the other, the n-th from n to n + 0.5 seconds.
  explicit Script(std::uint32_t posts) {
    for (std::uint32_t number = 1; number <= posts; ++number) {
      post({double(number), number + 0.5}, number);
    }
  }

  Event& post(At at, std::uint32_t number, std::uint32_t parts = 1,
              Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::post, Role::producer, outcome);
    event.post = number;
    event.parts = parts;
    event.ttl = kTtl;
    return event;
  }

  /// A page of at most 3 messages.
  Event& page(At at, std::uint32_t scan, std::vector<MessageKey> messages) {
    Event& event = add(at, Action::list, Role::observer);
    event.scan = scan;
    event.limit = 3;
    event.messages = std::move(messages);
    return event;
  }

  Event& get(At at, std::vector<MessageKey> asked, std::vector<MessageKey> messages) {
    Event& event = add(at, Action::get, Role::reader);
    event.asked = std::move(asked);
    event.messages = std::move(messages);
    return event;
  }

  /// A claim of at most 3 messages for 60 s.
  Event& claim(At at, std::uint32_t number, std::vector<MessageKey> messages,
               Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::claim, Role::consumer, outcome);
    event.claim = number;
    event.limit = 3;
    event.ttl = 60;
    event.grace = 60;
    event.messages = std::move(messages);
    return event;
  }

  Event& renew(At at, std::uint32_t claim, std::int64_t ttl, Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::renew, Role::consumer, outcome);
    event.claim = claim;
    event.ttl = ttl;
    event.grace = 60;
    return event;
  }

  Event& release(At at, std::uint32_t claim, Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::release, Role::consumer, outcome);
    event.claim = claim;
    return event;
  }

  Event& erase(At at, MessageKey message, std::uint32_t claim = kNoClaim,
               Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::erase, Role::consumer, outcome);
    event.claim = claim;
    event.messages = {message};
    return event;
  }

  Event& erase_many(At at, std::vector<MessageKey> messages, Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::erase_many, Role::deleter, outcome);
    event.messages = std::move(messages);
    return event;
  }

  Event& erase_claimed(At at, std::vector<MessageKey> messages, std::uint32_t claim,
                       Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::erase_claimed, Role::consumer, outcome);
    event.claim = claim;
    event.messages = std::move(messages);
    return event;
  }

  /// A pop of at most 3 messages.
  Event& pop(At at, std::vector<MessageKey> messages, Outcome outcome = Outcome::done) {
    Event& event = add(at, Action::pop, Role::consumer, outcome);
    event.limit = 3;
    event.messages = std::move(messages);
    return event;
  }

  Event& purge(At at, Outcome outcome = Outcome::done) {
    return add(at, Action::purge, Role::deleter, outcome);
  }

  Event& remove_queue(At at, Outcome outcome = Outcome::done) {
    return add(at, Action::remove_queue, Role::deleter, outcome);
  }

  /// Messages of queue 0 move to queue 1 instead of being claimed more often than that.
  void dead_letters(std::uint32_t max_claims) { history_.dead_letters = {{0, 1, max_claims}}; }

  /// Between these times the server's clock is moved by `least` to `most` seconds.
  void step(At at, double least, double most) {
    history_.clock_steps.push_back(
        {static_cast<Time>(at.start * kSecond), static_cast<Time>(at.end * kSecond),
         static_cast<Time>(least * kSecond), static_cast<Time>(most * kSecond)});
  }

  [[nodiscard]] const History& history() const { return history_; }

  /// The rules that the history breaks.
  [[nodiscard]] std::vector<Rule> broken() const {
    std::set<Rule> rules;
    for (const Violation& violation : check(history_).violations) {
      rules.insert(violation.rule);
    }
    return {rules.begin(), rules.end()};
  }

 private:
  Event& add(At at, Action action, Role role, Outcome outcome = Outcome::done) {
    Event event;
    event.start = static_cast<Time>(at.start * kSecond);
    event.end = static_cast<Time>(at.end * kSecond);
    event.action = action;
    event.role = role;
    event.outcome = outcome;
    history_.events.push_back(std::move(event));
    return history_.events.back();
  }

  History history_;
};

}  // namespace marconi::history
