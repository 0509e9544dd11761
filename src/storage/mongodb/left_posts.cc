#include "storage/mongodb/left_posts.h"

namespace marconi::storage::mongodb {

std::vector<ObjectId> pending_posts(BsonView queue) {
  std::vector<ObjectId> tags;
  const auto pending = queue.find("c.p");
  if (!pending || !pending->as_document()) return tags;
  for (const auto& element : pending->as_document()->elements()) {
    if (const auto tag = element.value.as_object_id()) tags.push_back(*tag);
  }
  return tags;
}

Result<std::uint64_t> finish_left_posts(Counters& counters, std::string_view scope,
                                        const std::vector<ObjectId>& pending, Moment now) {
  std::uint64_t finished = 0;
  for (const auto& tag : pending) {
    if (now.second() - tag.second() <= kPostIsLeftAfter) break;
    const auto shown = counters.finish(scope, tag);
    if (!shown) return std::unexpected(shown.error());
    if (*shown) ++finished;
  }
  return finished;
}

}  // namespace marconi::storage::mongodb
