// What the parts of a MongoDB store share, and how they ask for messages.
#pragma once

#include <span>
#include <string_view>

#include "base/call.h"
#include "storage/mongodb/client.h"
#include "storage/mongodb/counter_memory.h"
#include "storage/mongodb/object_id.h"
#include "storage/mongodb/options.h"
#include "storage/mongodb/server_time.h"
#include "storage/store.h"

namespace marconi::storage::mongodb {

/// Everything is owned elsewhere and outlives the parts. All of it is thread-safe.
struct Shared {
  Client& management;
  Client& messages;
  TimeSource& time;
  ObjectIds& ids;
  base::Random& random;
  CounterMemory& memory;
  const Options& options;

  /// A fresh id of this moment.
  [[nodiscard]] ObjectId make_id(Moment now) const { return ids.make(now.second()); }
};

/// `would_block` for a call that may not wait, as every call to a server would.
[[nodiscard]] inline Result<void> may_ask_server(const Call& call) {
  if (call.may_wait()) return {};
  return base::fail(base::ErrorKind::would_block);
}

// ---- conditions on messages -------------------------------------------------------------------

/// `{field: {comparison: value}}` as a member.
template <class T>
[[nodiscard]] Member where(std::string_view field, std::string_view comparison, const T& value) {
  return {field, Document{{comparison, value}}};
}

/// Visible messages of a queue that are alive.
[[nodiscard]] Document alive(std::string_view scope, Moment now);

/// Adds that no live claim holds the message, that its delay is over, or both.
void add_conditions(Document& filter, Moment now, bool unclaimed, bool undelayed);

/// Adds that this claim, live, holds the message.
void add_claimed_by(Document& filter, const ObjectId& claim, Moment now);

/// The order of delivery.
[[nodiscard]] inline Document by_marker() { return {{"k", 1}}; }

/// The ids among texts that have the form of one.
[[nodiscard]] Array object_ids(std::span<const MessageId> ids);

}  // namespace marconi::storage::mongodb
