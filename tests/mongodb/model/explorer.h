// Explores everything that can happen in a model: every order in which its actors can take their
// steps. Breadth first, so that a counter-example is a shortest one.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace marconi::mongodb::model {

/// What came of an exploration.
struct Exploration {
  std::size_t states = 0;
  std::string violation;           ///< The property that does not hold; empty if all do.
  std::vector<std::string> steps;  ///< How it came to that, from the beginning.
};

/// The violation and the way to it, a step a line.
inline std::string listing(const Exploration& explored) {
  std::string text = explored.violation;
  for (const std::string& step : explored.steps) {
    text += "\n  " + step;
  }
  return text;
}

/// The states seen so far, each with the step that first led to it. `State` consists of bytes that
/// all count.
template <class State, class Step>
class SeenStates {
  static_assert(std::has_unique_object_representations_v<State>);

 public:
  struct Entry {
    State state;
    std::uint32_t from;
    Step step;
  };

  SeenStates() : slots_(kFirstSlots, kFree) {}

  /// Keeps a state unless it is known.
  void add(const State& state, std::uint32_t from, const Step& step) {
    if (entries_.size() * 2 >= slots_.size()) {
      grow();
    }
    std::uint32_t& slot = slot_of(state);
    if (slot == kFree) {
      slot = static_cast<std::uint32_t>(entries_.size());
      entries_.push_back({state, from, step});
    }
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& operator[](std::size_t index) const { return entries_[index]; }

 private:
  static constexpr std::size_t kFirstSlots = 1 << 12;
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;

  static std::uint64_t hash(const State& state) {
    std::uint64_t hash = 0x9E3779B97F4A7C15;
    const auto* bytes = reinterpret_cast<const char*>(&state);
    for (std::size_t at = 0; at < sizeof(State); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes + at, std::min(sizeof word, sizeof(State) - at));
      hash = std::rotl((hash ^ word) * 0xD6E8FEB86659FD93, 29);
    }
    return hash ^ (hash >> 32);
  }

  /// Where the state is or belongs.
  std::uint32_t& slot_of(const State& state) {
    std::size_t at = hash(state) % slots_.size();
    while (slots_[at] != kFree &&
           std::memcmp(&entries_[slots_[at]].state, &state, sizeof state) != 0) {
      at = (at + 1) % slots_.size();
    }
    return slots_[at];
  }

  void grow() {
    slots_.assign(slots_.size() * 4, kFree);
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
      slot_of(entries_[i].state) = i;
    }
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;
};

/// Explores a model up to the first state that breaks a property. A model has
///   State, Step, Move                      a move is a step and the state it leads to, in this
///   order State initial() void moves(const State&, std::vector<Move>&)    adds what can happen
///   next std::string violation(const State&)             the property this state breaks; empty if
///   none std::string describe(const Step&)               one line
template <class Model>
Exploration explore(const Model& model) {
  using State = typename Model::State;
  using Step = typename Model::Step;
  SeenStates<State, Step> seen;
  std::vector<typename Model::Move> moves;
  seen.add(model.initial(), 0, Step{});
  for (std::uint32_t at = 0; at < seen.size(); ++at) {
    const State state = seen[at].state;
    if (std::string violation = model.violation(state); !violation.empty()) {
      Exploration found{seen.size(), std::move(violation), {}};
      for (std::uint32_t i = at; i != 0; i = seen[i].from) {
        found.steps.insert(found.steps.begin(), model.describe(seen[i].step));
      }
      return found;
    }
    moves.clear();
    model.moves(state, moves);
    for (const auto& [step, next] : moves) {
      seen.add(next, at, step);
    }
  }
  return {seen.size(), {}, {}};
}

}  // namespace marconi::mongodb::model
