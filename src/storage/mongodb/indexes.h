// The indexes: the reference service's by name, keys and options, for any difference would keep it
// from starting; and those of the collections that are our own.
#pragma once

#include <string>
#include <vector>

#include "storage/mongodb/client.h"
#include "storage/mongodb/placement.h"

namespace marconi::storage::mongodb {

/// A collection and the indexes it has to have, as the database's command `createIndexes` wants
/// them.
struct IndexedCollection {
  Client* client = nullptr;
  CollectionName where;
  std::vector<Document> indexes;
};

/// All collections of a store.
[[nodiscard]] std::vector<IndexedCollection> collections_of(Client& management, Client& messages,
                                                            const Placement& placement);

/// Makes what is missing of collections and indexes. Some servers have no indexes with expiry; then
/// all others are made. Returns what such a server said, or nothing.
Result<std::string> make_indexes(Client& management, Client& messages, const Placement& placement);

}  // namespace marconi::storage::mongodb
