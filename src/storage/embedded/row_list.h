// The ordered list in memory of what was lately written to a table: RocksDB's memtable. RocksDB's
// own list compares keys through three calls, and once more for each of its assertions, with which
// Debian builds it; finding places in it was a third of the work for a claim.
#pragma once

#include <memory>

namespace rocksdb {
class MemTableRepFactory;
}

namespace marconi::storage::embedded {

/// Lists for tables whose keys are ordered by their bytes, as RocksDB orders them unless told
/// otherwise. A list takes insertions and readers from any number of threads at once, and none of
/// them waits. Where a table keeps the places of insertions
/// (`memtable_insert_with_hint_prefix_extractor`), a place takes no memory in the list.
std::shared_ptr<rocksdb::MemTableRepFactory> row_lists();

}  // namespace marconi::storage::embedded
