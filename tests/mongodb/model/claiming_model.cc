#include "mongodb/model/claiming_model.h"

#include <fmt/format.h>

#include <bit>

namespace marconi::mongodb::model {
namespace {

constexpr std::uint8_t kNoMessage = 0xFF;
constexpr int kCleaner = 100;
constexpr int kClock = 101;
constexpr int kAbandon = 50;  ///< An action besides the steps: stop working on the claim.

using Lease = ClaimingModel::Lease;
using WorkerStep = ClaimingModel::WorkerStep;

std::uint8_t bit(int number) { return static_cast<std::uint8_t>(1U << number); }

bool contains(std::uint8_t set, int number) { return (set >> number & 1) != 0; }

std::string_view name_of(WorkerStep step) {
  switch (step) {
    case WorkerStep::look:
      return "look for free messages";
    case WorkerStep::claim:
      return "claim the next";
    case WorkerStep::read_back:
      return "read back";
    case WorkerStep::work:
      return "check that the claim is live, to renew it";
    case WorkerStep::renew:
      return "renew";
    case WorkerStep::erase:
      return "delete";
    case WorkerStep::finished:
      break;
  }
  return "finish";
}

}  // namespace

std::string_view name_of(ClaimProtection protection) {
  switch (protection) {
    case ClaimProtection::claim_names_freedom:
      return "claim_names_freedom";
    case ClaimProtection::claim_is_read_back:
      return "claim_is_read_back";
    case ClaimProtection::renewal_names_claim:
      return "renewal_names_claim";
    case ClaimProtection::deletion_names_claim:
      return "deletion_names_claim";
    case ClaimProtection::deletion_names_freedom:
      break;
  }
  return "deletion_names_freedom";
}

ClaimingModel::State ClaimingModel::initial() const {
  State state{};
  for (State::Message& message : state.messages) {
    message.stored = 1;
  }
  for (int i = 0; i < kWorkers; ++i) {
    state.workers[i].claim = static_cast<std::uint8_t>(i * kClaimsEach);
  }
  return state;
}

bool ClaimingModel::is_free(const State& state, int number) {
  const State::Message& message = state.messages[number];
  return message.stored && (message.claim == 0 || state.leases[message.claim - 1] == Lease::ended);
}

void ClaimingModel::begin_next(State::Worker& worker) {
  const bool more = (worker.claim + 1) % kClaimsEach != 0;
  worker = {.step = more ? WorkerStep::look : WorkerStep::finished,
            .claim = static_cast<std::uint8_t>(worker.claim + (more ? 1 : 0)),
            .candidates = 0,
            .intended = 0,
            .holds = 0,
            .erasing = 0};
}

void ClaimingModel::take_step(State& state, int number) const {
  State::Worker& worker = state.workers[number];
  switch (worker.step) {
    case WorkerStep::look:
      for (int message = 0; message < kMessages; ++message) {
        worker.candidates |= is_free(state, message) ? bit(message) : 0;
      }
      worker.intended = worker.candidates;
      if (worker.candidates == 0) {
        begin_next(worker);
      } else {
        worker.step = WorkerStep::claim;
        state.leases[worker.claim] = Lease::live;
      }
      break;
    case WorkerStep::claim:
      claim_next(state, number);
      break;
    case WorkerStep::read_back:
      for (int message = 0; message < kMessages; ++message) {
        const bool carries = state.messages[message].claim == worker.claim + 1;
        const bool given = keeps(ClaimProtection::claim_is_read_back)
                               ? carries
                               : contains(worker.intended, message);
        worker.holds |= given && state.messages[message].stored ? bit(message) : 0;
      }
      worker.intended = 0;
      worker.step = WorkerStep::work;
      break;
    case WorkerStep::work:
      if (state.leases[worker.claim] == Lease::live) {
        worker.step = WorkerStep::renew;
      } else {
        begin_next(worker);
      }
      break;
    case WorkerStep::renew:
      renew(state, number);
      break;
    case WorkerStep::erase:
      erase(state, number, worker.erasing - 1);
      break;
    case WorkerStep::finished:
      break;
  }
}

void ClaimingModel::claim_next(State& state, int number) const {
  State::Worker& worker = state.workers[number];
  const int message = std::countr_zero(worker.candidates);
  worker.candidates &= static_cast<std::uint8_t>(worker.candidates - 1);
  const bool changed = keeps(ClaimProtection::claim_names_freedom)
                           ? is_free(state, message)
                           : state.messages[message].stored != 0;
  if (changed) {
    state.messages[message].claim = static_cast<std::uint8_t>(worker.claim + 1);
  }
  if (worker.candidates == 0) {
    worker.step = WorkerStep::read_back;
  }
}

// The claim was live when it was checked; it may have ended since.
void ClaimingModel::renew(State& state, int number) const {
  State::Worker& worker = state.workers[number];
  worker.step = WorkerStep::work;
  if (keeps(ClaimProtection::renewal_names_claim)) {
    return;  // what the claim holds, it goes on holding
  }
  for (int message = 0; message < kMessages; ++message) {
    if (contains(worker.holds, message) && state.messages[message].stored) {
      state.messages[message].claim = static_cast<std::uint8_t>(worker.claim + 1);
      state.leases[worker.claim] = Lease::live;
    }
  }
}

void ClaimingModel::remove(State& state, int message, int except_worker) {
  if (!state.messages[message].stored) {
    return;
  }
  state.messages[message] = {};
  for (int other = 0; other < kWorkers; ++other) {
    State::Worker& worker = state.workers[other];
    if (contains(worker.holds, message)) {
      if (other != except_worker && state.leases[worker.claim] == Lease::live) {
        state.stolen = 1;
      }
      worker.holds &= static_cast<std::uint8_t>(~bit(message));
    }
  }
}

void ClaimingModel::erase(State& state, int number, int message) const {
  State::Worker& worker = state.workers[number];
  const bool held = state.messages[message].claim == worker.claim + 1 &&
                    state.leases[worker.claim] == Lease::live;
  if (keeps(ClaimProtection::deletion_names_claim)) {
    if (held) {
      remove(state, message, number);
    }
  } else if (worker.step == WorkerStep::erase) {
    worker.step = WorkerStep::work;
    worker.erasing = 0;
    remove(state, message, number);
  } else if (held) {
    worker.step = WorkerStep::erase;
    worker.erasing = static_cast<std::uint8_t>(message + 1);
  }
}

void ClaimingModel::clean(State& state, int message) const {
  if (keeps(ClaimProtection::deletion_names_freedom)) {
    if (is_free(state, message)) {
      remove(state, message, -1);
    }
  } else if (state.cleaning != 0) {
    state.cleaning = 0;
    remove(state, message, -1);
  } else if (is_free(state, message)) {
    state.cleaning = static_cast<std::uint8_t>(message + 1);
  }
}

void ClaimingModel::find_of_worker(const State& state, int number, std::vector<Move>& found) const {
  const State::Worker& worker = state.workers[number];
  const auto actor = static_cast<std::uint8_t>(number);
  const auto action = static_cast<std::uint8_t>(worker.step);
  if (worker.step == WorkerStep::finished) {
    return;
  }
  found.push_back({{actor, action, kNoMessage}, state});
  take_step(found.back().next, number);
  if (worker.step != WorkerStep::work) {
    return;
  }
  for (int message = 0; message < kMessages; ++message) {
    if (contains(worker.holds, message)) {
      found.push_back({{actor, static_cast<std::uint8_t>(WorkerStep::erase),
                        static_cast<std::uint8_t>(message)},
                       state});
      erase(found.back().next, number, message);
    }
  }
  // It crashes, or loses interest: nothing happens until the claim ends.
  found.push_back({{actor, kAbandon, kNoMessage}, state});
  begin_next(found.back().next.workers[number]);
}

void ClaimingModel::moves(const State& state, std::vector<Move>& found) const {
  for (int worker = 0; worker < kWorkers; ++worker) {
    find_of_worker(state, worker, found);
  }
  for (int message = 0; message < kMessages; ++message) {
    if (state.cleaning == 0 || state.cleaning == message + 1) {
      found.push_back({{kCleaner, 0, static_cast<std::uint8_t>(message)}, state});
      clean(found.back().next, message);
    }
  }
  for (int claim = 0; claim < kClaims; ++claim) {
    if (state.leases[claim] == Lease::live) {
      found.push_back({{kClock, static_cast<std::uint8_t>(claim), kNoMessage}, state});
      found.back().next.leases[claim] = Lease::ended;
    }
  }
}

std::string ClaimingModel::violation(const State& state) const {
  if (state.stolen) {
    return "one owner: a message was deleted under a live claim of somebody else";
  }
  std::uint8_t owned = 0;
  for (const State::Worker& worker : state.workers) {
    if (state.leases[worker.claim] == Lease::live) {
      if ((owned & worker.holds) != 0) {
        return "one owner: two workers hold a message";
      }
      owned |= worker.holds;
    }
  }
  return {};
}

std::string ClaimingModel::describe(const Step& step) const {
  if (step.actor == kCleaner) {
    return fmt::format("cleaner: delete message {} unless it is claimed", step.message);
  }
  if (step.actor == kClock) {
    return fmt::format("claim {} ends", step.action);
  }
  if (step.action == kAbandon) {
    return fmt::format("worker {}: abandon the claim", step.actor);
  }
  const std::string action =
      fmt::format("worker {}: {}", step.actor, name_of(static_cast<WorkerStep>(step.action)));
  return step.message == kNoMessage ? action : fmt::format("{} message {}", action, step.message);
}

}  // namespace marconi::mongodb::model
