#include "mongodb/model/moving_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace marconi::mongodb::model {
namespace {

using Stage = MovingModel::Stage;
using Where = MovingModel::Where;
using Broken = MovingModel::Broken;

constexpr int kPoster = MovingModel::kMovers;
constexpr int kReader = kPoster + 1;
constexpr std::uint8_t kWorker = 7;  ///< in place of a tag; tags are below

enum What : std::uint8_t { kStep, kCrash, kLoseAnswer, kLateCommit, kHoldEnds, kClaim, kDelete };

std::uint8_t bit(int number) { return static_cast<std::uint8_t>(1U << number); }

bool contains(std::uint8_t set, int number) { return (set >> number & 1) != 0; }

std::string_view name_of(Stage step) {
  switch (step) {
    case Stage::read:
      return "read the counter";
    case Stage::help:
      return "help";
    case Stage::hold:
      return "hold the next letter";
    case Stage::insert:
      return "insert its message, invisible";
    case Stage::commit:
      return "commit";
    case Stage::show:
      return "show its letters";
    case Stage::finished:
      break;
  }
  return "finish";
}

}  // namespace

std::string_view name_of(MoveProtection protection) {
  switch (protection) {
    case MoveProtection::hold_names_freedom:
      return "hold_names_freedom";
    case MoveProtection::hold_descending:
      return "hold_descending";
    case MoveProtection::fresh_tag_each_attempt:
      return "fresh_tag_each_attempt";
    case MoveProtection::commit_names_value:
      return "commit_names_value";
    case MoveProtection::mover_helps:
      return "mover_helps";
    case MoveProtection::move_names_hold:
      return "move_names_hold";
    case MoveProtection::blocked_are_let_go:
      return "blocked_are_let_go";
    case MoveProtection::let_go_descending:
      break;
  }
  return "let_go_descending";
}

MovingModel::State MovingModel::initial() const {
  State state{};
  state.v = 1;
  state.lost_left = scenario_.lost_answers;
  state.crashes_left = scenario_.crashes;
  state.deletions_left = scenario_.deletions;
  state.claims_left = scenario_.claims;
  state.endings_left = scenario_.holds_ended;
  if (!scenario_.poster) state.hosts[kPoster].stage = Stage::finished;
  return state;
}

std::uint8_t MovingModel::tag_of(int mover, int attempt) const {
  if (!keeps(MoveProtection::fresh_tag_each_attempt)) attempt = 0;
  return static_cast<std::uint8_t>(1 + mover * kAttempts + attempt);
}

bool MovingModel::is_free(const State& state, const State::Letter& letter) {
  return letter.where == Where::old_queue &&
         (letter.holder == 0 || contains(state.ended, letter.holder));
}

bool MovingModel::may_hold(const State& state, int mover, const State::Letter& letter) const {
  if (letter.where != Where::old_queue) return false;
  if (!keeps(MoveProtection::hold_names_freedom)) return true;
  const bool own =
      letter.holder != 0 && letter.holder != kWorker && (letter.holder - 1) / kAttempts == mover;
  return own || is_free(state, letter);
}

void MovingModel::take_step(State& state, int number) const {
  auto& host = state.hosts[number];
  switch (host.stage) {
    case Stage::read:
      read(state, number);
      break;
    case Stage::help:
      if (!show_next(state, number)) break;
      if (state.pending == host.tag) state.pending = 0;
      host.tag = 0;
      if (number == kReader) {
        host = {};
      } else {
        host.stage = number == kPoster ? Stage::insert : Stage::hold;
        host.todo = bit(kLetters) - 1;
      }
      break;
    case Stage::hold:
      hold_next(state, number);
      break;
    case Stage::insert:
      state.foreign = host.v;
      host.stage = Stage::commit;
      break;
    case Stage::commit:
      commit(state, number);
      break;
    case Stage::show:
      if (!show_next(state, number)) break;
      for (const auto& letter : state.letters) {
        if (letter.where == Where::old_queue && letter.holder == host.tag) {
          state.broken = Broken::acknowledgement;
        }
      }
      host = {};
      host.stage = Stage::finished;
      break;
    case Stage::finished:
      break;
  }
}

void MovingModel::read(State& state, int number) const {
  auto& host = state.hosts[number];
  host.v = state.v;
  host.tag = state.pending;
  host.listed = 0;
  if (state.pending != 0 && (number == kReader || keeps(MoveProtection::mover_helps))) {
    host.stage = Stage::help;
  } else if (number == kReader) {
    host = {};
  } else {
    host.tag = 0;
    host.stage = number == kPoster ? Stage::insert : Stage::hold;
    host.todo = bit(kLetters) - 1;
  }
}

