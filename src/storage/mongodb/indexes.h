// The indexes: the reference service's by name, keys and options, for any difference would keep it
// from starting; and those of the collections that are our own.
#pragma once

#include "storage/mongodb/client.h"
#include "storage/mongodb/placement.h"

namespace marconi::storage::mongodb {

/// Makes what is missing of collections and indexes. An error if an index of one of these names
/// differs.
Result<void> make_indexes(Client& management, Client& messages, const Placement& placement);

}  // namespace marconi::storage::mongodb
