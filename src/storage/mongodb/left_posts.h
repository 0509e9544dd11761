// Posts that are committed and were left before all of their messages were visible.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/mongodb/counter.h"

namespace marconi::storage::mongodb {

/// A committed post this old has been left by its poster, s.
constexpr base::UtcSeconds kPostIsLeftAfter = 5;

/// Finishes posts of a queue in their order, up to the first that its poster may be finishing just
/// now; returns how many of them were not visible in full.
Result<std::uint64_t> finish_left_posts(Counters& counters, std::string_view scope,
                                        const std::vector<PendingPost>& pending, Moment now);

}  // namespace marconi::storage::mongodb
