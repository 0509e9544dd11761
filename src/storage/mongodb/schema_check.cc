#include "storage/mongodb/schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mongodb/indexes.h"

namespace marconi::storage::mongodb {

namespace {

using base::ErrorKind;
using base::fail;

std::string to_string(const CollectionName& name) { return name.database + "." + name.collection; }

/// The documents that a command lists; few enough for one batch.
Result<std::vector<Document>> listed(Client& client, const std::string& database,
                                     const Document& command) {
  const auto reply = client.command(database, command);
  if (!reply) return std::unexpected(reply.error());
  std::vector<Document> all;
  const auto batch = reply->find("cursor.firstBatch");
  if (!batch || !batch->as_document()) return all;
  for (const auto& element : batch->as_document()->elements()) {
    if (const auto document = element.value.as_document()) all.emplace_back(*document);
  }
  return all;
}

Result<bool> exists(Client& client, const CollectionName& where) {
  const auto found =
      listed(client, where.database,
             {{"listCollections", 1}, {"filter", Document{{"name", where.collection}}}});
  if (!found) return std::unexpected(found.error());
  return !found->empty();
}

// ---- indexes --------------------------------------------------------------------------------

/// Names of fields with the direction of each, in order, as numbers of any kind.
std::string keys_of(const Document& index) {
  std::string text;
  const auto keys = index.find("key");
  if (!keys || !keys->as_document()) return text;
  for (const auto& [name, value] : keys->as_document()->elements()) {
    const auto direction = value.as_integer();
    text += fmt::format("{}:{} ", name, direction ? std::to_string(*direction) : "special");
  }
  return text;
}

bool is_true(const Document& index, std::string_view option) {
  const auto value = index.find(option);
  return value && (value->as_boolean().value_or(false) || value->as_integer().value_or(0) != 0);
}

/// The options that decide what an index does to documents.
bool same_options(const Document& found, const Document& wanted) {
  const auto seconds = [](const Document& index) {
    const auto value = index.find("expireAfterSeconds");
    return value ? value->as_integer() : std::nullopt;
  };
  return is_true(found, "unique") == is_true(wanted, "unique") &&
         seconds(found) == seconds(wanted) && !is_true(found, "sparse") &&
         !found.find("partialFilterExpression");
}

std::string_view name_of(const Document& index) {
  const auto name = index.find("name");
  return name ? name->as_text().value_or("") : "";
}

Result<void> check_indexes(const IndexedCollection& collection) {
  const auto found = listed(*collection.client, collection.where.database,
                            {{"listIndexes", collection.where.collection}});
  if (!found) return std::unexpected(found.error());
  for (const auto& wanted : collection.indexes) {
    for (const auto& index : *found) {
      const bool same_name = name_of(index) == name_of(wanted);
      const bool same_keys = keys_of(index) == keys_of(wanted);
      if (!same_name && !same_keys) continue;
      if (same_name && same_keys && same_options(index, wanted)) continue;
      return fail(ErrorKind::invalid,
                  fmt::format("the index {} of {} is another one than the index {} that it has to "
                              "have",
                              name_of(index), to_string(collection.where), name_of(wanted)));
    }
  }
  return {};
}

// ---- documents ------------------------------------------------------------------------------

/// Looks at one document, for a database of somebody else's holds nothing that would pass.
Result<void> check_form(Client& client, const CollectionName& where, std::string_view number) {
  const auto sample = client.find_one(where, {});
  if (!sample) return std::unexpected(sample.error());
  if (!*sample) return {};
  const auto scope = (*sample)->find("p_q");
  const auto value = (*sample)->find(number);
  if (scope && scope->as_text() && value && value->as_integer()) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{} holds documents of another kind, without p_q and {}",
                          to_string(where), number));
}

// ---- partitions -----------------------------------------------------------------------------

/// Once there are queues, the layout is settled.
Result<void> check_partitions(Client& management, Client& messages, const Placement& placement) {
  const auto queue = management.find_one(placement.queues(), {});
  if (!queue) return std::unexpected(queue.error());
  if (!*queue) return {};
  for (std::uint32_t partition = 0; partition < placement.partitions; ++partition) {
    const auto where = placement.messages(partition);
    const auto there = exists(messages, where);
    if (!there) return std::unexpected(there.error());
    if (*there) continue;
    return fail(ErrorKind::invalid,
                fmt::format("there are queues in {}, but no {}: is it the database, partitions or "
                            "flavour (mongodb or mongodb.fifo) that is another one?",
                            to_string(placement.queues()), to_string(where)));
  }
  // Whoever may not look there has none.
  const auto beyond = placement.messages(placement.partitions);
  if (!exists(messages, beyond).value_or(false)) return {};
  return fail(ErrorKind::invalid, fmt::format("there is {}, so partitions has to be more than {}",
                                              to_string(beyond), placement.partitions));
}

Result<void> check(const IndexedCollection& collection, const Placement& placement) {
  const auto& [client, where, indexes] = collection;
  const auto there = exists(*client, where);
  if (!there) return std::unexpected(there.error());
  if (!*there) return {};
  if (where.collection == placement.queues().collection) {
    if (auto good = check_form(*client, where, "c.v"); !good) return good;
  } else if (where.collection == placement.messages(0).collection) {
    if (auto good = check_form(*client, where, "k"); !good) return good;
  }
  return check_indexes(collection);
}

}  // namespace

Result<void> check_schema(Client& management, Client& messages, const Placement& placement) {
  for (const auto& collection : collections_of(management, messages, placement)) {
    if (auto good = check(collection, placement); !good) return good;
  }
  return check_partitions(management, messages, placement);
}

}  // namespace marconi::storage::mongodb
