#include "server/garbage_collector.h"

#include "base/wait.h"

namespace marconi::server {

GarbageCollector::GarbageCollector(storage::Store& store, std::chrono::milliseconds pause,
                                   observability::Logger logger)
    : store_(store),
      pause_(pause),
      logger_(logger),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void GarbageCollector::run(const std::stop_token& stop) {
  while (base::wait_unless_stopped(pause_, stop)) {
    if (const auto removed = store_.collect_garbage(); removed > 0) {
      logger_.debug("cleared away what had expired", {{"records", removed}});
    }
  }
}

}  // namespace marconi::server
