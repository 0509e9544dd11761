#include "history/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace marconi::history {
namespace {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::producer:
      return "producer";
    case Role::observer:
      return "observer";
    case Role::watcher:
      return "watcher";
    case Role::reader:
      return "reader";
    case Role::consumer:
      return "consumer";
    case Role::deleter:
      return "deleter";
  }
  return "?";
}

std::string_view name_of(Action action) {
  switch (action) {
    case Action::post:
      return "post";
    case Action::list:
      return "list";
    case Action::get:
      return "get";
    case Action::claim:
      return "claim";
    case Action::renew:
      return "renew";
    case Action::release:
      return "release";
    case Action::erase:
      return "erase";
    case Action::erase_many:
      return "erase-many";
    case Action::erase_claimed:
      return "erase-claimed";
    case Action::pop:
      return "pop";
    case Action::purge:
      return "purge";
    case Action::remove_queue:
      return "remove-queue";
    case Action::create_queue:
      return "create-queue";
  }
  return "?";
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::refused:
      return "refused";
    case Outcome::lost:
      return "lost";
  }
  return "?";
}

double seconds(Time time) { return static_cast<double>(time) / kSecond; }

bool names(const Event& event, MessageKey key) {
  return (event.action == Action::post && event.post == key.post) ||
         std::ranges::find(event.messages, key) != event.messages.end() ||
         std::ranges::find(event.asked, key) != event.asked.end();
}

}  // namespace

void History::append(std::vector<Event> more) {
  events.insert(events.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

std::string to_string(MessageKey key) { return fmt::format("{}.{}", key.post, key.part); }

std::string to_string(const Event& event, Time origin) {
  std::string line = fmt::format("{:.6f}–{:.6f} queue {} {} {}: {}", seconds(event.start - origin),
                                 seconds(event.end - origin), event.queue, name_of(event.role),
                                 event.client, name_of(event.action));
  if (event.action == Action::post) {
    fmt::format_to(std::back_inserter(line), " {} of {} ttl={} delay={}", event.post, event.parts,
                   event.ttl, event.delay);
  }
  if (event.action == Action::list) {
    fmt::format_to(std::back_inserter(line), " scan={} limit={}", event.scan, event.limit);
  }
  if (event.action == Action::pop) {
    fmt::format_to(std::back_inserter(line), " limit={}", event.limit);
  }
  if (event.claim != kNoClaim) {
    fmt::format_to(std::back_inserter(line), " claim={}", event.claim);
  }
  if (event.action == Action::claim || event.action == Action::renew) {
    fmt::format_to(std::back_inserter(line), " ttl={} grace={} limit={}", event.ttl, event.grace,
                   event.limit);
  }
  for (const MessageKey key : event.asked) {
    fmt::format_to(std::back_inserter(line), " {}", to_string(key));
  }
  fmt::format_to(std::back_inserter(line), " → {} {}", name_of(event.outcome), event.status);
  for (const MessageKey key : event.messages) {
    fmt::format_to(std::back_inserter(line), " {}", to_string(key));
  }
  return line;
}

std::vector<const Event*> events_about(const History& history, MessageKey key) {
  std::unordered_set<std::uint32_t> claims;
  std::uint32_t queue = 0;
  for (const Event& event : history.events) {
    if (!names(event, key)) {
      continue;
    }
    queue = event.queue;
    if (event.action == Action::claim) {
      claims.insert(event.claim);
    }
  }
  const auto concerns = [&](const Event& event) {
    if (event.action == Action::renew || event.action == Action::release) {
      return claims.contains(event.claim);
    }
    const bool may_have_taken_it =
        empties_queue(event) || (event.action == Action::pop && event.outcome == Outcome::lost);
    return (may_have_taken_it && event.queue == queue) || names(event, key);
  };
  std::vector<const Event*> about;
  for (const Event& event : history.events) {
    if (concerns(event)) {
      about.push_back(&event);
    }
  }
  std::ranges::sort(about, {}, [](const Event* event) { return event->start; });
  return about;
}

}  // namespace marconi::history
