#include "mongodb/model/counting_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace marconi::mongodb::model {
namespace {

using Byte = CountingModel::Byte;
using Life = CountingModel::Life;
using PostStep = CountingModel::PostStep;
using State = CountingModel::State;

constexpr Byte kNoDocument = 0xFF;
constexpr Byte kNoBound = 0xFF;
constexpr int kAttempts = 3;

// Actors; posters are numbered from 0 on.
constexpr Byte kObserver = 100;
constexpr Byte kConsumer = 101;
constexpr Byte kRudeConsumer = 102;
constexpr Byte kCounterHost = 103;
constexpr Byte kMaker = 104;

// Actions besides the steps of posts.
constexpr Byte kCrash = 50;
constexpr Byte kLoseAnswer = 51;

// The steps of a helper.
constexpr Byte kRead = 0;
constexpr Byte kFind = 1;
constexpr Byte kCount = 2;
constexpr Byte kDelete = 3;

Byte byte(int number) { return static_cast<Byte>(number); }

bool has_stopped(const State::Poster& poster) {
  return poster.step == PostStep::finished || poster.step == PostStep::crashed;
}

std::string_view words_for(PostStep step) {
  switch (step) {
    case PostStep::read:
      return "read the counter";
    case PostStep::find_left:
      return "look for what was left uncounted";
    case PostStep::count_left:
      return "count what was left";
    case PostStep::show:
      return "show the next";
    case PostStep::look_up:
      return "look what is there";
    case PostStep::count:
      return "count";
    case PostStep::withdraw:
      return "withdraw";
    case PostStep::finished:
    case PostStep::crashed:
      break;
  }
  return "stop";
}

std::string_view words_for_helper(Byte step) {
  constexpr std::array<std::string_view, 4> kWords{"read the counter", "find", "count", "delete"};
  return kWords.at(step);
}

}  // namespace

std::string_view name_of(CountingProtection protection) {
  switch (protection) {
    case CountingProtection::unique_markers:
      return "unique_markers";
    case CountingProtection::starts_at_the_counter:
      return "starts_at_the_counter";
    case CountingProtection::counting_names_value:
      return "counting_names_value";
    case CountingProtection::counting_names_queue:
      return "counting_names_queue";
    case CountingProtection::answers_tell:
      return "answers_tell";
    case CountingProtection::shown_by_one_attempt:
      return "shown_by_one_attempt";
    case CountingProtection::counts_before_answering:
      return "counts_before_answering";
    case CountingProtection::waits_for_the_living:
      return "waits_for_the_living";
    case CountingProtection::reader_below_counter:
      return "reader_below_counter";
    case CountingProtection::deletion_counts_first:
      break;
  }
  return "deletion_counts_first";
}

CountingModel::CountingModel(CountingScenario scenario) : scenario_(std::move(scenario)) {
  size_ = scenario_.posts;
  size_.insert(size_.end(), scenario_.posts_of_reference, 1);
  for (std::size_t poster = 0; poster < size_.size(); ++poster) {
    first_.push_back(static_cast<int>(poster_of_.size()));
    poster_of_.insert(poster_of_.end(), size_[poster], static_cast<int>(poster));
  }
  assert(size_.size() <= kPosters && poster_of_.size() <= kDocuments);
}

State CountingModel::initial() const {
  State state{};
  state.v = 1;
  state.crashes_left = byte(scenario_.crashes);
  state.lost_left = byte(scenario_.lost_answers);
  for (std::size_t poster = size_.size(); poster < kPosters; ++poster) {
    state.posters[poster].step = PostStep::finished;
  }
  return state;
}

// ---- the database ------------------------------------------------------------------------------

void CountingModel::remove(State& state, State::Document& document) {
  document.life = Life::gone;
  document.left_in = state.queue;
}

