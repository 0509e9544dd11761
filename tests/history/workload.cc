#include "history/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "history/reader.h"
#include "history/worker.h"

namespace marconi::history {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMessageTtl = 3600;
constexpr std::int64_t kShortMessageTtl = 60;
constexpr std::int64_t kLongMessageTtl = 1'209'600;  // the longest there is
constexpr std::uint32_t kLongestDelay = 3;           // seconds
/// The special queues whose messages are claimed.
constexpr unsigned kClaimedQueues = static_cast<unsigned>(SpecialQueue::short_lived);
/// Numbers of clients of special queues begin here: beyond the others, and with v2.
constexpr unsigned kOthers = 900;

/// Of one message in SpecialQueue::undelivered.
constexpr std::uint32_t kMaxClaims = 2;

/// One for each version.
constexpr unsigned kReaders = 3;

/// Without an answer from a server that should be well.
constexpr auto kGivesUp = std::chrono::seconds(60);
/// By then a claim for kClaimTtl has ended by any reckoning.
constexpr auto kClaimsOver = std::chrono::seconds(kClaimTtl + 8);

ApiVersion version_of(unsigned number) {
  constexpr ApiVersion kVersions[] = {ApiVersion::v2, ApiVersion::v1_1, ApiVersion::v1};
  return kVersions[number % std::size(kVersions)];
}

}  // namespace

bool Workload::start() {
  if (!create_queues()) {
    return false;
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
  if (options_.consumers > 0) {
    for (unsigned i = 0; i < 2; ++i) {  // v2 and v1.1
      spawn(changing_, Role::consumer, kOthers + i,
            [this](ApiClient& client, Dice dice) { pop(client, dice); });
    }
    spawn(changing_, Role::deleter, kOthers,
          [this](ApiClient& client, Dice dice) { purge(client, dice); });
    spawn(changing_, Role::deleter, kOthers + 3,  // with v2, too
          [this](ApiClient& client, Dice dice) { recreate(client, dice); });
    spawn(changing_, Role::consumer, kOthers + 2,  // with v1
          [this](ApiClient& client, Dice dice) { fail(client, dice); });
  }
  spawn_observers();
  return true;
}

bool Workload::create_queues() {
  ApiClient first = calm_client(Role::producer);
  for (std::uint32_t queue = 0; queue < options_.queues + kSpecialQueues; ++queue) {
    if (!first.create_queue(queue, metadata_of(queue))) {
      return false;
    }
  }
  recording_.history.dead_letters = {
      {number_of(SpecialQueue::undelivered), number_of(SpecialQueue::dead_letter), kMaxClaims}};
  return true;
}

std::string Workload::metadata_of(std::uint32_t queue) const {
  if (queue == number_of(SpecialQueue::delayed)) {
    return R"({"_default_message_delay": 1})";
  }
  if (queue == number_of(SpecialQueue::undelivered)) {
    return fmt::format(R"({{"_max_claim_count": {}, "_dead_letter_queue": "{}"}})", kMaxClaims,
                       ApiClient::name_of(number_of(SpecialQueue::dead_letter)));
  }
  return {};
}

void Workload::spawn_observers() {
  for (unsigned i = 0; i < options_.observers; ++i) {
    // Not in step with the versions, so that each queue is seen in several.
    spawn(observing_, Role::observer, i / options_.queues + i,
          [this, i](ApiClient& client, Dice) { observe(client, i % options_.queues); });
  }
  if (options_.observers == 0) {
    return;
  }
  // In v2, for only that can show delayed messages.
  for (const SpecialQueue kind : {SpecialQueue::delayed, SpecialQueue::purged,
                                  SpecialQueue::recreated, SpecialQueue::dead_letter}) {
    spawn(observing_, Role::observer, kOthers,
          [this, kind](ApiClient& client, Dice) { observe(client, number_of(kind)); });
  }
  for (const SpecialQueue kind :
       {SpecialQueue::purged, SpecialQueue::recreated, SpecialQueue::short_lived}) {
    spawn(watching_, Role::watcher, kOthers,
          [this, kind](ApiClient& client, Dice) { watch(client, number_of(kind)); });
  }
  for (unsigned i = 0; i < kReaders; ++i) {
    spawn(watching_, Role::reader, i, [this](ApiClient& client, Dice dice) { read(client, dice); });
  }
}

Recording Workload::finish() {
  over_ = true;
  join(changing_);
  if (options_.producers > 0 && options_.consumers > 0) {
    do_the_least();
  }
  quiet_ = true;
  join(observing_);
  if (options_.claims_end) {
    end_claims();
  }
  seen_out_ = true;
  join(watching_);
  scan_all();
  return std::move(recording_);
}

void Workload::join(std::vector<std::thread>& threads) {
  for (std::thread& thread : threads) {
    thread.join();
  }
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

ApiClient Workload::calm_client(Role role, ApiVersion version) {
  ApiClientOptions calm = options_.client;
  calm.cuts = 0;
  return {role, version, calm, numbers_, options_.seed};
}

void Workload::keep(ApiClient& client) {
  const std::lock_guard lock(mutex_);
  recording_.history.append(client.take_events());
  std::ranges::move(client.take_surprises(), std::back_inserter(recording_.surprises));
  recording_.cuts += client.cuts();
}

std::uint32_t Workload::any_queue(Dice& dice, unsigned special) const {
  return chance(dice, 45) ? options_.queues + between(dice, 0, special - 1)
                          : between(dice, 0, options_.queues - 1);
}

void Workload::produce(ApiClient& client, Dice dice) {
  while (!over_) {
    post(client, dice, any_queue(dice, kSpecialQueues));
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 2 * options_.pace)));
  }
}

