#include "mongodb/model/hosts.h"

#include <algorithm>

namespace marconi::mongodb::model {
namespace {

bool is_at_work(const Producer& producer) {
  return producer.step != PostStep::finished && producer.step != PostStep::crashed;
}

}  // namespace

Byte Hosts::produce(int number) {
  Producer& producer = state_.producers[number];
  switch (producer.step) {
    case PostStep::recall:
      recall(producer);
      break;
    case PostStep::read_counter:
      begin_attempt(producer);
      break;
    case PostStep::help: {
      const Byte document = help(producer.helping);
      if (producer.helping.tags[0] == 0) {
        producer.step =
            has_transactions(producer) ? PostStep::begin_transaction : PostStep::choose_base;
      }
      return document;
    }
    case PostStep::choose_base:
      choose_base(producer);
      break;
    case PostStep::write_documents:
      return write_next(producer);
    case PostStep::commit:
      commit(producer);
      break;
    case PostStep::announce:
      database_.list(producer.tag);
      producer.step = PostStep::publish;
      break;
    case PostStep::publish:
      return publish_next(producer);
    case PostStep::withdraw:
      database_.remove_invisible(producer.post);
      producer = {.step = PostStep::finished};
      break;
    case PostStep::begin_transaction:
      begin_transaction(producer);
      break;
    case PostStep::commit_transaction:
      commit_transaction(producer);
      break;
    case PostStep::finished:
    case PostStep::crashed:
      break;
  }
  return kNoDocument;
}

bool Hosts::count_attempt(Producer& producer) {
  if (producer.attempt == scenario_.attempts) {
    give_up(producer);
    return false;
  }
  if (producer.attempt == 0) {
    note_sending(producer.post);
  }
  ++producer.attempt;
  return true;
}

void Hosts::note_sending(int post) {
  for (int document = 0; document < kDocuments; ++document) {
    const Document& other = state_.documents[document];
    if (other.published && (state_.acknowledged >> layout_.post_of[document] & 1) != 0) {
      state_.floor[post] = std::max(state_.floor[post], other.k);
    }
  }
  if (std::ranges::count_if(state_.producers, is_at_work) == 1) {
    state_.alone |= static_cast<Byte>(1U << post);
  }
}

void Hosts::recall(Producer& producer) {
  if (!count_attempt(producer)) {
    return;
  }
  producer.tag =
      tag_of(producer.post, keeps(Protection::fresh_tag_each_attempt) ? producer.attempt : 0);
  // Left out: remember what an answer said, though some of what is committed was not yet visible.
  producer.v = keeps(Protection::remembers_settled) ? producer.remembered : state_.counter.v;
  producer.base = producer.v;
  producer.todo = layout_.posts[producer.post].documents();
  producer.step = PostStep::write_documents;
}

void Hosts::try_again(Producer& producer) {
  const bool from_memory = producer.remembered != 0 && !keeps(Protection::recalls_once);
  producer.step = from_memory ? PostStep::recall : PostStep::read_counter;
  producer.todo = 0;
}

void Hosts::begin_attempt(Producer& producer) {
  if (!state_.counter.exists) {
    producer.step = PostStep::withdraw;
    return;
  }
  if (!count_attempt(producer)) {
    return;
  }
  const bool fresh = keeps(Protection::fresh_tag_each_attempt);
  producer.tag = tag_of(producer.post, fresh ? producer.attempt : 0);
  producer.v = state_.counter.v;
  if (keeps(Protection::poster_helps)) {
    producer.helping = helping_of_counter();
  }
  producer.step = producer.helping.tags[0] != 0 ? PostStep::help : PostStep::choose_base;
}

void Hosts::choose_base(Producer& producer) {
  producer.base = 1;
  if (keeps(Protection::base_from_counter)) {
    producer.base = producer.v;
  }
  if (keeps(Protection::base_from_documents)) {
    producer.base = std::max(producer.base, static_cast<Byte>(database_.largest_marker() + 1));
  }
  producer.todo = layout_.posts[producer.post].documents();
  producer.step = PostStep::write_documents;
}

// The first attempt inserts in ascending order. Later ones move what is there, last document first,
// so that a commit of an earlier attempt that succeeds meanwhile publishes a beginning of the post.
Byte Hosts::write_next(Producer& producer) {
  const Layout::Post& post = layout_.posts[producer.post];
  const bool ascending = producer.attempt == 1 || !keeps(Protection::renumber_descending);
  const int document = take(producer.todo, ascending);
  const auto k = static_cast<Byte>(producer.base + document - post.first);
  const auto bit = static_cast<Documents>(1U << document);
  const bool written = (producer.known & bit) != 0 ? database_.renumber(document, k, producer.tag)
                                                   : database_.insert(document, k, producer.tag);
  if (!written) {
    try_again(producer);
  } else {
    producer.known |= bit;
    if (producer.todo == 0) {
      all_written(producer);
    }
  }
  return static_cast<Byte>(document);
}

void Hosts::all_written(Producer& producer) {
  if (database_.with_tag(producer.tag) != 0) {
    producer.step = PostStep::commit;
    return;
  }
  // An earlier attempt had been committed, and everything is published.
  acknowledge(producer.post);
  next_post(producer, 0);
}

void Hosts::commit(Producer& producer) {
  if (!state_.counter.exists) {
    producer.step = PostStep::withdraw;
    return;
  }
  const auto next = static_cast<Byte>(producer.base + layout_.posts[producer.post].size);
  if (!database_.commit(producer.v, next, producer.tag)) {
    try_again(producer);
    return;
  }
  producer.v = next;
  producer.todo = database_.with_tag(producer.tag);
  producer.step = keeps(Protection::commit_is_one_change) ? PostStep::publish : PostStep::announce;
  if (!keeps(Protection::acknowledge_at_the_end)) {
    acknowledge(producer.post);
  }
  if (!keeps(Protection::pull_after_publishing)) {
    database_.pull(producer.tag);
  }
}

void Hosts::lose_commit_answer(int number) {
  Producer& producer = state_.producers[number];
  const Layout::Post& post = layout_.posts[producer.post];
  state_.late = {producer.v, static_cast<Byte>(producer.base + post.size), producer.tag};
  state_.unknown |= static_cast<Byte>(1U << producer.post);
  --state_.unknown_left;
  producer.step = PostStep::read_counter;
}

void Hosts::commit_late() {
  static_cast<void>(database_.commit(state_.late.v, state_.late.next, state_.late.tag));
  state_.late = {};
}

Byte Hosts::publish_next(Producer& producer) {
  Byte document = kNoDocument;
  if (producer.todo != 0) {  // else all of it has vanished
    document = static_cast<Byte>(take(producer.todo, keeps(Protection::publish_ascending)));
    database_.publish(document, producer.tag);
  }
  if (producer.todo == 0) {
    acknowledge(producer.post);
    next_post(producer, producer.v);
  }
  return document;
}

void Hosts::begin_transaction(Producer& producer) {
  if (!state_.counter.exists) {
    producer = {.step = PostStep::finished};
    return;
  }
  if (!count_attempt(producer)) {
    return;
  }
  if (keeps(Protection::transaction_helps) && state_.counter.p[0] != 0) {
    producer.helping = helping_of_counter();
    producer.step = PostStep::help;
    return;
  }
  producer.v = state_.counter.v;
  choose_base(producer);
  producer.step = PostStep::commit_transaction;
}

void Hosts::commit_transaction(Producer& producer) {
  const Layout::Post& post = layout_.posts[producer.post];
  producer.step = PostStep::begin_transaction;
  producer.todo = 0;
  const PostingState before = state_;
  const auto next = static_cast<Byte>(producer.base + post.size);
  if (!database_.commit_visibly(producer.v, next)) {
    return;
  }
  for (int i = 0; i < post.size; ++i) {
    const auto k = static_cast<Byte>(producer.base + i);
    if (!database_.insert_visibly(post.first + i, k)) {
      state_ = before;
      return;
    }
  }
  acknowledge(producer.post);
  next_post(producer, 0);
}

void Hosts::acknowledge(int number) {
  const auto bit = static_cast<Byte>(1U << number);
  if ((state_.acknowledged & bit) != 0) {
    return;
  }
  state_.acknowledged |= bit;
  const Layout::Post& post = layout_.posts[number];
  for (int document = post.first; document < post.first + post.size; ++document) {
    if (!database_.visible(document) && state_.documents[document].life != Life::gone) {
      state_.broken = Property::visible_when_acknowledged;
    }
  }
}

void Hosts::next_post(Producer& producer, Byte remembered) {
  const int next = producer.post + 1;
  const bool more = next < static_cast<int>(layout_.posts.size()) &&
                    layout_.posts[next].producer == layout_.posts[producer.post].producer;
  producer = {};
  if (!more) {
    producer.step = PostStep::finished;
    return;
  }
  producer.post = static_cast<Byte>(next);
  producer.step = has_transactions(producer) ? PostStep::begin_transaction : PostStep::read_counter;
  if (scenario_.remembering && remembered != 0) {
    producer.remembered = remembered;
    producer.step = PostStep::recall;
  }
}

bool Hosts::has_transactions(const Producer& producer) const {
  return layout_.posts[producer.post].producer >=
         static_cast<int>(scenario_.posts.size()) - scenario_.transactional;
}

void Hosts::give_up(Producer& producer) {
  const auto bit = static_cast<Byte>(1U << producer.post);
  if ((state_.alone & bit) != 0 && (state_.unknown & bit) == 0) {
    state_.broken = Property::not_held_up;
  }
  producer = {.step = PostStep::finished};
}

void Hosts::crash(int number) {
  state_.producers[number] = {.step = PostStep::crashed};
  --state_.crashes_left;
}

}  // namespace marconi::mongodb::model
