#include "mongodb/model/queue_documents.h"

#include <algorithm>
#include <cstddef>

namespace marconi::mongodb::model {

bool QueueDocuments::taken(int document, Byte k) const {
  for (int other = 0; other < kDocuments; ++other) {
    if (other != document && stored(other) && state_.documents[other].k == k) {
      return scenario_.unique_markers;
    }
  }
  return false;
}

bool QueueDocuments::insert(int document, Byte k, Byte tag) {
  if (taken(document, k)) {
    return false;
  }
  state_.documents[document] = {Life::stored, k, tag, 0};
  return true;
}

bool QueueDocuments::insert_visibly(int document, Byte k) {
  if (taken(document, k)) {
    return false;
  }
  state_.documents[document] = {Life::stored, k, 0, 1};
  judge_order(document);
  return true;
}

bool QueueDocuments::renumber(int document, Byte k, Byte tag) {
  Document& stored_one = state_.documents[document];
  if (!stored(document) || (keeps(Protection::renumber_names_tag) && stored_one.tag == 0)) {
    return true;  // visible or gone: it was published
  }
  if (taken(document, k)) {
    return false;
  }
  stored_one.k = k;
  stored_one.tag = tag;
  return true;
}

void QueueDocuments::publish(int document, Byte tag) {
  Document& stored_one = state_.documents[document];
  if (!stored(document) || stored_one.tag == 0 ||
      (keeps(Protection::publish_names_tag) && stored_one.tag != tag)) {
    return;
  }
  stored_one.tag = 0;
  stored_one.published = 1;
  judge_order(document);
}

void QueueDocuments::judge_order(int document) {
  const Byte k = state_.documents[document].k;
  const int number = layout_.post_of[document];
  const Layout::Post& post = layout_.posts[number];
  bool ordered = k > state_.floor[number];
  for (int other = post.first; other < post.first + post.size; ++other) {
    const Document& sibling = state_.documents[other];
    if (other != document && sibling.published) {
      ordered = ordered && (other < document) == (sibling.k < k);
    }
  }
  if (!ordered) {
    state_.broken = Property::order;
  }
}

void QueueDocuments::remove_invisible(int post) {
  for (int document = 0; document < kDocuments; ++document) {
    if (stored(document) && !visible(document) && layout_.post_of[document] == post) {
      remove(document);
    }
  }
}

bool QueueDocuments::commit_visibly(Byte v, Byte next) {
  Counter& counter = state_.counter;
  if (!counter.exists || (keeps(Protection::commit_names_value) && counter.v != v)) {
    return false;
  }
  counter.v = next;
  return true;
}

bool QueueDocuments::commit(Byte v, Byte next, Byte tag) {
  const bool committed = commit_visibly(v, next);
  if (committed && keeps(Protection::commit_is_one_change)) {
    list(tag);
  }
  return committed;
}

void QueueDocuments::raise(Byte v) {
  if (state_.counter.exists) {
    state_.counter.v = std::max(state_.counter.v, v);
  }
}

void QueueDocuments::list(Byte tag) { state_.counter.p = {tag}; }

void QueueDocuments::pull(Byte tag) {
  Tags& p = state_.counter.p;
  const auto rest = std::ranges::remove(p, tag);
  std::ranges::fill(rest, Byte{0});
}

Byte QueueDocuments::largest_marker() const {
  Byte largest = 0;
  for (int document = 0; document < kDocuments; ++document) {
    if (stored(document)) {
      largest = std::max(largest, state_.documents[document].k);
    }
  }
  return largest;
}

Documents QueueDocuments::with_tag(Byte tag) const {
  Documents found = 0;
  for (int document = 0; document < kDocuments; ++document) {
    if (stored(document) && state_.documents[document].tag == tag) {
      found |= static_cast<Documents>(1U << document);
    }
  }
  return found;
}

Byte QueueDocuments::position_of(int document) const {
  return static_cast<Byte>(state_.documents[document].k * kDocuments + document);
}

int QueueDocuments::next_entry(Byte position, Byte end) const {
  int next = -1;
  for (int document = 0; document < kDocuments; ++document) {
    if (stored(document) && state_.documents[document].k < end &&
        position_of(document) > position &&
        (next < 0 || position_of(document) < position_of(next))) {
      next = document;
    }
  }
  return next;
}

}  // namespace marconi::mongodb::model
