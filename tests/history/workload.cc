#include "history/workload.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace marconi::history {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kClaimTtl = 60;  // the shortest there is
constexpr std::int64_t kGrace = 60;
constexpr std::int64_t kMessageTtl = 3600;
constexpr std::int64_t kShortMessageTtl = 60;
constexpr std::int64_t kLongMessageTtl = 1'209'600;  // the longest there is
/// Without an answer from a server that should be well.
constexpr auto kGivesUp = std::chrono::seconds(60);
/// By then a claim for kClaimTtl has ended by any reckoning.
constexpr auto kClaimsOver = std::chrono::seconds(kClaimTtl + 8);

template <class Dice>
std::uint32_t between(Dice& dice, std::uint32_t low, std::uint32_t high) {
  return std::uniform_int_distribution<std::uint32_t>(low, high)(dice);
}

template <class Dice>
bool chance(Dice& dice, std::uint32_t percent) {
  return between(dice, 1, 100) <= percent;
}

ApiVersion version_of(unsigned number) {
  constexpr ApiVersion kVersions[] = {ApiVersion::v2, ApiVersion::v1_1, ApiVersion::v1};
  return kVersions[number % std::size(kVersions)];
}

}  // namespace

bool Workload::start() {
  ApiClientOptions calm = options_.client;
  calm.cuts = 0;
  ApiClient first(Role::producer, ApiVersion::v2, calm, numbers_, options_.seed);
  for (std::uint32_t queue = 0; queue < options_.queues; ++queue) {
    if (!first.create_queue(queue)) {
      return false;
    }
  }
  for (unsigned i = 0; i < options_.producers; ++i) {
    spawn(changing_, Role::producer, i,
          [this](ApiClient& client, Dice dice) { produce(client, dice); });
  }
  for (unsigned i = 0; i < options_.consumers; ++i) {
    spawn(changing_, Role::consumer, i,
          [this](ApiClient& client, Dice dice) { consume(client, dice); });
  }
  for (unsigned i = 0; i < options_.deleters; ++i) {
    spawn(changing_, Role::deleter, i,
          [this, i](ApiClient& client, Dice dice) { erase(client, dice, i % options_.queues); });
  }
  for (unsigned i = 0; i < options_.observers; ++i) {
    // Not in step with the versions, so that each queue is seen in several.
    spawn(observing_, Role::observer, i / options_.queues + i,
          [this, i](ApiClient& client, Dice) { observe(client, i % options_.queues); });
  }
  return true;
}

Recording Workload::finish() {
  over_ = true;
  for (std::thread& thread : changing_) {
    thread.join();
  }
  quiet_ = true;
  for (std::thread& thread : observing_) {
    thread.join();
  }
  if (options_.claims_end) {
    end_claims();
  }
  scan_all();
  return std::move(recording_);
}

bool Workload::wait_for_posts(std::size_t posts, std::chrono::seconds within) {
  std::unique_lock lock(mutex_);
  const std::size_t wanted = posts_ + posts;
  return options_.producers > 0 && posted_.wait_for(lock, within, [&] { return posts_ >= wanted; });
}

template <class Work>
void Workload::spawn(std::vector<std::thread>& threads, Role role, unsigned number, Work work) {
  const std::uint64_t seed =
      options_.seed * 1'000'003 + static_cast<std::uint64_t>(role) * 1'000 + number;
  threads.emplace_back([this, role, number, work, seed] {
    ApiClient client(role, version_of(number), options_.client, numbers_, seed);
    work(client, Dice(seed + 1));
    keep(client);
  });
}

void Workload::keep(ApiClient& client) {
  const std::lock_guard lock(mutex_);
  recording_.history.append(client.take_events());
  std::ranges::move(client.take_surprises(), std::back_inserter(recording_.surprises));
  recording_.cuts += client.cuts();
}

std::uint32_t Workload::any_queue(Dice& dice) const {
  return between(dice, 0, options_.queues - 1);
}

void Workload::produce(ApiClient& client, Dice dice) {
  while (!over_) {
    const std::uint32_t parts = chance(dice, 5) ? between(dice, 20, 60) : between(dice, 1, 5);
    if (client.post(any_queue(dice), parts, message_ttl(dice))) {
      const std::lock_guard lock(mutex_);
      ++posts_;
      posted_.notify_all();
    }
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 2 * options_.pace)));
  }
}

std::int64_t Workload::message_ttl(Dice& dice) const {
  if (chance(dice, 10)) {
    return kShortMessageTtl;
  }
  return options_.clock_steps && !chance(dice, 10) ? kLongMessageTtl : kMessageTtl;
}

