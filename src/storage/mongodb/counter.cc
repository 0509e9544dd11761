#include "storage/mongodb/counter.h"

#include <utility>

namespace marconi::storage::mongodb {

Result<std::optional<QueueState>> Counters::read(std::string_view scope) {
  auto found = shared_.management.find_one(shared_.options.placement.queues(), {{"p_q", scope}});
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return std::nullopt;
  QueueState state{.document = *std::move(*found)};
  state.next = integer_at(state.document.view(), "c.v");
  const auto pending = state.document.find("c.p");
  if (pending && pending->as_document()) {
    for (const auto& element : pending->as_document()->elements()) {
      if (const auto tag = element.value.as_object_id()) state.pending.push_back(*tag);
    }
  }
  return state;
}

Result<std::optional<QueueState>> Counters::read_settled(std::string_view scope) {
  auto state = read(scope);
  if (!state || !*state) return state;
  for (const auto& tag : (*state)->pending) {
    if (auto done = finish(scope, tag); !done) return std::unexpected(std::move(done.error()));
  }
  if (shared_.options.placement.fifo) {
    if (auto done = count_stragglers(scope, **state); !done) {
      return std::unexpected(std::move(done.error()));
    }
  }
  return state;
}

Result<void> Counters::finish(std::string_view scope, const ObjectId& tag) {
  const auto collection = shared_.options.placement.messages(scope);
  const auto invisible = shared_.messages.find(collection, {{"p_q", scope}, {"tx", tag}},
                                               {.sort = by_marker(), .fields = {{"_id", 1}}});
  if (!invisible) return std::unexpected(invisible.error());
  std::vector<Write> writes;
  for (const auto& document : *invisible) {
    writes.push_back(
        {.kind = Write::Kind::update_one,
         .filter = {{"_id", *document.find("_id")}, {"tx", tag}},
         .change = {{"$set", Document{{"tx", nullptr}}}, {"$unset", Document{{"o", 1}}}}});
  }
  auto done = shared_.messages.write(collection, writes);
  if (!done) return std::unexpected(std::move(done.error()));
  done = shared_.management.write(shared_.options.placement.queues(),
                                  {.kind = Write::Kind::update_one,
                                   .filter = {{"p_q", scope}},
                                   .change = {{"$pull", Document{{"c.p", tag}}}}});
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

Result<std::optional<std::int64_t>> Counters::largest_marker(std::string_view scope) {
  const auto found =
      shared_.messages.find_one(shared_.options.placement.messages(scope), {{"p_q", scope}},
                                {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return integer_at((*found)->view(), "k");
}

/// Where markers are unique, a poster of the reference service shows its messages before it counts
/// them. Once no such poster is left, those still not counted never will be: counts them.
Result<void> Counters::count_stragglers(std::string_view scope, QueueState& state) {
  const auto found =
      shared_.messages.find_one(shared_.options.placement.messages(scope),
                                {{"p_q", scope}, {"tx", nullptr}, where("k", "$gte", state.next)},
                                {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return {};
  state.next = integer_at((*found)->view(), "k") + 1;
  const auto counted = shared_.management.write(
      shared_.options.placement.queues(), {.kind = Write::Kind::update_one,
                                           .filter = {{"p_q", scope}},
                                           .change = {{"$max", Document{{"c.v", state.next}}}}});
  if (!counted) return std::unexpected(counted.error());
  return {};
}

}  // namespace marconi::storage::mongodb
