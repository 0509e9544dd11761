// A model of moving dead letters, without transactions, from a queue to another: what movers on two
// hosts, a poster to the new queue, a reader of it and a worker on the old queue do, one access to
// the database at a time.
//
// A letter is one document, so that it is in one queue at any moment, and visible in it. What has
// to be shown is that the new queue shows it in order, and that nobody loses it who has claimed it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::mongodb::model {

/// What keeps letters in order and with one owner.
enum class MoveProtection : std::uint8_t {
  hold_names_freedom,      ///< Movers hold only letters that are free, or their own.
  hold_descending,         ///< They hold the last letter first.
  fresh_tag_each_attempt,  ///< Each attempt holds letters under a tag of its own.
  commit_names_value,      ///< A commit succeeds only if the counter is where it was read.
  mover_helps,             ///< Movers and posters finish what is committed before they go on.
  move_names_hold,         ///< A letter changes queues only as long as it is held under the tag.
  blocked_are_let_go,      ///< If one finds its place taken, it is let go with those behind it,
  let_go_descending,       ///< the last one first.
};

[[nodiscard]] std::string_view name_of(MoveProtection protection);

/// What may happen besides the steps of two movers and a reader.
struct MovingScenario {
  bool unique_markers = true;
  bool poster = false;  ///< a host that posts to the new queue
  std::uint8_t crashes = 0;
  std::uint8_t lost_answers = 0;  ///< to commits, which may then succeed late
  std::uint8_t deletions = 0;     ///< of letters
  std::uint8_t claims = 0;        ///< by a worker on the old queue
  std::uint8_t holds_ended = 0;   ///< holds and claims that end while they matter
  std::optional<MoveProtection> without = {};
};

class MovingModel {
 public:
  static constexpr int kLetters = 2;
  static constexpr int kMovers = 2;
  static constexpr int kAttempts = 2;
  static constexpr int kHelpers = kMovers + 2;  ///< then the poster and the reader

  enum class Stage : std::uint8_t { read, help, hold, insert, commit, show, finished };
  enum class Where : std::uint8_t { old_queue, new_queue, deleted };
  enum class Broken : std::uint8_t { nothing, order, batch, owner, acknowledgement };

  struct State {
    struct Letter {
      Where where;
      std::uint8_t holder;  ///< a tag, or kWorker; 0: none
      std::uint8_t place;   ///< the marker that its mover has noted
      std::uint8_t let_go;  ///< the tag under which it last found its place taken
    };
    /// Somebody who shows letters of a committed move, and what else he is about.
    struct Host {
      Stage stage;
      std::uint8_t attempt;
      std::uint8_t v;                             ///< as read
      std::uint8_t tag;                           ///< whose letters it is showing
      std::uint8_t listed;                        ///< whether it has looked for them
      std::uint8_t todo;                          ///< letters to hold, to show, or to let go
      std::uint8_t blocked;                       ///< whether one found its place taken
      std::array<std::uint8_t, kLetters> places;  ///< of the letters to show, as it found them
    };
    std::array<Letter, kLetters> letters;
    std::array<Host, kHelpers> hosts;
    std::uint8_t v;
    std::uint8_t pending;    ///< the tag that the counter lists; 0: none
    std::uint8_t ended;      ///< holds that have ended, by tag, and the worker's claim
    std::uint8_t foreign;    ///< the marker of the poster's message while it is invisible; 0: none
    std::uint8_t newest;     ///< the largest marker that was ever visible in the new queue
    std::uint8_t late;       ///< the tag of a commit whose answer was lost, and which may succeed
    std::uint8_t late_v;     ///< the value it names
    std::uint8_t lost_left;  ///< answers that may be lost
    std::uint8_t crashes_left;
    std::uint8_t deletions_left;
    std::uint8_t claims_left;
    std::uint8_t endings_left;
    Broken broken;
  };

  struct Step {
    std::uint8_t actor;
    std::uint8_t what;
    std::uint8_t about;
  };

  struct Move {
    Step step;
    State next;
  };

  explicit MovingModel(const MovingScenario& scenario) : scenario_(scenario) {}

  [[nodiscard]] State initial() const;
  void moves(const State& state, std::vector<Move>& found) const;
  [[nodiscard]] std::string violation(const State& state) const;
  [[nodiscard]] std::string describe(const Step& action) const;

 private:
  [[nodiscard]] bool keeps(MoveProtection protection) const {
    return scenario_.without != protection;
  }
  [[nodiscard]] std::uint8_t tag_of(int mover, int attempt) const;
  [[nodiscard]] static bool is_free(const State& state, const State::Letter& letter);
  [[nodiscard]] bool may_hold(const State& state, int mover, const State::Letter& letter) const;
  void take_step(State& state, int host) const;
  void read(State& state, int host) const;
  /// Shows the letters held under the host's tag, one at a step; true when there is none left.
  bool show_next(State& state, int host) const;
  void let_go_next(State& state, int host) const;
  void arrive(State& state, int letter, std::uint8_t tag, std::uint8_t place) const;
  void hold_next(State& state, int mover) const;
  void commit(State& state, int host) const;
  void give_up_attempt(State& state, int mover) const;
  static void make_visible(State& state, std::uint8_t marker);
  void find_of_surroundings(const State& state, std::vector<Move>& found) const;

  MovingScenario scenario_;
};

}  // namespace marconi::mongodb::model