void Workload::post(ApiClient& client, Dice& dice, std::uint32_t queue) {
  std::uint32_t parts = chance(dice, 5) ? between(dice, 20, 60) : between(dice, 1, 5);
  if (queue == number_of(SpecialQueue::undelivered)) {
    parts = 1;  // DeadLetterPolicy
  }
  const bool delays =
      queue == number_of(SpecialQueue::delayed) && client.version() == ApiVersion::v2;
  const std::int64_t delay = delays ? between(dice, 0, kLongestDelay) : 0;
  const std::int64_t ttl =
      queue == number_of(SpecialQueue::short_lived) ? kShortMessageTtl : message_ttl(dice);
  const bool may_be_missing = queue == number_of(SpecialQueue::recreated);
  if (client.post(queue, {parts, ttl, delay, may_be_missing})) {
    const std::lock_guard lock(mutex_);
    ++posts_;
    posted_.notify_all();
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

/// Scans the queue from its beginning again and again.
void Workload::watch(ApiClient& client, std::uint32_t queue) {
  while (!seen_out_) {
    Scan scan = client.begin_scan(queue);
    std::optional<std::vector<Received>> page;
    do {
      page = client.next_page(scan);
    } while (page && page->size() == ApiClient::kPageLimit);
    std::this_thread::sleep_for(milliseconds(100));
  }
}

void Workload::pop(ApiClient& client, Dice dice) {
  while (!over_) {
    client.pop(number_of(SpecialQueue::delayed), between(dice, 1, 5));
    std::this_thread::sleep_for(milliseconds(between(dice, 5, 40)));
  }
}

void Workload::purge(ApiClient& client, Dice dice) {
  while (!over_) {
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 400)));
    if (!client.purge(number_of(SpecialQueue::purged))) {
      std::this_thread::sleep_for(milliseconds(500));  // for watchers to see what became of it
    }
  }
}

void Workload::recreate(ApiClient& client, Dice dice) {
  const std::uint32_t queue = number_of(SpecialQueue::recreated);
  while (!over_) {
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 400)));
    if (!client.remove_queue(queue)) {
      std::this_thread::sleep_for(milliseconds(500));  // for watchers to see what became of it
    } else if (chance(dice, 50)) {
      client.create_queue(queue);
    }
  }
}

/// A worker that does not get done with its messages.
void Workload::fail(ApiClient& client, Dice dice) {
  while (!over_) {
    const auto claim =
        client.claim(number_of(SpecialQueue::undelivered), between(dice, 1, 8), kClaimTtl, kGrace);
    if (claim && chance(dice, 10)) {
      client.erase(claim->queue, claim->messages.front(), &*claim);
    }
    if (claim && !chance(dice, 5)) {
      client.release(*claim);
    }
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 20)));
  }
}

void Workload::read(ApiClient& client, Dice dice) {
  Reader reader(client, Dice(dice()));
  while (!seen_out_) {
    const std::uint32_t queue = between(dice, 0, options_.queues + kSpecialQueues - 1);
    // Only v2 can show delayed messages in a scan.
    if (queue != number_of(SpecialQueue::delayed) || client.version() == ApiVersion::v2) {
      reader.read(queue);
    }
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 4 * options_.pace)));
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
    const bool several = !options_.deletes_with_claims || client.version() == ApiVersion::v1;
    if (several && chance(dice, 50)) {
      if (chosen.size() < ApiClient::kPageLimit && chance(dice, 10)) {
        chosen.push_back(chosen.front());  // named twice
      }
      client.erase_many(queue, chosen);
    } else {
      client.erase(queue, chosen.front(), nullptr);
    }
  }
}

