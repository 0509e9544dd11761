#include "server/store_factory.h"

#include "config/rules.h"
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
  if (driver == "mongodb" || driver == "mongodb.fifo") {
    auto options = mongodb_options(configuration);
    options.log = options.management.log = options.messages.log = &log;
    return storage::mongodb::open(options, clock, random);
  }
  if (driver == "memory") return std::make_unique<storage::memory::MemoryStore>(clock, random);
  if (driver == "faulty") return std::make_unique<storage::faulty::FaultyStore>();
  // The option table admits no other.
  return base::fail(base::ErrorKind::internal, "no store driver " + driver);
}

}  // namespace marconi::server
