// Makes the collector of the store that the configuration names.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "config/configuration.h"
#include "observability/log.h"
#include "storage/collector.h"

namespace marconi::gc {

/// Opens it; null if stores of this kind have none, because the server collects for them. Clock,
/// randomness and log must outlive it. Errors carry one line for the operator.
[[nodiscard]] base::Result<std::unique_ptr<storage::Collector>> open_collector(
    const config::Configuration& configuration, const base::Clock& clock, base::Random& random,
    observability::LogSink& log);

}  // namespace marconi::gc
