#include "mongodb/model/making_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace marconi::mongodb::model {
namespace {

using Byte = MakingModel::Byte;
using State = MakingModel::State;
using MakeStep = MakingModel::MakeStep;
using PostStep = MakingModel::PostStep;
using ReadStep = MakingModel::ReadStep;
using RemoveStep = MakingModel::RemoveStep;
using SettleStep = MakingModel::SettleStep;

constexpr Byte kStart = 1;
constexpr Byte kLateStart = 50;  ///< Above all markers of earlier queues.

// Ids of queues: 1 and the maker's number, and these for its second attempt and if it is late.
constexpr Byte kAgain = 0x10;
constexpr Byte kLate = 0x20;
constexpr Byte kIdAtStart = 0x40;

// Actors, besides the makers from 0 on.
constexpr Byte kPoster = 10;
constexpr Byte kRemover = 20;
constexpr Byte kObserver = 30;
constexpr Byte kCollector = 31;
constexpr Byte kReference = 32;
constexpr Byte kChance = 33;

// Actions, besides an actor's steps.
constexpr Byte kLoseAnswer = 51;
constexpr Byte kHoursPass = 52;
constexpr Byte kNoteGoes = 53;
constexpr Byte kSettling = 60;  ///< And the step of that.

Byte byte(int value) { return static_cast<Byte>(value); }

template <class Actor>
bool is_at_work(const Actor& actor) {
  return actor.step != decltype(actor.step)::finished;
}

/// What somebody is about to do.
template <class Actor>
Byte action_of(const Actor& actor) {
  const auto& settling = actor.settling.step;
  return settling == SettleStep::none ? static_cast<Byte>(actor.step)
                                      : byte(kSettling + static_cast<int>(settling));
}

std::string_view words_for(SettleStep step) {
  switch (step) {
    case SettleStep::read_note:
      return "settle: read the note";
    case SettleStep::raise:
      return "settle: raise the counter";
    default:
      return "settle: strike the entry off";
  }
}

std::string_view words_for(MakeStep step) {
  switch (step) {
    case MakeStep::look:
      return "look whether there is a queue";
    case MakeStep::read_note:
      return "read the note";
    case MakeStep::insert:
      return "insert the queue";
    default:
      return "look whether its queue is there, or insert it again";
  }
}

std::string_view words_for(PostStep step) {
  switch (step) {
    case PostStep::begin:
      return "commit from memory";
    case PostStep::read:
      return "read the queue";
    default:
      return "commit";
  }
}

std::string_view words_for(RemoveStep step) {
  switch (step) {
    case RemoveStep::read:
      return "read the queue";
    case RemoveStep::purge:
      return "purge";
    case RemoveStep::remove:
      return "remove the queue";
    default:
      return "note";
  }
}

std::string_view words_for(Byte actor, Byte action) {
  switch (action) {
    case kLoseAnswer:
      return "insert the queue and get no answer";
    case kHoursPass:
      return "hours pass";
    case kNoteGoes:
      return "the note goes";
    default:
      break;
  }
  if (action > kSettling) {
    return words_for(static_cast<SettleStep>(action - kSettling));
  }
  if (actor < kPoster) {
    return words_for(static_cast<MakeStep>(action));
  }
  if (actor < kRemover) {
    return words_for(static_cast<PostStep>(action));
  }
  if (actor < kObserver) {
    return words_for(static_cast<RemoveStep>(action));
  }
  if (actor == kReference) {
    return "post";
  }
  return static_cast<ReadStep>(action) == ReadStep::page ? "page" : "read the queue";
}

}  // namespace

std::string_view name_of(MakingProtection protection) {
  switch (protection) {
    case MakingProtection::note_comes_first:
      return "note_comes_first";
    case MakingProtection::removal_names_counter:
      return "removal_names_counter";
    case MakingProtection::note_seen_before:
      return "note_seen_before";
    case MakingProtection::entry_written:
      return "entry_written";
    case MakingProtection::posters_settle:
      return "posters_settle";
    case MakingProtection::readers_settle:
      return "readers_settle";
    case MakingProtection::raised_before_struck:
      return "raised_before_struck";
    case MakingProtection::inserted_once:
      return "inserted_once";
    case MakingProtection::late_start:
      break;
  }
  return "late_start";
}

MakingModel::MakingModel(MakingScenario scenario) : scenario_(std::move(scenario)) {}

bool MakingModel::keeps(MakingProtection protection) const {
  return std::ranges::find(scenario_.without, protection) == scenario_.without.end();
}

