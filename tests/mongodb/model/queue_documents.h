// What the database does to the documents of one queue: single operations, each atomic for the
// document it changes.
#pragma once

#include "mongodb/model/posting_model.h"

namespace marconi::mongodb::model {

/// One access after another to a state's documents. Notes in the state which property it broke.
class QueueDocuments {
 public:
  QueueDocuments(const Scenario& scenario, const Layout& layout, PostingState& state)
      : scenario_(scenario), layout_(layout), state_(state) {}

  [[nodiscard]] bool keeps(Protection protection) const { return scenario_.without != protection; }

  /// Inserts a document, or changes its marker and tag. False: another one has that marker.
  bool insert(int document, Byte k, Byte tag);
  bool insert_visibly(int document, Byte k);
  bool renumber(int document, Byte k, Byte tag);

  /// Makes it visible if it carries the tag.
  void publish(int document, Byte tag);

  void remove(int document) { state_.documents[document].life = Life::gone; }
  /// Removes the post's documents that are still invisible.
  void remove_invisible(int post);

  /// Finds the counter at `v`: sets it to `next` and lists the tag alone. False: it is not there.
  bool commit(Byte v, Byte next, Byte tag);
  bool commit_visibly(Byte v, Byte next);  ///< Likewise without a tag.
  /// Moves the counter to `v` unless it is there already.
  void raise(Byte v);
  void list(Byte tag);
  void pull(Byte tag);

  [[nodiscard]] Byte largest_marker() const;
  [[nodiscard]] Documents with_tag(Byte tag) const;
  /// The entry of the index on markers that follows `position`, below marker `end`; -1: none.
  [[nodiscard]] int next_entry(Byte position, Byte end) const;
  [[nodiscard]] Byte position_of(int document) const;

  [[nodiscard]] bool stored(int document) const {
    return state_.documents[document].life == Life::stored;
  }
  [[nodiscard]] bool visible(int document) const {
    return stored(document) && state_.documents[document].tag == 0;
  }

 private:
  [[nodiscard]] bool taken(int document, Byte k) const;
  void judge_order(int document);

  const Scenario& scenario_;
  const Layout& layout_;
  PostingState& state_;
};

/// Every attempt of every post has a tag.
[[nodiscard]] inline Byte tag_of(int post, int attempt) {
  return static_cast<Byte>(1 + post * 8 + attempt);
}
[[nodiscard]] inline int post_of_tag(Byte tag) { return (tag - 1) / 8; }

}  // namespace marconi::mongodb::model
