#include "storage/mongodb/sweeper.h"

#include <algorithm>

#include "storage/mongodb/dead_letters.h"
#include "storage/mongodb/left_posts.h"

namespace marconi::storage::mongodb {

namespace {

constexpr std::int64_t kPage = 1000;

/// A move this old is given up, for nobody goes on trying for so long (see publisher.cc).
constexpr base::UtcSeconds kMoveIsLeftAfter = 300;

}  // namespace

Result<Swept> Sweeper::sweep() {
  const auto now = shared_.time.now();
  Swept swept;
  for (std::uint32_t partition = 0; partition < shared_.options.placement.partitions; ++partition) {
    if (auto done = sweep(partition, now, swept); !done) return std::unexpected(done.error());
  }
  return swept;
}

/// Goes through the tags in order: by an index, for invisible documents are few.
Result<void> Sweeper::sweep(std::uint32_t partition, Moment now, Swept& swept) {
  const auto collection = shared_.options.placement.messages(partition);
  const auto left_before = ObjectId::first_of(now.second() - kPostIsLeftAfter);
  ObjectId last;
  for (;;) {
    const auto page =
        shared_.messages.find(collection, {{"tx", Document{{"$gt", last}, {"$lt", left_before}}}},
                              {.sort = {{"tx", 1}},
                               .fields = {{"p_q", 1}, {"tx", 1}, {"o", 1}},
                               .hint = {{"tx", 1}},
                               .limit = kPage});
    if (!page) return std::unexpected(page.error());
    for (const auto& message : *page) {
      const auto tag = message.find("tx")->as_object_id().value_or(ObjectId{});
      const bool is_letter = message.find("o").has_value();
      if (tag == last && !is_letter) continue;  // of a post that was looked at
      if (auto done = finish_or_put_back(message.view(), now, swept); !done) return done;
      last = tag;
    }
    if (page->size() < kPage) return {};
  }
}

Result<void> Sweeper::finish_or_put_back(BsonView message, Moment now, Swept& swept) {
  const auto scope = message.find("p_q")->as_text().value_or("");
  const auto tag = message.find("tx")->as_object_id().value_or(ObjectId{});
  const auto state = counters_.read(scope);
  if (!state) return std::unexpected(state.error());
  if (*state && std::ranges::find((*state)->pending, tag) != (*state)->pending.end()) {
    const auto finished = finish_left_posts(counters_, scope, (*state)->pending, now);
    if (!finished) return std::unexpected(finished.error());
    swept.posts += *finished;
    return {};
  }
  // It was never committed. If it is a new message, the database removes it when it expires.
  if (!message.find("o") || now.second() - tag.second() <= kMoveIsLeftAfter) return {};
  if (auto done = put_back(shared_, message); !done) return done;
  ++swept.letters;
  return {};
}

}  // namespace marconi::storage::mongodb
