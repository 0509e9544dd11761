#include "storage/mongodb/sweeper.h"

#include <algorithm>

#include "storage/mongodb/left_posts.h"

namespace marconi::storage::mongodb {

namespace {

constexpr std::int64_t kPage = 1000;

}  // namespace

Result<std::uint64_t> Sweeper::sweep() {
  const auto now = shared_.time.now();
  std::uint64_t finished = 0;
  for (std::uint32_t partition = 0; partition < shared_.options.placement.partitions; ++partition) {
    if (auto done = sweep(partition, now, finished); !done) return std::unexpected(done.error());
  }
  return finished;
}

/// Goes through the tags in order: by an index, for invisible documents are few.
Result<void> Sweeper::sweep(std::uint32_t partition, Moment now, std::uint64_t& finished) {
  const auto collection = shared_.options.placement.messages(partition);
  const auto left_before = ObjectId::first_of(now.second() - kPostIsLeftAfter);
  ObjectId last;
  for (;;) {
    const auto page =
        shared_.messages.find(collection, {{"tx", Document{{"$gt", last}, {"$lt", left_before}}}},
                              {.sort = {{"tx", 1}},
                               .fields = {{"p_q", 1}, {"tx", 1}},
                               .hint = {{"tx", 1}},
                               .limit = kPage});
    if (!page) return std::unexpected(page.error());
    for (const auto& message : *page) {
      const auto tag = message.find("tx")->as_object_id().value_or(ObjectId{});
      if (tag == last) continue;  // of a post that was looked at
      if (auto done = finish(message.view(), now, finished); !done) return done;
      last = tag;
    }
    if (page->size() < kPage) return {};
  }
}

/// If it was never committed, the database removes it when it expires.
Result<void> Sweeper::finish(BsonView message, Moment now, std::uint64_t& finished) {
  const auto scope = message.find("p_q")->as_text().value_or("");
  const auto tag = message.find("tx")->as_object_id().value_or(ObjectId{});
  const auto state = counters_.read(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return {};
  const auto& pending = (*state)->pending;
  if (std::ranges::find(pending, tag, &PendingPost::tag) == pending.end()) return {};
  const auto left = finish_left_posts(counters_, scope, pending, now);
  if (!left) return std::unexpected(left.error());
  finished += *left;
  return {};
}

}  // namespace marconi::storage::mongodb
