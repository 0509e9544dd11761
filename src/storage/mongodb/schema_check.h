// Whether the databases are what the options say, before anything is changed in them.
#pragma once

#include "storage/mongodb/client.h"
#include "storage/mongodb/placement.h"

namespace marconi::storage::mongodb {

/// Collections, indexes and documents that are missing are no error. `invalid` if
/// - an index differs from what it has to be, in name, keys or options;
/// - a document of queues or messages has another form than the reference service's;
/// - there are queues, but their messages lie in other partitions, or in those of the other
///   flavour.
Result<void> check_schema(Client& management, Client& messages, const Placement& placement);

}  // namespace marconi::storage::mongodb
