#include "storage/mongodb/indexes.h"

#include <utility>

namespace marconi::storage::mongodb {

namespace {

enum class Flag { none, unique, expiring };

Document index(std::string_view name, const Document& keys, Flag flag, bool background) {
  Document result{{"key", keys}, {"name", name}};
  if (flag == Flag::unique) result.append({"unique", true});
  if (flag == Flag::expiring) result.append({"expireAfterSeconds", 0});
  if (background) result.append({"background", true});
  return result;
}

std::vector<Document> message_indexes(const Placement& placement) {
  const auto marker = placement.fifo ? Flag::unique : Flag::none;
  return {index("ttl", {{"e", 1}}, Flag::expiring, true),
          index("active", {{"p_q", 1}, {"k", 1}, {"c.e", 1}}, Flag::none, true),
          index("claimed", {{"p_q", 1}, {"c.id", 1}, {"k", 1}, {"c.e", 1}}, Flag::none, true),
          index("counting", {{"p_q", 1}, {"c.e", 1}}, Flag::none, true),
          index("queue_marker", {{"k", 1}, {"p_q", 1}}, marker, true),
          index("transaction", {{"tx", 1}}, Flag::none, true)};
}

Result<void> make(Client& client, const CollectionName& where,
                  const std::vector<Document>& indexes) {
  // A collection is made with its first index; one without any when it is first written to.
  if (indexes.empty()) return {};
  const auto done = client.command(
      where.database, {{"createIndexes", where.collection}, {"indexes", Array(indexes)}});
  if (!done) return std::unexpected(done.error());
  return {};
}

std::vector<Document> without_expiry(std::vector<Document> indexes) {
  std::erase_if(indexes,
                [](const Document& index) { return index.find("expireAfterSeconds").has_value(); });
  return indexes;
}

}  // namespace

std::vector<IndexedCollection> collections_of(Client& management, Client& messages,
                                              const Placement& placement) {
  std::vector<IndexedCollection> all = {
      {&management, placement.queues(), {index("p_q_1", {{"p_q", 1}}, Flag::unique, false)}},
      {&management, placement.removed_queues(), {index("ttl", {{"e", 1}}, Flag::expiring, false)}}};
  for (std::uint32_t partition = 0; partition < placement.partitions; ++partition) {
    all.push_back({&messages, placement.messages(partition), message_indexes(placement)});
    all.push_back({&messages,
                   placement.claims(partition),
                   {index("ttl", {{"e", 1}}, Flag::expiring, false),
                    index("p_q_1", {{"p_q", 1}}, Flag::none, false)}});
  }
  return all;
}

Result<std::string> make_indexes(Client& management, Client& messages, const Placement& placement) {
  std::string lacking;
  for (const auto& [client, where, indexes] : collections_of(management, messages, placement)) {
    auto made = make(*client, where, indexes);
    if (!made && made.error().kind == base::ErrorKind::invalid) {
      lacking = made.error().description;
      made = make(*client, where, without_expiry(indexes));
    }
    if (!made) return std::unexpected(made.error());
  }
  return lacking;
}

}  // namespace marconi::storage::mongodb
