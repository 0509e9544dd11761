#include "mongodb/model/posting_model.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "mongodb/model/hosts.h"
#include "mongodb/model/posting_words.h"

namespace marconi::mongodb::model {
namespace {

/// Collects what can happen in one state.
class MoveFinder {
 public:
  MoveFinder(const Scenario& scenario, const Layout& layout, const PostingState& state,
             std::vector<PostingModel::Move>& found)
      : scenario_(scenario), layout_(layout), state_(state), found_(found) {}

  void find() {
    for (int i = 0; i < static_cast<int>(scenario_.posts.size()); ++i) {
      find_of_producer(i);
    }
    find_of_readers();
    find_removals();
    if (state_.late.tag != 0) {
      add(kNetwork, 0, [](Hosts& hosts, PostingState&) {
        hosts.commit_late();
        return Hosts::kNoDocument;
      });
    }
  }

 private:
  /// `act` changes a copy of the state and returns the document the step was about.
  template <class Act>
  void add(int actor, int action, const Act& act) {
    PostingState next = state_;
    Hosts hosts(scenario_, layout_, next);
    const Byte document = act(hosts, next);
    found_.push_back({{static_cast<Byte>(actor), static_cast<Byte>(action), document}, next});
  }

  void find_of_producer(int i) {
    const PostStep step = state_.producers[i].step;
    if (step == PostStep::finished || step == PostStep::crashed) {
      return;
    }
    const int actor = kProducer + i;
    add(actor, static_cast<int>(step),
        [i](Hosts& hosts, PostingState&) { return hosts.produce(i); });
    if (state_.crashes_left > 0) {
      add(actor, kCrash, [i](Hosts& hosts, PostingState&) {
        hosts.crash(i);
        return Hosts::kNoDocument;
      });
    }
    if (step == PostStep::commit && state_.unknown_left > 0 && state_.late.tag == 0) {
      add(actor, kLoseAnswer, [i](Hosts& hosts, PostingState&) {
        hosts.lose_commit_answer(i);
        return Hosts::kNoDocument;
      });
    }
  }

  void find_of_readers() {
    const Reader& observer = state_.observer;
    if (scenario_.plain_reader) {
      add(kObserver, static_cast<int>(ReadStep::scan),
          [](Hosts& hosts, PostingState& next) { return hosts.read_plainly(next.observer); });
    } else if (state_.counter.exists || observer.step != ReadStep::read_counter) {
      add(kObserver, static_cast<int>(observer.step),
          [](Hosts& hosts, PostingState& next) { return hosts.read(next.observer); });
    }
    if (observer.step == ReadStep::scan && observer.marker != 0 &&
        observer.position / kDocuments == observer.marker) {
      add(kObserver, kEndPage, [](Hosts&, PostingState& next) {
        Hosts::end_page(next.observer);
        return Hosts::kNoDocument;
      });
    }
    if (scenario_.sweeper && (state_.sweeper.step == ReadStep::help || state_.counter.p[0] != 0)) {
      add(kSweeper, static_cast<int>(state_.sweeper.step),
          [](Hosts& hosts, PostingState&) { return hosts.sweep(); });
    }
  }

  void find_removals() {
    for (int document = 0; document < kDocuments; ++document) {
      const Document& one = state_.documents[document];
      if (one.life == Life::stored && (one.tag == 0 || scenario_.expiry)) {
        add(one.tag == 0 ? kConsumer : kExpiry, 0, [document](Hosts&, PostingState& next) {
          next.documents[document].life = Life::gone;
          return static_cast<Byte>(document);
        });
      }
    }
    if (scenario_.queue_removal && state_.removal.step != RemovalStep::finished) {
      add(kRemover, static_cast<int>(state_.removal.step),
          [](Hosts& hosts, PostingState&) { return hosts.remove_queue(); });
    }
  }

