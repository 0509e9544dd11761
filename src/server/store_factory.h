// Makes the store that the configuration names.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "config/configuration.h"
#include "observability/log.h"
#include "storage/store.h"

namespace marconi::server {

/// Opens the store. Clock, randomness and log must outlive it. Errors carry one line for the
/// operator.
[[nodiscard]] base::Result<std::unique_ptr<storage::Store>> open_store(
    const config::Configuration& configuration, const base::Clock& clock, base::Random& random,
    observability::LogSink& log);

}  // namespace marconi::server
