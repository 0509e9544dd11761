// Posting without transactions over several documents, all or nothing and in order.
//
// Messages are written invisible, under a tag. One conditional update of the queue's counter then
// moves the counter behind their markers and notes the tag as committed. From there on anybody can
// and everybody does make them visible, before anything that comes later is committed or read.
//
//  - Order: a post commits only if the counter has not moved since it was known, and everything
//    committed until then visible. So all of an earlier post is visible before any of a later one,
//    and the commit may replace the list of tags by its own.
//  - All or nothing: what crashes before the commit is never published; the database removes it
//    when it expires. What crashes after it is finished by the next who comes by.
//  - Letters from another queue stay visible there, held under the tag, up to the moment in which
//    each changes queues; the commit names their queue, so that anybody finds them. If it does not
//    come to pass, the hold ends by itself.
//  - Readers take no marker at or above the counter as they read it. Without that bound a page
//    could pass over an invisible message and then meet a later one that was published meanwhile.
//
// On a quiet queue the counter is known from the last answer, and three round trips are enough:
// write, commit, make visible. The tag stays on the list until the next commit or another reader.
#pragma once

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

class CommitRecordPublisher final : public Publisher {
 public:
  explicit CommitRecordPublisher(const Shared& shared) : shared_(shared), counters_(shared) {}

  /// After `unavailable` it is all or nothing.
  Result<void> publish(std::string_view scope, Batch& batch) override;

 private:
  enum class Attempt { published, lost_race, unknown };

  /// A counter of which everything committed is visible, and where to put the batch.
  struct Start {
    ObjectId queue;  ///< its document, for one made anew may count anew
    std::int64_t counter = 0;
    std::int64_t first = 0;
  };

  Result<Start> find_start(std::string_view scope, bool remembered);
  Result<Attempt> attempt(std::string_view scope, Batch& batch, bool remembered, bool unpublished);
  Result<std::optional<QueueState>> commit(std::string_view scope, const Start& start,
                                           std::int64_t next, const PendingPost& post, Moment now);
  Result<Counters::Shown> make_visible(std::string_view scope, const Batch& batch,
                                       const PendingPost& post);

  const Shared& shared_;
  Counters counters_;
};

}  // namespace marconi::storage::mongodb