bool CountingModel::insert(State& state, int document, Byte k, Byte queue) const {
  State::Document& mine = state.documents[document];
  bool freed = (state.skipped[k / 8] >> k % 8 & 1) != 0;
  for (const State::Document& other : state.documents) {
    if (&other == &mine || other.life == Life::absent || other.k != k) {
      continue;
    }
    if (other.life == Life::stored && keeps(CountingProtection::unique_markers)) {
      return false;
    }
    freed = freed || (other.life == Life::gone && other.left_in == state.queue);
  }
  if (mine.life == Life::stored) {
    return false;
  }
  if (mine.life == Life::gone) {
    state.wrong = Wrong::once;
  }
  mine = {.life = Life::stored, .k = k, .queue = queue, .late = byte(freed && k < state.v)};
  const int poster = poster_of_[document];
  bool ordered = k > state.posters[poster].floor;
  for (int before = first_[poster]; before < document; ++before) {
    ordered = ordered && state.documents[before].k < k;
  }
  if (!ordered && !mine.late && queue == state.queue) {
    state.wrong = Wrong::order;
  }
  return true;
}

bool CountingModel::raise(State& state, Byte queue, Byte next) const {
  if (keeps(CountingProtection::counting_names_queue) && queue != state.queue) {
    return false;
  }
  for (const State::Document& one : state.documents) {
    const bool strange = one.life == Life::stored && one.queue != state.queue;
    for (int k = state.v; strange && one.k + 1 == next && k < one.k; ++k) {
      state.skipped[k / 8] |= byte(1 << k % 8);
    }
  }
  state.v = std::max(state.v, next);
  return true;
}

/// Behind the last document that is not counted, if nobody is about to count it; else 0.
Byte CountingModel::end_of_left(const State& state, Byte v) const {
  int last = -1;
  for (int document = 0; document < kDocuments; ++document) {
    const State::Document& one = state.documents[document];
    if (one.life == Life::stored && one.k >= v && (last < 0 || one.k > state.documents[last].k)) {
      last = document;
    }
  }
  if (last < 0 || (keeps(CountingProtection::waits_for_the_living) &&
                   !has_stopped(state.posters[poster_of_[last]]))) {
    return 0;
  }
  return byte(state.documents[last].k + 1);
}

// ---- posters -----------------------------------------------------------------------------------

void CountingModel::take_step(State& state, int number) const {
  State::Poster& poster = state.posters[number];
  switch (poster.step) {
    case PostStep::read:
      begin_attempt(state, number);
      break;
    case PostStep::find_left:
      poster.next = end_of_left(state, poster.v);
      poster.step = poster.next == 0 ? PostStep::show : PostStep::count_left;
      break;
    case PostStep::count_left:
      if (raise(state, poster.queue, poster.next)) {
        poster.base = poster.v = poster.next;
      }
      poster.step = PostStep::show;
      break;
    case PostStep::show:
      show_next(state, number);
      break;
    case PostStep::look_up:
      look_up(state, number);
      break;
    case PostStep::count:
      count(state, number);
      break;
    case PostStep::withdraw:
      for (int document = first_[number]; document < first_[number] + size_[number]; ++document) {
        if (state.documents[document].life == Life::stored) {
          remove(state, state.documents[document]);
        }
      }
      poster = {.step = PostStep::finished};
      break;
    case PostStep::finished:
    case PostStep::crashed:
      break;
  }
}

void CountingModel::begin_attempt(State& state, int number) const {
  State::Poster& poster = state.posters[number];
  if (poster.attempt == kAttempts) {
    poster.step = is_of_reference(number) ? PostStep::finished : PostStep::withdraw;
    return;
  }
  if (poster.attempt == 0) {
    for (int document = 0; document < static_cast<int>(poster_of_.size()); ++document) {
      const State::Document& other = state.documents[document];
      if (state.posters[poster_of_[document]].acknowledged && other.queue == state.queue) {
        poster.floor = std::max(poster.floor, other.k);
      }
    }
  }
  poster.v = state.v;
  poster.queue = state.queue;
  poster.base = state.v;
  poster.from = poster.shown;
  poster.refused = 0;
  if (!is_of_reference(number) && !keeps(CountingProtection::starts_at_the_counter)) {
    for (const State::Document& other : state.documents) {
      if (other.life == Life::stored) {
        poster.base = std::max(poster.base, byte(other.k + 1));
      }
    }
  }
  const bool looks = poster.attempt > 0 && !is_of_reference(number);
  ++poster.attempt;
  poster.step = looks ? PostStep::find_left : PostStep::show;
}

