#include "storage/mongodb/left_posts.h"

namespace marconi::storage::mongodb {

Result<std::uint64_t> finish_left_posts(Counters& counters, std::string_view scope,
                                        const std::vector<PendingPost>& pending, Moment now) {
  std::uint64_t finished = 0;
  for (const auto& post : pending) {
    if (now.second() - post.tag.second() <= kPostIsLeftAfter) break;
    const auto shown = counters.finish(scope, post);
    if (!shown) return std::unexpected(shown.error());
    if (*shown) ++finished;
  }
  return finished;
}

}  // namespace marconi::storage::mongodb