MakingModel::State MakingModel::initial() const {
  State state{};
  for (int maker = scenario_.makers; maker < kMakers; ++maker) {
    state.makers[maker].step = MakeStep::finished;
  }
  for (int remover = scenario_.removers; remover < kRemovers; ++remover) {
    state.removers[remover].step = RemoveStep::finished;
  }
  for (int host = 0; host < kHosts; ++host) {
    const bool posts = host < static_cast<int>(scenario_.posts.size()) && scenario_.posts[host] > 0;
    state.posters[host].step = posts ? PostStep::begin : PostStep::finished;
  }
  if (scenario_.queue_at_start) {
    state.queue = {.id = kIdAtStart, .v = kStart};
  }
  state.lost_left = scenario_.answer_lost ? 1 : 0;
  return state;
}

// ---- settling ----------------------------------------------------------------------------------

void MakingModel::settle(State& state, State::Settling& settling) const {
  const bool in_order = keeps(MakingProtection::raised_before_struck);
  const bool same = state.queue.id == settling.id;
  switch (settling.step) {
    case SettleStep::read_note: {
      settling.above = state.note;
      const bool old = state.late && (settling.id & kLate) == 0;
      if (old && keeps(MakingProtection::late_start)) {
        settling.above = std::max(settling.above, kLateStart);
      }
      settling.step = settling.above > 0 && in_order ? SettleStep::raise : SettleStep::strike;
      return;
    }
    case SettleStep::raise:
      if (same) {
        state.queue.v = std::max(state.queue.v, settling.above);
      }
      settling.step = in_order ? SettleStep::strike : SettleStep::none;
      break;
    default:
      if (same) {
        state.queue.entry = 0;
      }
      settling.step = settling.above > 0 && !in_order ? SettleStep::raise : SettleStep::none;
      break;
  }
  if (settling.step == SettleStep::none) {
    settling = {};
  }
}

// ---- makers ------------------------------------------------------------------------------------

bool MakingModel::make(State& state, int number) const {
  State::Maker& maker = state.makers[number];
  switch (maker.step) {
    case MakeStep::look:
      if (state.queue.id != 0) {
        maker = {.step = MakeStep::finished};
      } else {
        maker.step = MakeStep::read_note;
      }
      return true;
    case MakeStep::read_note:
      maker.id = byte((number + 1) | (maker.id != 0 ? kAgain : 0) | (state.late ? kLate : 0));
      maker.start = state.late ? kLateStart : kStart;
      if (keeps(MakingProtection::note_seen_before)) {
        maker.start = std::max(maker.start, state.note);
      }
      maker.step = MakeStep::insert;
      return true;
    case MakeStep::insert:
      insert(state, number);
      return true;
    case MakeStep::look_up:
      if (!keeps(MakingProtection::inserted_once)) {
        insert(state, number);
      } else if (state.queue.id == maker.id) {
        maker.settling = {.step = SettleStep::read_note, .id = maker.id};
        maker.step = MakeStep::settle;
      } else {
        maker = {.step = MakeStep::look, .id = maker.id};
      }
      return true;
    case MakeStep::settle:
      settle(state, maker.settling);
      if (maker.settling.step == SettleStep::none) {
        maker = {.step = MakeStep::finished};
      }
      return true;
    default:
      return false;
  }
}

/// One that is made again may meet itself.
void MakingModel::insert(State& state, int number) const {
  State::Maker& maker = state.makers[number];
  if (state.queue.id == 0) {
    state.queue = {.id = maker.id,
                   .v = maker.start,
                   .entry = byte(keeps(MakingProtection::entry_written) ? 1 : 0)};
  }
  if (state.queue.id != maker.id) {
    maker = {.step = MakeStep::finished};
    return;
  }
  maker.step = MakeStep::settle;
  maker.settling = {.step = SettleStep::read_note, .id = maker.id};
}

// ---- posters and the observer ------------------------------------------------------------------

Byte MakingModel::first_of(int host) const {
  return byte(std::accumulate(scenario_.posts.begin(), scenario_.posts.begin() + host, 0));
}