void CountingModel::show_next(State& state, int number) const {
  State::Poster& poster = state.posters[number];
  const auto k = byte(poster.base + poster.shown - poster.from);
  if (!insert(state, first_[number] + poster.shown, k, poster.queue)) {
    poster.refused = 1;
    if (!is_of_reference(number) && !keeps(CountingProtection::answers_tell)) {
      poster.shown = poster.from;
      poster.step = PostStep::look_up;
    } else if (poster.lost) {
      poster.step = PostStep::look_up;  // it may have met itself
    } else {
      poster.step = poster.shown > poster.from ? PostStep::count : PostStep::read;
    }
  } else {
    ++poster.shown;
    if (poster.shown == size_[number]) {
      poster.step = PostStep::count;
      if (!keeps(CountingProtection::counts_before_answering)) {
        acknowledge(state, number);
      }
    }
  }
  poster.next = byte(poster.base + poster.shown - poster.from);
}

/// The last of its documents that is there tells that those in front of it were shown.
void CountingModel::look_up(State& state, int number) const {
  State::Poster& poster = state.posters[number];
  poster.refused = 1;
  bool found = false;
  for (int place = size_[number]; place-- > 0 && !found;) {
    const State::Document& own = state.documents[first_[number] + place];
    if (own.life == Life::stored && place >= poster.from) {
      found = true;
      poster.shown = byte(place + 1);
      poster.next = byte(own.k + 1);
    }
  }
  const bool goes_on = !poster.lost || !keeps(CountingProtection::shown_by_one_attempt);
  if (found) {
    poster.step = PostStep::count;
  } else {
    poster.shown = poster.from;
    poster.step = goes_on ? PostStep::read : PostStep::finished;
  }
}

void CountingModel::count(State& state, int number) const {
  State::Poster& poster = state.posters[number];
  const auto shown = byte(poster.shown - poster.from);
  const bool steps_up = is_of_reference(number) || !keeps(CountingProtection::counting_names_value);
  if (steps_up) {
    if (is_of_reference(number) && state.documents[first_[number]].hurried) {
      state.skipped[state.v / 8] |= byte(1 << state.v % 8);
    }
    state.v = byte(state.v + shown);
  } else if (!raise(state, poster.queue, poster.next)) {
    poster.step = PostStep::withdraw;
    return;
  }
  if (poster.shown == size_[number]) {
    acknowledge(state, number);
    poster = {.step = PostStep::finished, .acknowledged = 1};
  } else if (poster.lost && keeps(CountingProtection::shown_by_one_attempt)) {
    poster = {.step = PostStep::finished};  // whether more of it was shown is not known
  } else {
    poster.step = PostStep::read;
  }
}

void CountingModel::acknowledge(State& state, int number) const {
  state.posters[number].acknowledged = 1;
  for (int document = first_[number]; document < first_[number] + size_[number]; ++document) {
    const State::Document& own = state.documents[document];
    if (own.life == Life::stored && (own.k >= state.v || own.queue != state.queue)) {
      state.wrong = Wrong::counted_when_acknowledged;
    }
  }
}

/// Those of the reference service, which counts whatever queue has the name, come after the queue
/// was made anew.
bool CountingModel::may_begin(const State& state, int poster) const {
  const bool remade = scenario_.made_anew || scenario_.made_from_one;
  return !remade || !is_of_reference(poster) || state.queue != 0;
}

