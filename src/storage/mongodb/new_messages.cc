#include "storage/mongodb/new_messages.h"

#include <algorithm>
#include <utility>

namespace marconi::storage::mongodb {

namespace {

std::vector<ObjectId> ids_of(const std::vector<Draft>& drafts) {
  std::vector<ObjectId> ids;
  for (const auto& draft : drafts) ids.push_back(draft.id);
  return ids;
}

/// The writes that move invisible documents, last one first so that they never run into each other,
/// to markers from `base` on. Those that bear none of the tags any more are published or gone.
std::vector<Write> moves_of(const std::vector<ObjectId>& ids, const std::vector<ObjectId>& tags,
                            const ObjectId& tag, std::int64_t base) {
  const Array own(tags);
  std::vector<Write> writes;
  for (std::size_t i = ids.size(); i-- > 0;) {
    writes.push_back(
        {.kind = Write::Kind::update_one,
         .filter = {{"_id", ids[i]}, where("tx", "$in", own)},
         .change = {{"$set", Document{{"k", base + static_cast<std::int64_t>(i)}, {"tx", tag}}}}});
  }
  return writes;
}

}  // namespace

NewMessages::NewMessages(const Shared& shared, std::string scope, std::vector<Draft> drafts)
    : shared_(shared),
      scope_(std::move(scope)),
      collection_(shared.options.placement.messages(scope_)),
      drafts_(std::move(drafts)),
      ids_(ids_of(drafts_)) {}

Result<std::size_t> NewMessages::place(const ObjectId& tag, std::int64_t base, bool unpublished) {
  if (!all_inserted_) return insert(tag, base);
  tags_.push_back(tag);
  const auto moved = shared_.messages.write(collection_, moves_of(ids_, tags_, tag, base));
  if (!moved) return std::unexpected(moved.error());
  const auto placed = static_cast<std::size_t>(moved->matched);
  return unpublished && placed < size() ? insert(tag, base) : placed;
}

Result<std::size_t> NewMessages::insert(const ObjectId& tag, std::int64_t base) {
  // What an attempt that failed half-way left behind was never committed.
  if (auto removed = remove_placed(ids_); !removed) return std::unexpected(removed.error());
  tags_.push_back(tag);
  std::vector<Write> writes;
  for (const auto& draft : drafts_) {
    writes.push_back({.kind = Write::Kind::insert,
                      .filter = {},
                      .change = message_document(draft, scope_, base++, tag)});
  }
  if (auto inserted = shared_.messages.write(collection_, writes); !inserted) {
    return std::unexpected(inserted.error());
  }
  all_inserted_ = true;
  return drafts_.size();
}

Result<std::int64_t> NewMessages::show(Operations& to, std::int64_t base, std::size_t from) {
  any_shown_ = true;
  shown_.reset();
  std::vector<Document> documents;
  for (std::size_t i = from; i < drafts_.size(); ++i) {
    documents.push_back(message_document(drafts_[i], scope_, base++, std::nullopt));
  }
  auto inserted = to.insert(collection_, documents);
  if (!inserted) return std::unexpected(std::move(inserted.error()));
  shown_ = from + inserted->stored;
  if (inserted->refusal) return std::unexpected(*std::move(inserted->refusal));
  return base;
}

void NewMessages::withdraw() {
  (void)remove_placed(ids_);
  all_inserted_ = false;
  shown_.reset();
  if (!any_shown_) return;
  (void)shared_.messages.write(
      collection_, {.kind = Write::Kind::remove_many, .filter = shown_in_vain(), .change = {}});
}

Document NewMessages::shown_in_vain() const {
  return {where("_id", "$in", Array(ids_)), {"p_q", scope_}};
}

Result<void> NewMessages::drop(const std::vector<ObjectId>& ids) {
  if (auto removed = remove_placed(ids); !removed) return removed;
  std::erase_if(drafts_,
                [&](const Draft& draft) { return std::ranges::find(ids, draft.id) != ids.end(); });
  ids_ = ids_of(drafts_);
  return {};
}

Result<void> NewMessages::remove_placed(const std::vector<ObjectId>& ids) {
  if (tags_.empty()) return {};
  const auto removed = shared_.messages.write(
      collection_, {.kind = Write::Kind::remove_many,
                    .filter = {where("_id", "$in", Array(ids)), where("tx", "$in", Array(tags_))},
                    .change = {}});
  if (!removed) return std::unexpected(removed.error());
  return {};
}

}  // namespace marconi::storage::mongodb