void Workload::observe(ApiClient& client, std::uint32_t queue) {
  Scan scan = client.begin_scan(queue);
  auto answered = std::chrono::steady_clock::now();
  while (true) {
    const bool last = quiet_;
    const auto page = client.next_page(scan);
    if (page) {
      answered = std::chrono::steady_clock::now();
    } else if (last && std::chrono::steady_clock::now() > answered + kGivesUp) {
      client.surprise("no answer for a long time, and nothing more done to the server");
      return;
    }
    if (!page || page->size() == ApiClient::kPageLimit) {
      continue;
    }
    if (last && page->empty()) {
      return;
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
}

void Workload::erase(ApiClient& client, Dice dice, std::uint32_t queue) {
  Scan scan = client.begin_scan(queue);
  while (!over_) {
    const auto page = client.next_page(scan);
    if (!page || page->empty()) {
      std::this_thread::sleep_for(milliseconds(5));
      continue;
    }
    std::vector<Received> chosen;
    std::ranges::copy_if(*page, std::back_inserter(chosen),
                         [&](const Received&) { return chance(dice, 15); });
    if (chosen.empty()) {
      continue;
    }
    if (chance(dice, 50)) {
      client.erase_many(queue, chosen);
    } else {
      client.erase(queue, chosen.front(), nullptr);
    }
  }
}

void Workload::consume(ApiClient& client, Dice dice) {
  Claims left;
  std::chrono::steady_clock::time_point first_left;
  while (!over_) {
    const auto claim = client.claim(any_queue(dice), between(dice, 1, 20), kClaimTtl, kGrace);
    if (claim && work_on(client, *claim, dice)) {
      if (left.empty()) {
        first_left = std::chrono::steady_clock::now();
      }
      left.push_back(*claim);
    }
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 10)));
    const bool due = std::chrono::steady_clock::now() > first_left + kClaimsOver ||
                     (options_.clock_steps && chance(dice, 5));
    if (!left.empty() && due) {
      work_with_ended(client, left.front());
      left.erase(left.begin());
      first_left = std::chrono::steady_clock::now() - kClaimsOver + milliseconds(500);
    }
  }
  const std::lock_guard lock(mutex_);
  std::ranges::move(left, std::back_inserter(left_to_clock_));
}

bool Workload::work_on(ApiClient& client, const Claimed& claim, Dice& dice) {
  const std::uint32_t mood = between(dice, 1, 100);
  if (mood <= 25) {
    return true;
  }
  if (chance(dice, 15)) {
    client.renew(claim, kClaimTtl, kGrace);
  }
  if (chance(dice, 5)) {
    client.erase(claim.queue, claim.messages.front(), nullptr);  // must be refused
  }
  if (mood <= 35) {
    client.erase_many(claim.queue, claim.messages);
    return false;
  }
  // Some are done with all of it, some with a part.
  const std::size_t done =
      mood <= 70 ? claim.messages.size()
                 : between(dice, 0, static_cast<std::uint32_t>(claim.messages.size() - 1));
  for (std::size_t i = 0; i < done; ++i) {
    client.erase(claim.queue, claim.messages[i], &claim);
  }
  if (done < claim.messages.size()) {
    client.release(claim);
    if (chance(dice, 30)) {
      work_with_released(client, claim, dice);
    }
  }
  return false;
}

/// A worker that has lost track of its own release: all of it must be refused.
void Workload::work_with_released(ApiClient& client, const Claimed& claim, Dice& dice) {
  if (chance(dice, 50)) {
    client.renew(claim, kClaimTtl, kGrace);
  } else {
    client.erase(claim.queue, claim.messages.back(), &claim);
  }
}

/// A worker that comes back too late.
void Workload::work_with_ended(ApiClient& client, const Claimed& claim) {
  client.renew(claim, kClaimTtl, kGrace);
  for (const Received& message : claim.messages) {
    client.erase(claim.queue, message, &claim);
  }
}

void Workload::end_claims() {
  std::this_thread::sleep_for(kClaimsOver);
  ApiClientOptions calm = options_.client;
  calm.cuts = 0;
  ApiClient late(Role::consumer, ApiVersion::v2, calm, numbers_, options_.seed);
  constexpr std::size_t kTried = 50;
  for (std::size_t i = 0; i < std::min(kTried, left_to_clock_.size()); ++i) {
    work_with_ended(late, left_to_clock_[i]);
  }
  for (std::uint32_t queue = 0; queue < options_.queues; ++queue) {
    const auto until = std::chrono::steady_clock::now() + kGivesUp;
    bool answered = true;
    while (late.claim(queue, ApiClient::kPageLimit, kClaimTtl, kGrace, &answered) ||
           (!answered && std::chrono::steady_clock::now() < until)) {
    }
  }
  keep(late);
}

void Workload::scan_all() {
  ApiClientOptions calm = options_.client;
  calm.cuts = 0;
  for (std::uint32_t queue = 0; queue < options_.queues; ++queue) {
    ApiClient fresh(Role::observer, version_of(queue), calm, numbers_, options_.seed);
    observe(fresh, queue);
    keep(fresh);
  }
}

}  // namespace marconi::history