void CountingModel::find_of_poster(const State& state, int number, std::vector<Move>& found) const {
  const State::Poster& poster = state.posters[number];
  if (has_stopped(poster) || !may_begin(state, number)) {
    return;
  }
  State next = state;
  take_step(next, number);
  const bool shows = poster.step == PostStep::show;
  const Byte document = shows ? byte(first_[number] + poster.shown) : kNoDocument;
  found.push_back({{byte(number), static_cast<Byte>(poster.step), document}, next});
  if (state.crashes_left > 0) {
    next = state;
    --next.crashes_left;
    next.posters[number] = {.step = PostStep::crashed};
    found.push_back({{byte(number), kCrash, kNoDocument}, next});
  }
  // After any number of documents: those behind have not come to the server.
  const bool waits = shows || (poster.step == PostStep::count && !poster.refused);
  if (waits && state.lost_left > 0 && !is_of_reference(number)) {
    next = state;
    --next.lost_left;
    State::Poster& loser = next.posters[number];
    loser.lost = 1;
    loser.shown = loser.from;
    loser.step =
        keeps(CountingProtection::shown_by_one_attempt) ? PostStep::look_up : PostStep::show;
    found.push_back({{byte(number), kLoseAnswer, kNoDocument}, next});
  }
}

// ---- consumers, and whoever counts for others --------------------------------------------------

/// A helper without a document counts what was left; one with a document deletes it.
void CountingModel::help(State& state, State::Helper& helper) const {
  switch (helper.step) {
    case kRead:
      helper.v = state.v;
      helper.queue = state.queue;
      helper.step = kFind;
      break;
    case kFind:
      if (helper.document == kNoDocument) {
        helper.next = end_of_left(state, helper.v);
      } else if (state.documents[helper.document].k >= helper.v &&
                 keeps(CountingProtection::deletion_counts_first)) {
        helper.next = byte(state.documents[helper.document].k + 1);
      }
      helper.step = helper.next != 0 ? kCount : helper.document == kNoDocument ? kRead : kDelete;
      break;
    case kCount: {
      const bool raised = raise(state, helper.queue, helper.next);
      if (raised && helper.document != kNoDocument) {
        state.documents[helper.document].hurried = 1;
      }
      helper.next = 0;
      helper.step = raised && helper.document != kNoDocument ? kDelete : kRead;
      break;
    }
    default:
      if (state.documents[helper.document].life == Life::stored) {
        remove(state, state.documents[helper.document]);
      }
      helper = {};
      break;
  }
  if (helper.document == kNoDocument && helper.step == kRead) {
    helper = {};
  }
}

void CountingModel::find_of_consumers(const State& state, std::vector<Move>& found) const {
  const auto add_helper = [&](Byte actor, State::Helper State::* which, Byte document) {
    State next = state;
    State::Helper& helper = next.*which;
    const Byte step = helper.step;
    if (step == kRead) {
      helper.document = document;
    }
    const Byte about = helper.document;
    help(next, helper);
    found.push_back({{actor, step, about}, next});
  };
  if (scenario_.counter_host) {
    add_helper(kCounterHost, &State::counter_host, kNoDocument);
  }
  if (scenario_.consumer && state.consumer.step != kRead) {
    add_helper(kConsumer, &State::consumer, state.consumer.document);
  }
  for (int document = 0; document < kDocuments; ++document) {
    if (state.documents[document].life != Life::stored) {
      continue;
    }
    if (scenario_.consumer && state.consumer.step == kRead) {
      add_helper(kConsumer, &State::consumer, byte(document));
    }
    if (scenario_.rude_consumer) {
      State next = state;
      remove(next, next.documents[document]);
      found.push_back({{kRudeConsumer, kDelete, byte(document)}, next});
    }
  }
}

/// What is counted goes with the queue. What is not is met again in the one that follows.
void CountingModel::remake(State& state) const {
  for (State::Document& document : state.documents) {
    if (document.life == Life::stored && document.k < state.v) {
      remove(state, document);
    }
  }
  ++state.queue;
  state.reading = 0;
  if (scenario_.made_from_one) {
    state.v = 1;
    state.marker = 0;  // old ones are worth nothing
    state.returned = 0;
  }
}

