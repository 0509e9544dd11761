// Messages on their way into a queue.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

/// Writes drafts as new documents. They keep their ids, however often they are placed.
class NewMessages : public Batch {
 public:
  NewMessages(const Shared& shared, std::string scope, std::vector<Draft> drafts);

  [[nodiscard]] const std::vector<ObjectId>& ids() const override { return ids_; }
  [[nodiscard]] const CollectionName& collection() const override { return collection_; }
  Result<std::size_t> place(const ObjectId& tag, std::int64_t base, bool unpublished) override;
  void withdraw() override;
  Result<std::int64_t> show(Operations& to, std::int64_t base, std::size_t from) override;
  [[nodiscard]] std::optional<std::size_t> shown() const override { return shown_; }

 protected:
  [[nodiscard]] const std::vector<ObjectId>& tags() const { return tags_; }

  /// Removes those with these ids, what was placed of them included. None of them may have been
  /// shown. The batch has to be placed anew then.
  Result<void> drop(const std::vector<ObjectId>& ids);

  /// What `withdraw` removes of what was shown.
  [[nodiscard]] virtual Document shown_in_vain() const;

 private:
  Result<std::size_t> insert(const ObjectId& tag, std::int64_t base);
  Result<void> remove_placed(const std::vector<ObjectId>& ids);

  const Shared& shared_;
  std::string scope_;
  CollectionName collection_;
  std::vector<Draft> drafts_;
  std::vector<ObjectId> ids_;
  std::vector<ObjectId> tags_;  ///< all that documents of this batch may bear
  bool all_inserted_ = false;
  std::optional<std::size_t> shown_;  ///< the answer to the last attempt, if it was an answer
  bool any_shown_ = false;            ///< or may be
};

}  // namespace marconi::storage::mongodb
