// Where things are kept: databases, collections, and the texts that name queues in them. All as the
// reference service lays it out, but for the collections marked as our own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/names.h"

namespace marconi::storage::mongodb {

/// Names a queue of a project in a document's `p_q`: `<project>/<queue>`, `/<queue>` for nobody's.
///
/// A project's octets become the characters of the same numbers, for the reference service reads
/// header fields that way. So every octet string has a text, and order is kept. Characters above
/// 255 are free for what no header field can say: the named project without a name.
[[nodiscard]] std::string scope_of(const domain::QueueAddress& queue);

/// What the scopes of a project's queues begin with. Scopes that go on with a `/` further on
/// belong to other projects.
[[nodiscard]] std::string scope_prefix(const domain::ProjectId& project);

/// The partition of a queue of the reference service; `scope` as scope_of makes it.
[[nodiscard]] std::uint32_t partition_of(std::string_view scope, std::uint32_t partitions);

/// A collection in a database.
struct CollectionName {
  std::string database;
  std::string collection;
};

/// The names of everything.
struct Placement {
  std::string management_database = "zaqar";
  std::string message_database = "zaqar";
  std::uint32_t partitions = 2;
  bool fifo = false;  ///< the layout of `mongodb.fifo`: markers are unique in the database

  [[nodiscard]] CollectionName queues() const;
  /// Our own: the next markers of queues that were removed lately.
  [[nodiscard]] CollectionName removed_queues() const;
  [[nodiscard]] CollectionName messages(std::uint32_t partition) const;
  [[nodiscard]] CollectionName messages(std::string_view scope) const;
  /// Our own: live claims, so that a claim whose messages are gone is still known.
  [[nodiscard]] CollectionName claims(std::uint32_t partition) const;
  [[nodiscard]] CollectionName claims(std::string_view scope) const;

 private:
  [[nodiscard]] std::string partition_database(std::uint32_t partition) const;
};

}  // namespace marconi::storage::mongodb