bool MovingModel::show_next(State& state, int number) const {
  auto& host = state.hosts[number];
  if (host.listed == 0) {
    host.todo = 0;
    for (int i = 0; i < kLetters; ++i) {
      const auto& letter = state.letters[i];
      const bool held = letter.where == Where::old_queue && letter.holder == host.tag;
      host.todo |= held ? bit(i) : 0;
      host.places[i] = held ? letter.place : 0;
    }
    host.listed = 1;
    return false;
  }
  if (host.todo == 0) {
    host.blocked = 0;
    return true;
  }
  if (host.blocked != 0) {
    let_go_next(state, number);
    return false;
  }
  const int next = std::countr_zero(host.todo);
  host.todo &= static_cast<std::uint8_t>(host.todo - 1);
  const auto& letter = state.letters[next];
  const bool taken = scenario_.unique_markers && state.foreign == host.places[next] &&
                     letter.where == Where::old_queue && letter.holder == host.tag;
  if (!taken) {
    arrive(state, next, host.tag, host.places[next]);
  } else if (keeps(MoveProtection::blocked_are_let_go)) {
    host.blocked = 1;
    host.todo |= bit(next);
  }
  return false;
}

void MovingModel::let_go_next(State& state, int number) const {
  auto& host = state.hosts[number];
  const int next = keeps(MoveProtection::let_go_descending) ? std::bit_width(host.todo) - 1
                                                            : std::countr_zero(host.todo);
  host.todo &= static_cast<std::uint8_t>(~bit(next));
  auto& letter = state.letters[next];
  if (letter.where != Where::old_queue || letter.holder != host.tag) return;
  letter.holder = 0;
  letter.let_go = host.tag;
}

void MovingModel::arrive(State& state, int number, std::uint8_t tag, std::uint8_t place) const {
  auto& letter = state.letters[number];
  if (letter.where != Where::old_queue) return;
  if (keeps(MoveProtection::move_names_hold) && letter.holder != tag) return;
  if (letter.holder == kWorker && !is_free(state, letter)) state.broken = Broken::owner;
  for (int before = 0; before < number; ++before) {
    const auto& other = state.letters[before];
    const bool of_same_mover = other.holder != 0 && other.holder != kWorker &&
                               (other.holder - 1) / kAttempts == (tag - 1) / kAttempts;
    const bool waits = of_same_mover && !is_free(state, other);
    if (other.where == Where::old_queue && (waits || other.let_go == tag)) {
      state.broken = Broken::batch;
    }
  }
  letter.where = Where::new_queue;
  letter.holder = 0;
  make_visible(state, place);
}

void MovingModel::make_visible(State& state, std::uint8_t marker) {
  if (marker <= state.newest) state.broken = Broken::order;
  state.newest = std::max(state.newest, marker);
}

void MovingModel::hold_next(State& state, int mover) const {
  auto& host = state.hosts[mover];
  const auto tag = tag_of(mover, host.attempt);
  const int next = keeps(MoveProtection::hold_descending) ? std::bit_width(host.todo) - 1
                                                          : std::countr_zero(host.todo);
  host.todo &= static_cast<std::uint8_t>(~bit(next));
  auto& letter = state.letters[next];
  if (may_hold(state, mover, letter)) {
    if (letter.holder == kWorker && !is_free(state, letter)) state.broken = Broken::owner;
    letter.holder = tag;
    letter.place = static_cast<std::uint8_t>(host.v + next);
    letter.let_go = 0;
    state.ended &= static_cast<std::uint8_t>(~bit(tag));
  }
  if (host.todo != 0) return;
  const bool any = std::ranges::any_of(state.letters, [&](const State::Letter& held) {
    return held.where == Where::old_queue && held.holder == tag;
  });
  host.stage = any ? Stage::commit : Stage::finished;
}

void MovingModel::commit(State& state, int number) const {
  auto& host = state.hosts[number];
  const bool there = state.v == host.v || !keeps(MoveProtection::commit_names_value);
  if (number == kPoster) {
    if (there) {
      make_visible(state, state.foreign);
      state.v = static_cast<std::uint8_t>(host.v + 1);
      state.pending = 0;
    }
    state.foreign = 0;
    host = {};
    host.stage = Stage::finished;
  } else if (there) {
    state.v = static_cast<std::uint8_t>(host.v + kLetters);
    state.pending = tag_of(number, host.attempt);
    host.tag = state.pending;
    host.listed = 0;
    host.stage = Stage::show;
  } else {
    give_up_attempt(state, number);
  }
}

