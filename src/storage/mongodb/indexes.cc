#include "storage/mongodb/indexes.h"

#include <vector>

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

Result<void> make(Client& client, const CollectionName& where,
                  const std::vector<Document>& indexes) {
  const auto done = client.command(
      where.database, Document{{"createIndexes", where.collection}, {"indexes", Array(indexes)}});
  if (!done) return std::unexpected(done.error());
  return {};
}

Result<void> make_message_indexes(Client& client, const Placement& placement,
                                  std::uint32_t partition) {
  const auto marker = placement.fifo ? Flag::unique : Flag::none;
  const auto made =
      make(client, placement.messages(partition),
           {index("ttl", {{"e", 1}}, Flag::expiring, true),
            index("active", {{"p_q", 1}, {"k", 1}, {"c.e", 1}}, Flag::none, true),
            index("claimed", {{"p_q", 1}, {"c.id", 1}, {"k", 1}, {"c.e", 1}}, Flag::none, true),
            index("counting", {{"p_q", 1}, {"c.e", 1}}, Flag::none, true),
            index("queue_marker", {{"k", 1}, {"p_q", 1}}, marker, true),
            index("transaction", {{"tx", 1}}, Flag::none, true)});
  if (!made) return made;
  return make(client, placement.claims(partition),
              {index("ttl", {{"e", 1}}, Flag::expiring, false),
               index("p_q_1", {{"p_q", 1}}, Flag::none, false)});
}

}  // namespace

Result<void> make_indexes(Client& management, Client& messages, const Placement& placement) {
  auto made =
      make(management, placement.queues(), {index("p_q_1", {{"p_q", 1}}, Flag::unique, false)});
  if (made) {
    made = make(management, placement.removed_queues(),
                {index("ttl", {{"e", 1}}, Flag::expiring, false)});
  }
  for (std::uint32_t partition = 0; made && partition < placement.partitions; ++partition) {
    made = make_message_indexes(messages, placement, partition);
  }
  return made;
}

}  // namespace marconi::storage::mongodb
