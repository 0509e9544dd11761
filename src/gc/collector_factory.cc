#include "gc/collector_factory.h"

#include "program/settings.h"
#include "storage/mongodb/mongodb_store.h"

namespace marconi::gc {

base::Result<std::unique_ptr<storage::Collector>> open_collector(
    const config::Configuration& configuration, const base::Clock& clock, base::Random& random,
    observability::LogSink& log) {
  if (!program::uses_mongodb(configuration)) return nullptr;
  return storage::mongodb::open_collector(program::mongodb_options(configuration, &log), clock,
                                          random);
}

}  // namespace marconi::gc
