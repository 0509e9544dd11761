// The embedded store: durable, in the server's own process, on a directory of its own.
//
// docs/internals/embedded-store.md explains how it works, embedded-format.md what it keeps.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "storage/embedded/options.h"
#include "storage/store.h"

namespace marconi::storage::embedded {

/// Opens the store in `options.path`, making it if missing. The clock and the source of randomness
/// are not owned. Errors are lines for the operator. The calling thread may wait for the disk.
///
/// After a failed commit the store answers `unavailable` and reopens itself in the background;
/// what was handed out before (markers, claim ids, queue numbers) is not handed out again.
base::Result<std::unique_ptr<Store>> open(const Options& options, const base::Clock& clock,
                                          base::Random& random);

}  // namespace marconi::storage::embedded