void Workload::consume(ApiClient& client, Dice dice) {
  Worker worker(client, Dice(dice()), options_.deletes_with_claims);
  Claims left;
  std::chrono::steady_clock::time_point first_left;
  while (!over_) {
    const auto claim =
        client.claim(any_queue(dice, kClaimedQueues), between(dice, 1, 20), kClaimTtl, kGrace);
    if (claim && worker.work_on(*claim)) {
      if (left.empty()) {
        first_left = std::chrono::steady_clock::now();
      }
      left.push_back(*claim);
    }
    std::this_thread::sleep_for(milliseconds(between(dice, 0, 10)));
    const bool due = std::chrono::steady_clock::now() > first_left + kClaimsOver ||
                     (options_.clock_steps && chance(dice, 5));
    if (!left.empty() && due) {
      worker.work_with_ended(left.front());
      left.erase(left.begin());
      first_left = std::chrono::steady_clock::now() - kClaimsOver + milliseconds(500);
    }
  }
  const std::lock_guard lock(mutex_);
  std::ranges::move(left, std::back_inserter(left_to_clock_));
}

/// Alone among those who change something, so that chance and a slow machine have no part in it.
void Workload::do_the_least() {
  ApiClient client = calm_client(Role::producer);
  const auto until = std::chrono::steady_clock::now() + kGivesUp;
  const auto repeat = [&](auto round) {
    for (unsigned done = 0; done < kLeastRounds;) {
      if (round(done)) {
        ++done;
      } else if (std::chrono::steady_clock::now() > until) {
        return;
      }
    }
  };
  repeat([&](unsigned done) { return get_and_erase(client, done % options_.queues); });
  repeat([&](unsigned done) { return remove_and_post(client, done % 2 == 0); });
  repeat([&](unsigned) { return claim_until_dead_letter(client); });
  keep(client);
}

/// Whether all requests were acknowledged.
bool Workload::get_and_erase(ApiClient& client, std::uint32_t queue) {
  const auto posted = client.post(queue, {.parts = kLeastParts, .ttl = kLongMessageTtl});
  const auto get_all = [&] {
    return client.get_many(queue, *posted).has_value() &&
           client.get(queue, posted->front()).has_value();
  };
  return posted && !posted->empty() && get_all() &&
         std::ranges::all_of(
             *posted, [&](const Received& each) { return client.erase(queue, each, nullptr); }) &&
         get_all();
}

/// Likewise.
bool Workload::remove_and_post(ApiClient& client, bool creates) {
  const std::uint32_t queue = number_of(SpecialQueue::recreated);
  const auto old = client.post(queue, {.parts = kLeastParts, .ttl = kLongMessageTtl});
  if (!old || !client.remove_queue(queue) || (creates && !client.create_queue(queue))) {
    return false;
  }
  auto all = client.post(queue, {.parts = kLeastParts, .ttl = kLongMessageTtl});
  if (!all) {
    return false;
  }
  std::ranges::copy(*old, std::back_inserter(*all));
  return client.get_many(queue, *all).has_value();
}

/// Likewise. What stands before the message in the queue has to go first.
bool Workload::claim_until_dead_letter(ApiClient& client) {
  const std::uint32_t queue = number_of(SpecialQueue::undelivered);
  const auto posted = client.post(queue, {.parts = 1, .ttl = kLongMessageTtl});
  if (!posted || posted->empty()) {
    return false;
  }
  const auto until = std::chrono::steady_clock::now() + kGivesUp;
  bool answered = true;
  while (answered && std::chrono::steady_clock::now() < until) {
    if (const auto claim =
            client.claim(queue, ApiClient::kPageLimit, kClaimTtl, kGrace, &answered)) {
      client.release(*claim);
    }
    const auto left = client.get(queue, posted->front());
    if (!left) {
      return false;
    }
    if (left->empty()) {
      return client.get(number_of(SpecialQueue::dead_letter), posted->front()).has_value();
    }
  }
  return false;
}

void Workload::end_claims() {
  std::this_thread::sleep_for(kClaimsOver);
  ApiClient late = calm_client(Role::consumer);
  Worker worker(late, Dice(options_.seed), options_.deletes_with_claims);
  constexpr std::size_t kTried = 50;
  for (std::size_t i = 0; i < std::min(kTried, left_to_clock_.size()); ++i) {
    worker.work_with_ended(left_to_clock_[i]);
  }
  for (std::uint32_t queue = 0; queue < number_of(SpecialQueue::short_lived); ++queue) {
    const auto until = std::chrono::steady_clock::now() + kGivesUp;
    bool answered = true;
    while (late.claim(queue, ApiClient::kPageLimit, kClaimTtl, kGrace, &answered) ||
           (!answered && std::chrono::steady_clock::now() < until)) {
    }
  }
  keep(late);
}

void Workload::scan_all() {
  for (std::uint32_t queue = 0; queue < options_.queues + kSpecialQueues; ++queue) {
    const ApiVersion version = queue < options_.queues ? version_of(queue) : ApiVersion::v2;
    ApiClient fresh = calm_client(Role::observer, version);
    observe(fresh, queue);
    const bool in_vain = fresh.was_surprised();
    keep(fresh);
    if (in_vain) {
      return;  // a server that is gone for good is not waited for once for each queue
    }
  }
}

}  // namespace marconi::history