bool MakingModel::post(State& state, int host) const {
  State::Poster& poster = state.posters[host];
  State::Memory& memory = state.memories[host];
  switch (poster.step) {
    case PostStep::begin:
      if (memory.id != 0) {
        poster.id = memory.id;
        poster.v = memory.v;
        commit(state, host);
        return true;
      }
      [[fallthrough]];
    case PostStep::read:
      if (state.queue.id == 0) {
        return false;  // it comes later
      }
      if (state.queue.entry && keeps(MakingProtection::posters_settle)) {
        poster.step = PostStep::settle;
        poster.settling = {.step = SettleStep::read_note, .id = state.queue.id};
      } else {
        poster.step = PostStep::commit;
        poster.id = state.queue.id;
        poster.v = state.queue.v;
      }
      return true;
    case PostStep::settle:
      settle(state, poster.settling);
      if (poster.settling.step == SettleStep::none) {
        poster.step = PostStep::read;
      }
      return true;
    case PostStep::commit:
      commit(state, host);
      return true;
    default:
      return false;
  }
}

/// It writes over the entry, as over all that is pending.
void MakingModel::commit(State& state, int host) const {
  State::Poster& poster = state.posters[host];
  const bool same = state.queue.id == poster.id && state.queue.v == poster.v;
  if (!same) {
    state.memories[host] = {};
    poster = {.step = PostStep::read, .posted = poster.posted};
    return;
  }
  state.messages[first_of(host) + poster.posted] = {.k = state.queue.v, .stored = 1};
  ++state.queue.v;
  state.queue.entry = 0;
  state.memories[host] = {.id = state.queue.id, .v = state.queue.v};
  const Byte posted = byte(poster.posted + 1);
  poster = {.step = posted == scenario_.posts[host] ? PostStep::finished : PostStep::begin,
            .posted = posted};
}

bool MakingModel::observe(State& state) const {
  State::Observer& observer = state.observer;
  State::Memory& memory = state.memories[0];
  switch (observer.step) {
    case ReadStep::read:
      if (state.queue.id == 0) {
        const bool knew = memory.id != 0;
        memory = {};
        return knew;
      }
      if (state.queue.entry && keeps(MakingProtection::readers_settle)) {
        observer.step = ReadStep::settle;
        observer.settling = {.step = SettleStep::read_note, .id = state.queue.id};
        return true;
      }
      if (memory.id != state.queue.id || memory.v < state.queue.v) {
        memory = {.id = state.queue.id, .v = state.queue.v};
      }
      observer.step = ReadStep::page;
      observer.bound = state.queue.v;
      return true;
    case ReadStep::settle:
      settle(state, observer.settling);
      if (observer.settling.step == SettleStep::none) {
        observer.step = ReadStep::read;
      }
      return true;
    case ReadStep::page:
      break;
  }
  const Byte after = observer.marker;
  for (State::Message& message : state.messages) {
    if (message.stored && message.k > after && message.k < observer.bound) {
      message.seen = 1;
      observer.marker = std::max(observer.marker, message.k);
    }
  }
  observer.step = ReadStep::read;
  observer.bound = 0;
  return true;
}

// ---- removers and the collector ----------------------------------------------------------------

bool MakingModel::remove(State& state, int number) const {
  State::Remover& remover = state.removers[number];
  const bool notes_first = keeps(MakingProtection::note_comes_first);
  const auto note = [&] {
    state.note = std::max(state.note, remover.v);
    state.note_is_late = state.late;
  };
  switch (remover.step) {
    case RemoveStep::read:
      if (state.queue.id == 0) {
        return false;  // it comes later
      }
      if (state.queue.entry && keeps(MakingProtection::readers_settle)) {
        remover.step = RemoveStep::settle;
        remover.settling = {.step = SettleStep::read_note, .id = state.queue.id};
      } else {
        remover.step = notes_first ? RemoveStep::note : RemoveStep::purge;
        remover.v = state.queue.v;
      }
      return true;
    case RemoveStep::settle:
      settle(state, remover.settling);
      if (remover.settling.step == SettleStep::none) {
        remover.step = RemoveStep::read;
      }
      return true;
    case RemoveStep::note:
      note();
      remover.step = RemoveStep::purge;
      return true;
    case RemoveStep::purge:
      for (State::Message& message : state.messages) {
        if (message.stored && message.k < remover.v) {
          message = {.k = message.k, .stored = 0, .seen = message.seen};
        }
      }
      remover.step = RemoveStep::remove;
      return true;
    case RemoveStep::remove: {
      const bool moved =
          state.queue.v != remover.v && keeps(MakingProtection::removal_names_counter);
      if (state.queue.id == 0 || moved) {
        const bool gone = state.queue.id == 0;
        remover = {.step = gone ? RemoveStep::finished : RemoveStep::read};
        return true;
      }
      state.queue = {};
      for (const State::Message& message : state.messages) {
        state.left_behind |= message.stored;
      }
      if (notes_first) {
        remover = {.step = RemoveStep::finished};
      } else {
        remover.step = RemoveStep::note_late;
      }
      return true;
    }
    case RemoveStep::note_late:
      note();
      remover = {.step = RemoveStep::finished};
      return true;
    default:
      return false;
  }
}

