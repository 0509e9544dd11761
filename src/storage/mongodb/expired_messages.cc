#include "storage/mongodb/expired_messages.h"

#include <algorithm>

#include "storage/mongodb/documents.h"

namespace marconi::storage::mongodb {

namespace {

/// How many messages one write removes, so that none takes long.
constexpr std::int64_t kSlice = 1000;

Member expired(Moment now) { return where("e", "$lte", now.date()); }

/// Removes what has expired of a collection.
Result<void> remove_expired(Client& client, const CollectionName& collection, Moment now) {
  for (;;) {
    const auto found =
        client.find(collection, {expired(now)}, {.fields = {{"_id", 1}}, .limit = kSlice});
    if (!found) return std::unexpected(found.error());
    if (found->empty()) return {};
    Array ids;
    for (const auto& record : *found) ids.append(*record.find("_id"));
    const auto removed =
        client.write(collection, {.kind = Write::Kind::remove_many,
                                  .filter = {where("_id", "$in", ids), expired(now)},
                                  .change = {}});
    if (!removed) return std::unexpected(removed.error());
    if (std::ssize(*found) < kSlice) return {};
  }
}

}  // namespace

Result<bool> ExpiredMessages::may_be_due(std::uint32_t partition) {
  return holds_threshold(shared_.options.placement.messages(partition),
                         {expired(shared_.time.now())});
}

Result<void> ExpiredMessages::remove(std::string_view scope, const Step& step) {
  const auto collection = shared_.options.placement.messages(scope);
  const auto now = shared_.time.now();
  const auto due = holds_threshold(collection, {{"p_q", scope}, expired(now)});
  if (!due) return std::unexpected(due.error());
  if (!*due) return {};
  const auto newest = newest_marker(scope);
  if (!newest) return std::unexpected(newest.error());
  if (!*newest) return {};
  // Whatever is posted from here on has a larger marker, so that even if it expires at once and
  // other collectors are at work, the newest message stays.
  const Document removable{{"p_q", scope}, expired(now), where("k", "$lt", **newest)};
  for (;;) {
    const auto found =
        shared_.messages.find(collection, removable, {.fields = {{"_id", 1}}, .limit = kSlice});
    if (!found) return std::unexpected(found.error());
    if (found->empty()) return {};
    Array ids;
    for (const auto& message : *found) ids.append(*message.find("_id"));
    auto same = removable;
    same.append(where("_id", "$in", ids));  // a claim may have given one of them a longer life
    const auto removed = shared_.messages.write(
        collection, {.kind = Write::Kind::remove_many, .filter = same, .change = {}});
    if (!removed) return std::unexpected(removed.error());
    if (!step(static_cast<std::uint64_t>(removed->removed))) return {};
  }
}

Result<void> ExpiredMessages::remove_records() {
  const auto now = shared_.time.now();
  const auto& placement = shared_.options.placement;
  for (std::uint32_t partition = 0; partition < placement.partitions; ++partition) {
    auto done = remove_expired(shared_.messages, placement.claims(partition), now);
    if (!done) return done;
  }
  return remove_expired(shared_.management, placement.removed_queues(), now);
}

/// Of the visible messages: what is invisible may never be published, or at another marker.
Result<std::optional<std::int64_t>> ExpiredMessages::newest_marker(std::string_view scope) {
  const auto found = shared_.messages.find_one(shared_.options.placement.messages(scope),
                                               {{"p_q", scope}, {"tx", nullptr}},
                                               {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return integer_at((*found)->view(), "k");
}

Result<bool> ExpiredMessages::holds_threshold(const CollectionName& where, const Document& filter) {
  const auto threshold = std::max<std::int64_t>(1, shared_.options.gc_threshold);
  std::int64_t found = 0;
  const auto counted = shared_.messages.visit(
      where, filter, {.fields = {{"_id", 1}}, .limit = threshold}, [&](BsonView) {
        ++found;
        return true;
      });
  if (!counted) return std::unexpected(counted.error());
  return found >= threshold;
}

}  // namespace marconi::storage::mongodb
