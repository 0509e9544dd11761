#include "storage/mongodb/orphans.h"

#include "storage/mongodb/documents.h"

namespace marconi::storage::mongodb {

namespace {

constexpr std::size_t kSlice = 1000;

/// Nobody goes on for so long with a post (see publisher.cc).
constexpr base::UtcSeconds kLeftAfter = 300;

/// Whether nobody can be at work on it.
bool is_left(BsonView message, Moment now) {
  const auto tag = message.find("tx");
  const auto made = tag && !tag->is_null() ? tag : message.find("_id");
  return now.second() - made->as_object_id().value_or(ObjectId{}).second() > kLeftAfter;
}

/// The removal of a message as it is: of one that has since been shown, moved or tagged anew not.
/// A letter may have come back meanwhile, to another place.
Write removal_of(BsonView message, std::string_view scope) {
  const auto tag = message.find("tx");
  return {.kind = Write::Kind::remove_one,
          .filter = {{"_id", *message.find("_id")},
                     {"p_q", scope},
                     {"k", integer_at(message, "k")},
                     tag ? Member("tx", *tag) : Member("tx", nullptr)},
          .change = {}};
}

}  // namespace

Result<std::vector<std::string>> Orphans::removed_queues(std::string_view after,
                                                         std::int64_t limit) {
  const auto found = shared_.management.find(
      shared_.options.placement.removed_queues(), {where("_id", "$gt", after)},
      {.sort = {{"_id", 1}}, .fields = {{"_id", 1}}, .limit = limit});
  if (!found) return std::unexpected(found.error());
  std::vector<std::string> scopes;
  for (const auto& note : *found) {
    scopes.emplace_back(note.find("_id")->as_text().value_or(""));
  }
  return scopes;
}

Result<void> Orphans::remove(std::string_view scope, const Step& step) {
  const auto collection = shared_.options.placement.messages(scope);
  const auto now = shared_.time.now();
  Document filter{{"p_q", scope}};
  for (;;) {
    const auto found = shared_.messages.find(collection, filter,
                                             {.sort = by_marker(),
                                              .fields = {{"_id", 1}, {"tx", 1}, {"k", 1}},
                                              .limit = static_cast<std::int64_t>(kSlice)});
    if (!found) return std::unexpected(found.error());
    if (found->empty()) return {};
    // Asked after the messages were read: what was posted to a queue made since is not among them.
    const auto exists = is_queue(scope);
    if (!exists) return std::unexpected(exists.error());
    if (*exists) return {};
    std::vector<Write> removals;
    for (const auto& message : *found) {
      if (is_left(message.view(), now)) removals.push_back(removal_of(message.view(), scope));
    }
    const auto removed = shared_.messages.write(collection, removals);
    if (!removed) return std::unexpected(removed.error());
    if (!step(static_cast<std::uint64_t>(removed->removed)) || found->size() < kSlice) return {};
    filter = {{"p_q", scope}, where("k", "$gt", integer_at(found->back().view(), "k"))};
  }
}

Result<bool> Orphans::is_queue(std::string_view scope) {
  const auto found = shared_.management.find_one(shared_.options.placement.queues(),
                                                 {{"p_q", scope}}, {.fields = {{"_id", 1}}});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

}  // namespace marconi::storage::mongodb