bool MakingModel::collect(State& state) const {
  if (state.collector.step != SettleStep::none) {
    settle(state, state.collector);
    return true;
  }
  if (state.queue.id == 0 || !state.queue.entry) {
    return false;
  }
  state.collector = {.step = SettleStep::read_note, .id = state.queue.id};
  return true;
}

// ---- everything that can happen ----------------------------------------------------------------

void MakingModel::moves(const State& state, std::vector<Move>& found) const {
  const auto add = [&](int actor, Byte action, auto&& step) {
    State next = state;
    if (step(next)) {
      found.push_back({{byte(actor), action}, next});
    }
  };
  for (int i = 0; i < kMakers; ++i) {
    const State::Maker& maker = state.makers[i];
    if (i > 0 && state.makers[i - 1].step == MakeStep::look && state.makers[i - 1].id == 0) {
      break;  // they are all alike
    }
    if (is_at_work(maker)) {
      add(i, action_of(maker), [&](State& next) { return make(next, i); });
    }
    if (maker.step == MakeStep::insert && state.queue.id == 0 && state.lost_left > 0) {
      add(i, kLoseAnswer, [&](State& next) {
        --next.lost_left;
        insert(next, i);
        next.makers[i].step = MakeStep::look_up;
        next.makers[i].settling = {};
        return true;
      });
    }
  }
  for (int i = 0; i < kHosts; ++i) {
    if (is_at_work(state.posters[i])) {
      add(kPoster + i, action_of(state.posters[i]), [&](State& next) { return post(next, i); });
    }
  }
  for (int i = 0; i < kRemovers; ++i) {
    if (is_at_work(state.removers[i])) {
      add(kRemover + i, action_of(state.removers[i]), [&](State& next) { return remove(next, i); });
    }
  }
  add(kObserver, action_of(state.observer), [&](State& next) { return observe(next); });
  if (scenario_.collector) {
    const auto settling = static_cast<int>(state.collector.step);
    add(kCollector, byte(settling == 0 ? 0 : kSettling + settling),
        [&](State& next) { return collect(next); });
  }
  find_of_chance(state, found);
}

void MakingModel::find_of_chance(const State& state, std::vector<Move>& found) const {
  State next = state;
  if (state.posted_by_reference < scenario_.posts_of_reference && state.queue.id != 0) {
    next = state;
    const int number = first_of(static_cast<int>(scenario_.posts.size()));
    next.messages[number + next.posted_by_reference++] = {.k = state.queue.v, .stored = 1};
    ++next.queue.v;
    found.push_back({{kReference, 0}, next});
  }
  if (scenario_.hours_pass && !state.late) {
    next = state;
    next.late = 1;
    found.push_back({{kChance, kHoursPass}, next});
  }
  if (state.late && state.note != 0 && !state.note_is_late) {
    next = state;
    next.note = 0;
    found.push_back({{kChance, kNoteGoes}, next});
  }
}

std::string MakingModel::violation(const State& state) const {
  if (state.left_behind) {
    return "acknowledged: a queue was removed after a post and not what was posted";
  }
  for (const State::Message& message : state.messages) {
    if (message.stored && !message.seen && message.k <= state.observer.marker) {
      return "no gap: the observer has passed a message";
    }
  }
  return {};
}

std::string MakingModel::describe(const Step& step) const {
  const std::string_view words = words_for(step.actor, step.action);
  if (step.actor < kPoster) {
    return fmt::format("maker {}: {}", step.actor, words);
  }
  if (step.actor < kRemover) {
    return fmt::format("poster {}: {}", step.actor - kPoster, words);
  }
  if (step.actor < kObserver) {
    return fmt::format("remover {}: {}", step.actor - kRemover, words);
  }
  switch (step.actor) {
    case kObserver:
      return fmt::format("observer: {}", words);
    case kCollector:
      return fmt::format("collector: {}", words);
    case kReference:
      return fmt::format("poster of the reference service: {}", words);
    default:
      return std::string(words);
  }
}

}  // namespace marconi::mongodb::model
