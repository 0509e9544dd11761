// Posts messages and deletes them again, for as long as it takes.

#pragma once

#include <cstddef>

#include "bulk.h"
#include "fill.h"

namespace marconi::scale {

/// Posts `bulk.count` messages to one queue, `bulk.part` a post, and deletes those of each post by
/// their ids once the same connection has posted `lag` times more. At the end all are deleted.
void churn(const Bulk& bulk, const Contents& contents, std::size_t lag);

}  // namespace marconi::scale
