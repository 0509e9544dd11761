#include "storage/mongodb/sweeper.h"

#include <algorithm>

#include "storage/mongodb/dead_letters.h"

namespace marconi::storage::mongodb {

namespace {

/// A committed post this old has been left by its poster.
constexpr base::UtcSeconds kPostIsLeftAfter = 5;

/// A move this old is given up, for nobody goes on trying for so long (see publisher.cc).
constexpr base::UtcSeconds kMoveIsLeftAfter = 300;

}  // namespace

Result<std::uint64_t> Sweeper::sweep() {
  const auto now = shared_.time.now();
  auto swept = finish_posts(now);
  for (std::uint32_t partition = 0; swept && partition < shared_.options.placement.partitions;
       ++partition) {
    const auto back = put_letters_back(partition, now);
    if (!back) return back;
    *swept += *back;
  }
  return swept;
}

Result<std::uint64_t> Sweeper::finish_posts(Moment now) {
  const auto found =
      shared_.management.find(shared_.options.placement.queues(), {where("c.p.0", "$exists", true)},
                              {.fields = {{"p_q", 1}, {"c", 1}}});
  if (!found) return std::unexpected(found.error());
  std::uint64_t finished = 0;
  for (const auto& queue : *found) {
    const auto scope = queue.find("p_q")->as_text().value_or("");
    for (const auto& element : queue.find("c.p")->as_document()->elements()) {
      const auto tag = element.value.as_object_id();
      if (!tag || now.second() - tag->second() <= kPostIsLeftAfter)
        break;  // in order, or not at all
      if (auto done = counters_.finish(scope, *tag); !done) return std::unexpected(done.error());
      ++finished;
    }
  }
  return finished;
}

Result<std::uint64_t> Sweeper::put_letters_back(std::uint32_t partition, Moment now) {
  const auto found =
      shared_.messages.find(shared_.options.placement.messages(partition),
                            {where("tx", "$gt", ObjectId{}), where("o", "$exists", true)},
                            {.fields = {{"p_q", 1}, {"tx", 1}, {"o", 1}}});
  if (!found) return std::unexpected(found.error());
  std::uint64_t back = 0;
  for (const auto& letter : *found) {
    const auto tag = letter.find("tx")->as_object_id().value_or(ObjectId{});
    if (now.second() - tag.second() <= kMoveIsLeftAfter) continue;
    const auto state = counters_.read(letter.find("p_q")->as_text().value_or(""));
    if (!state) return std::unexpected(state.error());
    if (*state && std::ranges::find((*state)->pending, tag) != (*state)->pending.end()) continue;
    if (auto done = put_back(shared_, letter.view()); !done) return std::unexpected(done.error());
    ++back;
  }
  return back;
}

}  // namespace marconi::storage::mongodb