void MovingModel::give_up_attempt(State& state, int mover) const {
  auto& host = state.hosts[mover];
  const auto attempt = static_cast<std::uint8_t>(host.attempt + 1);
  host = {};
  host.stage = attempt < kAttempts ? Stage::read : Stage::finished;
  host.attempt = attempt;
}

void MovingModel::moves(const State& state, std::vector<Move>& found) const {
  if (state.broken != Broken::nothing) return;
  for (int number = 0; number < kHelpers; ++number) {
    const auto& host = state.hosts[number];
    const auto actor = static_cast<std::uint8_t>(number);
    if (host.stage == Stage::finished) continue;
    if (number == kReader && host.stage == Stage::read && state.pending == 0) continue;
    found.push_back({{actor, kStep, static_cast<std::uint8_t>(host.stage)}, state});
    take_step(found.back().next, number);
    if (number < kReader && state.crashes_left > 0) {
      found.push_back({{actor, kCrash, 0}, state});
      found.back().next.hosts[number] = {};
      found.back().next.hosts[number].stage = Stage::finished;
      --found.back().next.crashes_left;
    }
    if (number < kPoster && host.stage == Stage::commit && state.lost_left > 0) {
      found.push_back({{actor, kLoseAnswer, 0}, state});
      auto& next = found.back().next;
      --next.lost_left;
      next.late = tag_of(number, host.attempt);
      next.late_v = host.v;
      give_up_attempt(next, number);
    }
  }
  find_of_surroundings(state, found);
}

void MovingModel::find_of_surroundings(const State& state, std::vector<Move>& found) const {
  if (state.late != 0) {
    found.push_back({{kHelpers, kLateCommit, state.late}, state});
    auto& next = found.back().next;
    if (state.v == state.late_v) {
      next.v = static_cast<std::uint8_t>(state.v + kLetters);
      next.pending = state.late;
    }
    next.late = next.late_v = 0;
  }
  for (int i = 0; i < kLetters; ++i) {
    const auto& letter = state.letters[i];
    const auto about = static_cast<std::uint8_t>(i);
    if (letter.where != Where::old_queue) continue;
    if (letter.holder != 0 && !contains(state.ended, letter.holder) && state.endings_left > 0) {
      found.push_back({{kHelpers, kHoldEnds, letter.holder}, state});
      found.back().next.ended |= bit(letter.holder);
      --found.back().next.endings_left;
    }
    if (state.claims_left > 0 && is_free(state, letter)) {
      found.push_back({{kHelpers, kClaim, about}, state});
      auto& next = found.back().next;
      --next.claims_left;
      next.letters[i].holder = kWorker;
      next.letters[i].let_go = 0;
    }
    if (state.deletions_left > 0) {
      found.push_back({{kHelpers, kDelete, about}, state});
      auto& next = found.back().next;
      --next.deletions_left;
      next.letters[i] = {};
      next.letters[i].where = Where::deleted;
    }
  }
}

std::string MovingModel::violation(const State& state) const {
  switch (state.broken) {
    case Broken::nothing:
      return {};
    case Broken::order:
      return "order: something became visible in the new queue behind a later message";
    case Broken::batch:
      return "batch: a letter overtook one in front of it that its mover has held, too";
    case Broken::owner:
      return "one owner: a letter was taken from a worker with a live claim";
    case Broken::acknowledgement:
      break;
  }
  return "acknowledgement: a move was acknowledged and a letter is still held";
}

std::string MovingModel::describe(const Step& action) const {
  constexpr std::array<std::string_view, kHelpers> kNames{"mover 0", "mover 1", "poster", "reader"};
  switch (action.what) {
    case kStep:
      return fmt::format("{}: {}", kNames.at(action.actor),
                         name_of(static_cast<Stage>(action.about)));
    case kCrash:
      return fmt::format("{}: crash", kNames.at(action.actor));
    case kLoseAnswer:
      return fmt::format("{}: commit, and learn nothing of it", kNames.at(action.actor));
    case kLateCommit:
      return fmt::format("the commit of tag {} arrives late", action.about);
    case kHoldEnds:
      return fmt::format("the hold {} ends", action.about);
    case kClaim:
      return fmt::format("a worker claims letter {}", action.about);
    default:
      return fmt::format("letter {} is deleted", action.about);
  }
}

}  // namespace marconi::mongodb::model
