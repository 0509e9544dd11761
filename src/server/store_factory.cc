#include "server/store_factory.h"

#include "config/rules.h"
#include "program/settings.h"
#include "server/settings.h"
#include "storage/embedded/embedded_store.h"
#include "storage/faulty/faulty_store.h"
#include "storage/memory/memory_store.h"
#include "storage/mongodb/mongodb_store.h"

namespace marconi::server {

base::Result<std::unique_ptr<storage::Store>> open_store(const config::Configuration& configuration,
                                                         const base::Clock& clock,
                                                         base::Random& random,
                                                         observability::LogSink& log) {
  const auto driver = config::store_driver(configuration);
  if (driver == "embedded") {
    return storage::embedded::open(embedded_options(configuration), clock, random);
  }
  if (program::uses_mongodb(configuration)) {
    return storage::mongodb::open(program::mongodb_options(configuration, &log), clock, random);
  }
  if (driver == "memory") return std::make_unique<storage::memory::MemoryStore>(clock, random);
  if (driver == "faulty") return std::make_unique<storage::faulty::FaultyStore>();
  // The option table admits no other.
  return base::fail(base::ErrorKind::internal, "no store driver " + driver);
}

}  // namespace marconi::server
