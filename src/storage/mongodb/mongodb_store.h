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
/// How it posts depends on what the deployment can do and who else may write; a line in the log
/// says which way it is.
base::Result<std::unique_ptr<Store>> open(const Options& options, const base::Clock& clock,
                                          base::Random& random);

/// The connections of a store.
struct Clients {
  std::unique_ptr<Client> management;
  std::unique_ptr<Client> messages;

  /// Those that the options describe.
  static base::Result<Clients> of(const Options& options);
};

/// The same with other connections, and another time than the server's, which must never go back.
base::Result<std::unique_ptr<Store>> open(const Options& options, Clients clients,
                                          std::unique_ptr<TimeSource> time, base::Random& random);

/// A collector of its own connections, in place of a store. The same holds as for `open`.
base::Result<std::unique_ptr<Collector>> open_collector(const Options& options,
                                                        const base::Clock& clock,
                                                        base::Random& random);

base::Result<std::unique_ptr<Collector>> open_collector(const Options& options, Clients clients,
                                                        std::unique_ptr<TimeSource> time,
                                                        base::Random& random);

}  // namespace marconi::storage::mongodb
