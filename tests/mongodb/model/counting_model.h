// A model of posting beside hosts of the reference service: what posters, readers and consumers do
// to the documents of one queue where markers are unique, one access to the database at a time.
//
// A post is shown at the counter's value, document by document, and then counted. So it is not all
// or nothing, and the promise is weaker than that of the posting model in one more way. A poster,
// of whichever service, that is held up between reading the counter and showing may find its marker
// used, counted and free again: others have read past it. The layout gives it no means to notice.
// Likewise if the marker was skipped: as a poster of the reference service counted, by a step up,
// what a consumer had counted already, or as somebody counted what belongs to a removed queue of
// the same name. Everything else is promised, and where nothing is deleted none of it can happen.
//
// Hosts of the reference service are told dead by their silence; here they are if they have
// stopped. Their guess that the counter stalls, by which they skip markers, is left out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::mongodb::model {

/// What keeps the promise. A scenario may leave one out, to see what then goes wrong.
enum class CountingProtection : std::uint8_t {
  unique_markers,           ///< The index refuses a marker that is in use.
  starts_at_the_counter,    ///< A post takes the marker the counter is at, and none behind others.
  counting_names_value,     ///< Counting raises the counter to a value, and is not a step up.
  counting_names_queue,     ///< Counting changes nothing if the queue was made anew.
  answers_tell,             ///< What was shown is taken from answers, not from what is there.
  shown_by_one_attempt,     ///< An insertion whose answer is lost is not sent again.
  counts_before_answering,  ///< A post is acknowledged when it is counted.
  waits_for_the_living,   ///< What is not counted is counted by others only if its poster stopped.
  reader_below_counter,   ///< A reader takes nothing that is not counted.
  deletion_counts_first,  ///< A consumer counts what is not counted before it deletes it.
};

[[nodiscard]] std::string_view name_of(CountingProtection protection);

/// Who is there, and what can happen to them, besides an observer who pages through the queue.
struct CountingScenario {
  std::vector<int> posts;      ///< The sizes of those of our own hosts, each of another poster.
  int posts_of_reference = 0;  ///< So many more, of one message each, of the reference service.
  int crashes = 1;             ///< So many posters can stop for ever, at any step.
  int lost_answers = 0;        ///< So many answers to insertions are lost.
  bool consumer = false;       ///< Deletes any message, as our own hosts do.
  bool rude_consumer = false;  ///< Likewise, as the reference service does.
  bool counter_host = false;   ///< A host that does nothing but count what was left.
  bool made_anew = false;      ///< The queue is removed and goes on behind its predecessor.
  bool made_from_one = false;  ///< It is removed and counts from 1, as of the reference service.
  bool plain_reader = false;   ///< The observer is of the reference service.
  std::optional<CountingProtection> without = std::nullopt;
};

class CountingModel {
 public:
  using Byte = std::uint8_t;
  static constexpr int kDocuments = 4;
  static constexpr int kPosters = 4;

  enum class PostStep : Byte {
    read,
    find_left,
    count_left,
    show,
    look_up,  ///< What is there, after a lost answer.
    count,
    withdraw,
    finished,
    crashed
  };
  enum class Life : Byte { absent, stored, gone };
  enum class Wrong : Byte { nothing, once, order, counted_when_acknowledged };

  struct State {
    struct Document {
      Life life{};
      Byte k{};
      Byte queue{};  ///< The one its poster had in mind.
      Byte late{};   ///< Shown where the counter had passed, at a marker freed or skipped as above.
      Byte hurried{};  ///< Counted by a consumer.
      Byte left_in{};  ///< The queue it was deleted from.
    };
    struct Poster {
      PostStep step{};
      Byte attempt{};
      Byte v{};        ///< As read.
      Byte queue{};    ///< Likewise.
      Byte base{};     ///< The marker of document number `from` of the post.
      Byte from{};     ///< Documents of the post that were shown by earlier attempts.
      Byte shown{};    ///< Documents of the post that are shown.
      Byte next{};     ///< What the counter is to be raised to.
      Byte refused{};  ///< The attempt came to an end before all was shown.
      Byte lost{};     ///< The answer to an attempt.
      Byte floor{};    ///< The largest marker acknowledged when the post was sent.
      Byte acknowledged{};
    };
    /// A host that counts for others, and may delete then.
    struct Helper {
      Byte step{};
      Byte v{};
      Byte queue{};
      Byte next{};
      Byte document{};
    };
    Byte v;
    Byte queue;                   ///< How often it was made anew.
    std::array<Byte, 2> skipped;  ///< Markers, as bits.
    std::array<Document, kDocuments> documents;
    std::array<Poster, kPosters> posters;
    Helper counter_host;
    Helper consumer;
    Byte reading;
    Byte bound;
    Byte marker;
    Byte returned;
    Byte crashes_left;
    Byte lost_left;
    Wrong wrong;
  };

  struct Step {
    Byte actor;
    Byte action;
    Byte document;
  };

  struct Move {
    Step step;
    State next;
  };

  explicit CountingModel(CountingScenario scenario);

  [[nodiscard]] State initial() const;
  void moves(const State& state, std::vector<Move>& found) const;
  /// The part of the promise that this state breaks; empty if none.
  [[nodiscard]] std::string violation(const State& state) const;
  [[nodiscard]] std::string describe(const Step& step) const;

 private:
  [[nodiscard]] bool keeps(CountingProtection protection) const {
    return scenario_.without != protection;
  }
  [[nodiscard]] bool is_of_reference(int poster) const {
    return poster >= static_cast<int>(scenario_.posts.size());
  }
  [[nodiscard]] bool may_begin(const State& state, int poster) const;

  void find_of_poster(const State& state, int poster, std::vector<Move>& found) const;
  void find_of_consumers(const State& state, std::vector<Move>& found) const;
  void find_of_reader(const State& state, std::vector<Move>& found) const;

  void take_step(State& state, int poster) const;
  void begin_attempt(State& state, int poster) const;
  void show_next(State& state, int poster) const;
  void look_up(State& state, int poster) const;
  void count(State& state, int poster) const;
  void acknowledge(State& state, int poster) const;
  void help(State& state, State::Helper& helper) const;
  void remake(State& state) const;
  static void remove(State& state, State::Document& document);

  /// False: its marker is in use, or it is there already.
  bool insert(State& state, int document, Byte k, Byte queue) const;
  /// Raises the counter of the queue; false if there is another by now.
  bool raise(State& state, Byte queue, Byte next) const;
  [[nodiscard]] Byte end_of_left(const State& state, Byte v) const;

  CountingScenario scenario_;
  std::vector<int> first_;      ///< By poster: its first document.
  std::vector<int> size_;       ///< By poster.
  std::vector<int> poster_of_;  ///< By document.
};

}  // namespace marconi::mongodb::model
