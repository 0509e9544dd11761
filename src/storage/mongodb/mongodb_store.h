// The MongoDB store: on a database that other hosts use too, those of the reference service among
// them.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "storage/collector.h"
#include "storage/mongodb/options.h"
#include "storage/mongodb/server_time.h"
#include "storage/store.h"

namespace marconi::storage::mongodb {

/// Connects, makes what is missing of collections and indexes, and checks that the deployment does
/// what the options promise. The clock and the source of randomness are not owned. Errors are lines
/// for the operator. Every call of the store may wait for the network; every change is durable
/// when its call returns, so no tickets are given out.
///
/// Where markers are unique in the database (`placement.fifo`), `mixed_operation` is refused.
base::Result<std::unique_ptr<Store>> open(const Options& options, const base::Clock& clock,
                                          base::Random& random);

/// The same with another time than the server's, which must never go back.
base::Result<std::unique_ptr<Store>> open(const Options& options, std::unique_ptr<TimeSource> time,
                                          base::Random& random);

/// A collector of its own connections, in place of a store. The same holds as for `open`.
base::Result<std::unique_ptr<Collector>> open_collector(const Options& options,
                                                        const base::Clock& clock,
                                                        base::Random& random);

base::Result<std::unique_ptr<Collector>> open_collector(const Options& options,
                                                        std::unique_ptr<TimeSource> time,
                                                        base::Random& random);

}  // namespace marconi::storage::mongodb
