// The parts of the configuration that several programs need, as the rooms take them.
#pragma once

#include <chrono>
#include <string_view>

#include "config/configuration.h"
#include "observability/log_output.h"
#include "storage/mongodb/options.h"

namespace marconi::program {

/// The file is named after the program where only a directory is given.
[[nodiscard]] observability::LogOptions log_options(const config::Configuration& configuration,
                                                    std::string_view program);

/// Whether the store is MongoDB, in one of its two layouts.
[[nodiscard]] bool uses_mongodb(const config::Configuration& configuration);

/// To be asked for only if it does. The store writes to the log, if there is one; it is not owned.
[[nodiscard]] storage::mongodb::Options mongodb_options(const config::Configuration& configuration,
                                                        observability::LogSink* log);

/// The pause between two passes of a collector of MongoDB.
[[nodiscard]] std::chrono::seconds gc_interval(const config::Configuration& configuration);

}  // namespace marconi::program
