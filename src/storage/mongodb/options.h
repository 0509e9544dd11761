// Settings of the MongoDB store.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "observability/log.h"
#include "storage/mongodb/client.h"
#include "storage/mongodb/placement.h"

namespace marconi::storage::mongodb {

/// How long and how patiently a post competes with others for its place.
struct Contention {
  int max_attempts = 1000;
  std::chrono::duration<double> max_retry_sleep{0.1};     ///< the pause before the last attempt
  std::chrono::duration<double> max_retry_jitter{0.005};  ///< a random addition to each pause
};

struct Options {
  ClientOptions management;
  ClientOptions messages;
  Placement placement;
  Contention contention;
  /// Whether hosts of the reference service may write to the same database.
  bool mixed_operation = true;
  /// A page ends before a message younger than this that follows a gap in markers, for a host of
  /// the reference service may be about to fill the gap; zero: never.
  std::chrono::seconds gap_hold{0};
  /// Of a queue with fewer expired messages, the collector leaves them to the database.
  std::int64_t gc_threshold = 1000;
  /// Whether stand-alone servers will do.
  bool unreliable = false;
  /// Where it is told how a store posts that is opened, and that a deployment goes away and comes
  /// back; not owned, null for nowhere.
  observability::LogSink* log = nullptr;

  /// Whether posters may show messages before they count them, as hosts of the reference service do
  /// where markers are unique. Elsewhere what is visible beyond a counter has been counted since
  /// that was read, or is a letter that such a host has moved, or was left by one in the past.
  [[nodiscard]] bool shows_before_counting() const { return placement.fifo && mixed_operation; }
};

}  // namespace marconi::storage::mongodb
