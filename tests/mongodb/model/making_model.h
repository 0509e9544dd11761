// A model of the life of a queue: what makers, posters, an observer, removers and the collector do
// to the documents of the queues of one name, one access to the database at a time. How a post
// becomes part of a queue is the posting model's matter; here it is one change of the counter, on
// the condition that this has not moved.
//
// Queues are made at one second and removed in it, so that the time tells none from the other; or
// hours later, when new ones start above all that came before and notes of these may be gone. A
// maker takes the time when it reads the note.
//
// Whoever dies is one who takes no more steps. As every state has to keep the promise, whatever is
// yet to come, that is explored with the others.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::mongodb::model {

/// What keeps the promise over several queues of a name. A scenario may leave some out.
enum class MakingProtection : std::uint8_t {
  note_comes_first,       ///< A predecessor is noted before it is gone.
  removal_names_counter,  ///< A queue that was posted to meanwhile is not removed.
  note_seen_before,       ///< The maker reads the note before the queue is there. Needed beside
                          ///< hosts of the reference service, which know of no entry.
  entry_written,          ///< That the note has to be read again stands in the new queue.
  posters_settle,         ///< Posters do that first, if they find it.
  readers_settle,         ///< Likewise readers, from whom posters of their host know the counter.
  raised_before_struck,   ///< The entry goes when the counter is where it has to be.
  inserted_once,          ///< A maker who gets no answer makes no second queue with the same id.
  late_start,             ///< Whoever settles an old queue takes the time for a note that is gone.
};

[[nodiscard]] std::string_view name_of(MakingProtection protection);

/// Who is there, and what can happen to them, besides an observer who pages through the queue.
struct MakingScenario {
  int makers = 2;
  int removers = 1;
  std::vector<int> posts = {1, 1};  ///< By host. The observer is on the first.
  int posts_of_reference = 0;       ///< By a host of the reference service.
  bool collector = false;           ///< Settles what is left.
  bool queue_at_start = false;      ///< There is a queue, with nothing to be settled.
  bool answer_lost = false;         ///< To a maker's insertion, once.
  bool hours_pass = false;          ///< At some time, once.
  std::vector<MakingProtection> without = {};
};

class MakingModel {
 public:
  using Byte = std::uint8_t;
  static constexpr int kMakers = 2;
  static constexpr int kRemovers = 2;
  static constexpr int kHosts = 2;
  static constexpr int kMessages = 4;

  enum class SettleStep : Byte { none, read_note, raise, strike };
  enum class MakeStep : Byte { look, read_note, insert, look_up, settle, finished };
  enum class PostStep : Byte { begin, read, settle, commit, finished };
  enum class ReadStep : Byte { read, settle, page };
  enum class RemoveStep : Byte { read, settle, note, purge, remove, note_late, finished };

  struct State {
    struct Queue {
      Byte id{};  ///< 0: there is none.
      Byte v{};
      Byte entry{};
    };
    /// Somebody's way through the settling of a queue.
    struct Settling {
      SettleStep step{};
      Byte id{};
      Byte above{};
    };
    struct Maker {
      MakeStep step{};
      Byte start{};
      Byte id{};  ///< Of its queue. Tells the time that it took, too.
      Settling settling{};
    };
    struct Poster {
      PostStep step{};
      Byte posted{};
      Byte id{};
      Byte v{};
      Settling settling{};
    };
    struct Remover {
      RemoveStep step{};
      Byte v{};
      Settling settling{};
    };
    struct Observer {
      ReadStep step{};
      Byte bound{};
      Byte marker{};
      Settling settling{};
    };
    struct Memory {
      Byte id{};  ///< 0: nothing is known.
      Byte v{};
    };
    struct Message {
      Byte k{};
      Byte stored{};
      Byte seen{};
    };
    Queue queue;
    Byte note;
    Byte note_is_late;  ///< It does not go any more.
    Byte late;          ///< Hours have passed.
    std::array<Maker, kMakers> makers;
    std::array<Poster, kHosts> posters;
    std::array<Memory, kHosts> memories;
    std::array<Remover, kRemovers> removers;
    std::array<Message, kMessages> messages;
    Observer observer;
    Settling collector;
    Byte posted_by_reference;
    Byte lost_left;
    Byte left_behind;  ///< A queue was removed and not what was posted to it.
  };

  struct Step {
    Byte actor;
    Byte action;
  };

  struct Move {
    Step step;
    State next;
  };

  explicit MakingModel(MakingScenario scenario);

  [[nodiscard]] State initial() const;
  void moves(const State& state, std::vector<Move>& found) const;
  /// The part of the promise that this state breaks; empty if none.
  [[nodiscard]] std::string violation(const State& state) const;
  [[nodiscard]] std::string describe(const Step& step) const;

 private:
  [[nodiscard]] bool keeps(MakingProtection protection) const;

  /// Each takes the next step of somebody; false if there is none just now.
  bool make(State& state, int maker) const;
  bool post(State& state, int host) const;
  bool observe(State& state) const;
  bool remove(State& state, int remover) const;
  bool collect(State& state) const;

  void insert(State& state, int maker) const;
  void commit(State& state, int host) const;
  void settle(State& state, State::Settling& settling) const;
  [[nodiscard]] Byte first_of(int host) const;
  void find_of_chance(const State& state, std::vector<Move>& found) const;

  MakingScenario scenario_;
};

}  // namespace marconi::mongodb::model
