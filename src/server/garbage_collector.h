// Clears away what has expired, again and again, while the server runs.
#pragma once

#include <chrono>
#include <thread>

#include "observability/log.h"
#include "storage/store.h"

namespace marconi::server {

/// A thread of its own that calls Store::collect_garbage(), pauses, and so on. The pause ends at
/// once when the collector is destroyed; a pass under way is waited for.
class GarbageCollector {
 public:
  /// The store must outlive the collector.
  GarbageCollector(storage::Store& store, std::chrono::milliseconds pause,
                   observability::Logger logger);
  GarbageCollector(const GarbageCollector&) = delete;
  GarbageCollector& operator=(const GarbageCollector&) = delete;

 private:
  void run(const std::stop_token& stop);

  storage::Store& store_;
  const std::chrono::milliseconds pause_;
  const observability::Logger logger_;
  std::jthread thread_;  // last: it uses all of the above, and is stopped and joined first
};

}  // namespace marconi::server