  const Scenario& scenario_;
  const Layout& layout_;
  const PostingState& state_;
  std::vector<PostingModel::Move>& found_;
};

/// Whether the observer has gone past a visible message.
bool leaves_a_gap(const PostingState& state) {
  for (int document = 0; document < kDocuments; ++document) {
    const Document& one = state.documents[document];
    if (one.life == Life::stored && one.tag == 0 && one.k <= state.observer.marker &&
        (state.observer.returned >> document & 1) == 0) {
      return true;
    }
  }
  return false;
}

/// Whether a post would be visible in part if all producers stopped now and the tags in `p` were
/// helped. Not asked of posts with a commit of unknown result.
bool leaves_a_part(const PostingState& state, const Layout& layout) {
  for (std::size_t number = 0; number < layout.posts.size(); ++number) {
    bool some = false;
    bool all = true;
    const Layout::Post& post = layout.posts[number];
    for (int document = post.first; document < post.first + post.size; ++document) {
      const Document& one = state.documents[document];
      const bool helped = one.life == Life::stored && one.tag != 0 &&
                          std::ranges::find(state.counter.p, one.tag) != state.counter.p.end();
      some = some || one.published || helped;
      all = all && (one.published || helped || one.life == Life::gone);
    }
    if (some && !all && (state.unknown >> number & 1) == 0) {
      return true;
    }
  }
  return false;
}

bool outlives_its_queue(const PostingState& state) {
  return !state.counter.exists && std::ranges::any_of(state.documents, [](const Document& one) {
    return one.life == Life::stored && one.tag == 0;
  });
}

}  // namespace

Layout::Layout(const std::vector<std::vector<int>>& sizes) {
  int first = 0;
  for (int producer = 0; producer < static_cast<int>(sizes.size()); ++producer) {
    for (const int size : sizes[producer]) {
      post_of.insert(post_of.end(), size, static_cast<int>(posts.size()));
      posts.push_back({producer, first, size});
      first += size;
    }
  }
  assert(first <= kDocuments && posts.size() <= kPosts && sizes.size() <= kProducers);
}

PostingModel::PostingModel(Scenario scenario)
    : scenario_(std::move(scenario)), layout_(scenario_.posts) {
  assert(scenario_.letter == 0 || std::ssize(layout_.post_of) <= kLetter);
}

PostingState PostingModel::initial() const {
  PostingState state{};
  state.counter.exists = 1;
  state.counter.v = 1;
  if (scenario_.letter != 0) {
    state.documents[kLetter] = {.life = Life::stored, .k = static_cast<Byte>(scenario_.letter)};
  }
  state.crashes_left = static_cast<Byte>(scenario_.crashes);
  state.unknown_left = static_cast<Byte>(scenario_.unknown_commits);
  for (std::size_t i = layout_.posts.size(); i-- > 0;) {
    const int number = layout_.posts[i].producer;
    const bool transactional =
        number >= static_cast<int>(scenario_.posts.size()) - scenario_.transactional;
    state.producers[number].post = static_cast<Byte>(i);
    state.producers[number].step = transactional           ? PostStep::begin_transaction
                                   : scenario_.remembering ? PostStep::recall
                                                           : PostStep::read_counter;
    state.producers[number].remembered = scenario_.remembering ? 1 : 0;
  }
  for (std::size_t i = scenario_.posts.size(); i < kProducers; ++i) {
    state.producers[i].step = PostStep::finished;
  }
  return state;
}

void PostingModel::moves(const State& state, std::vector<Move>& found) const {
  MoveFinder(scenario_, layout_, state, found).find();
}

std::string PostingModel::violation(const State& state) const {
  switch (state.broken) {
    case Property::once:
      return "once: the observer got a message twice";
    case Property::order:
      return "order: a message became visible at the wrong place";
    case Property::visible_when_acknowledged:
      return "visible: a post was acknowledged before it was visible";
    case Property::not_held_up:
      return "progress: what a stopped producer left holds up another";
    case Property::none:
      break;
  }
  if (leaves_a_gap(state)) {
    return "no gap: the observer has passed a message";
  }
  if (leaves_a_part(state, layout_)) {
    return "all or nothing: a post stays visible in part";
  }
  if (outlives_its_queue(state)) {
    return "removal: a message is visible in a queue that is gone";
  }
  return {};
}

}  // namespace marconi::mongodb::model