// ---- the observer ------------------------------------------------------------------------------

void CountingModel::find_of_reader(const State& state, std::vector<Move>& found) const {
  State next = state;
  if (!state.reading && !scenario_.plain_reader) {
    next.reading = 1;
    next.bound = keeps(CountingProtection::reader_below_counter) ? state.v : kNoBound;
    found.push_back({{kObserver, kRead, kNoDocument}, next});
    return;
  }
  // A page of one message.
  next.reading = 0;
  const Byte bound = scenario_.plain_reader ? kNoBound : state.bound;
  int first = -1;
  for (int document = 0; document < kDocuments; ++document) {
    const State::Document& one = state.documents[document];
    if (one.life == Life::stored && one.k > state.marker && one.k < bound &&
        (first < 0 || one.k < state.documents[first].k)) {
      first = document;
    }
  }
  next.bound = 0;
  if (first >= 0) {
    const auto bit = byte(1 << first);
    if ((state.returned & bit) != 0) {
      next.wrong = Wrong::once;
    }
    next.returned |= bit;
    next.marker = state.documents[first].k;
  }
  found.push_back({{kObserver, kFind, first < 0 ? kNoDocument : byte(first)}, next});
}

// ---- everything that can happen ----------------------------------------------------------------

void CountingModel::moves(const State& state, std::vector<Move>& found) const {
  for (int poster = 0; poster < static_cast<int>(size_.size()); ++poster) {
    find_of_poster(state, poster, found);
  }
  find_of_consumers(state, found);
  find_of_reader(state, found);
  if ((scenario_.made_anew || scenario_.made_from_one) && state.queue == 0) {
    State next = state;
    remake(next);
    found.push_back({{kMaker, kRead, kNoDocument}, next});
  }
}

std::string CountingModel::violation(const State& state) const {
  switch (state.wrong) {
    case Wrong::once:
      return "once: a message was there twice";
    case Wrong::order:
      return "order: a message was shown at the wrong place";
    case Wrong::counted_when_acknowledged:
      return "visible: a post was acknowledged that readers may not see";
    case Wrong::nothing:
      break;
  }
  const bool deletes = scenario_.consumer || scenario_.rude_consumer || scenario_.made_anew ||
                       scenario_.made_from_one;
  for (int document = 0; document < kDocuments; ++document) {
    const State::Document& one = state.documents[document];
    if (one.life != Life::stored) {
      continue;
    }
    if (one.late && !deletes) {
      return "late: a message was shown behind the counter";
    }
    if (!one.late && one.queue == state.queue && one.k <= state.marker &&
        (state.returned >> document & 1) == 0) {
      return "no gap: the observer has passed a message";
    }
  }
  return {};
}

std::string CountingModel::describe(const Step& step) const {
  std::string text;
  switch (step.actor) {
    case kObserver:
      text = step.action == kRead ? "observer: read the counter" : "observer: page";
      break;
    case kConsumer:
      text = fmt::format("consumer: {}", words_for_helper(step.action));
      break;
    case kRudeConsumer:
      text = "consumer of the reference service: delete";
      break;
    case kCounterHost:
      text = fmt::format("counting host: {}", words_for_helper(step.action));
      break;
    case kMaker:
      text = "the queue is removed and made anew";
      break;
    default:
      text =
          fmt::format("poster {}{}: {}", step.actor,
                      is_of_reference(step.actor) ? " of the reference service" : "",
                      step.action == kCrash        ? "crash"
                      : step.action == kLoseAnswer ? "lose the answer"
                                                   : words_for(static_cast<PostStep>(step.action)));
      break;
  }
  return step.document == kNoDocument ? text : fmt::format("{} message {}", text, step.document);
}

}  // namespace marconi::mongodb::model
