#include "storage/mongodb/counter.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace marconi::storage::mongodb {

namespace {

/// For so long what was read of a queue is as good as what could be read, for those who check what
/// they find (see look_again).
constexpr base::UtcMillis kRecallMillis = 1000;

/// A poster of the reference service counts at once, or after its peers have waited for so long.
constexpr base::UtcSeconds kPosterIsDeadAfter = 6;

/// Whether whoever made this message is not about to count it any more.
bool is_old(BsonView message, Moment now) {
  const auto id = message.find("_id")->as_object_id().value_or(ObjectId{});
  return now.second() - id.second() >= kPosterIsDeadAfter;
}

/// A letter as it is while it is held.
Document held_letter(BsonView letter) {
  return {
      {"_id", *letter.find("_id")}, {"p_q", *letter.find("p_q")}, {"c.id", *letter.find("c.id")}};
}

/// Moves a letter that is still held to its new place, free and with the life it has there.
Write arrival_of(BsonView letter, std::string_view scope) {
  Document set{{"p_q", scope}, {"tx", nullptr}, {"c.id", nullptr}, {"c.e", 0}};
  for (const auto& member : {"k", "t", "e"}) {
    if (const auto value = letter.find(std::string("n.") + member)) set.append({member, *value});
  }
  return {.kind = Write::Kind::update_one,
          .filter = held_letter(letter),
          .change = {{"$set", set}, {"$unset", Document{{"c.t", 1}, {"l", 1}, {"n", 1}}}}};
}

Write release_of(BsonView letter) {
  return {.kind = Write::Kind::update_one,
          .filter = held_letter(letter),
          .change = {{"$set", Document{{"c.id", nullptr}, {"c.e", 0}}},
                     {"$unset", Document{{"c.t", 1}, {"n", 1}}}}};
}

}  // namespace

Result<std::optional<QueueState>> Counters::read(std::string_view scope) {
  auto found = shared_.management.find_one(shared_.options.placement.queues(), {{"p_q", scope}});
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) {
    shared_.memory.forget(scope);
    return std::nullopt;
  }
  QueueState state{.document = *std::move(*found)};
  state.next = integer_at(state.document.view(), "c.v");
  for (auto& post : pending_posts(state.document.view())) {
    if (!shared_.memory.knows_shown(scope, post.tag)) state.pending.push_back(std::move(post));
  }
  if (state.pending.empty()) shared_.memory.remember(scope, state, shared_.time.now());
  return state;
}

Result<std::optional<QueueState>> Counters::read_settled(std::string_view scope) {
  // Where a post begins the queue, the counter may move when it is finished. More than once that
  // happens only to queues that are removed and made again meanwhile.
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    auto state = read(scope);
    if (!state || !*state || (*state)->pending.empty()) return state;
    bool begun = false;
    for (const auto& post : (*state)->pending) {
      if (auto done = finish(scope, post); !done) return std::unexpected(std::move(done.error()));
      begun = begun || post.beginning;
    }
    if (begun) continue;
    (*state)->pending.clear();
    shared_.memory.remember(scope, **state, shared_.time.now());
    return state;
  }
  return base::fail(base::ErrorKind::unavailable,
                    "the queue's first post stays unfinished, however often it is finished");
}

Result<std::optional<QueueState>> Counters::recall_settled(std::string_view scope) {
  if (auto state = shared_.memory.recall(scope, {shared_.time.now().millis() - kRecallMillis}))
    return state;
  return read_settled(scope);
}

Result<std::optional<QueueState>> Counters::read_counted(std::string_view scope) {
  auto state = read_settled(scope);
  if (!state || !*state) return state;
  if (auto done = count_left(scope, **state); !done) return std::unexpected(done.error());
  return state;
}

/// What is beyond the counter is asked for too, where nobody ever shows messages before he counts
/// them: what is beyond then is new, and to be left for the next page, or a letter.
Result<Counters::Found> Counters::find_counted(std::string_view scope,
                                               std::optional<std::int64_t> after, std::int64_t next,
                                               Document filter, const FindOptions& options) {
  Document range;
  if (after) range.append({"$gt", *after});
  if (shared_.options.shows_before_counting()) range.append({"$lt", next});
  if (range != Document()) filter.append({"k", range});
  auto found = shared_.messages.find(shared_.options.placement.messages(scope), filter, options);
  if (!found) return std::unexpected(found.error());
  Found counted{.messages = *std::move(found)};
  const auto is_beyond = [&](const Document& message) {
    return integer_at(message.view(), "k") >= next;
  };
  const auto beyond = std::ranges::find_if(counted.messages, is_beyond);
  counted.left = std::any_of(beyond, counted.messages.end(), [&](const Document& message) {
    return is_old(message.view(), shared_.time.now());
  });
  counted.messages.erase(beyond, counted.messages.end());
  return counted;
}

Result<bool> Counters::look_again(std::string_view scope, QueueState& state) {
  return shared_.options.shows_before_counting() ? look_beyond(scope, state)
                                                 : catch_up(scope, state);
}

Result<bool> Counters::look_beyond(std::string_view scope, QueueState& state) {
  const auto moved = catch_up(scope, state);
  if (!moved || *moved) return moved;
  return count_left(scope, state);
}

/// Whether the counter has moved since it was remembered.
Result<bool> Counters::catch_up(std::string_view scope, QueueState& state) {
  if (!state.remembered) return false;
  auto now = read_settled(scope);
  if (!now) return std::unexpected(std::move(now.error()));
  if (!*now) return false;
  const bool moved = (*now)->next != state.next;
  state = *std::move(*now);
  return moved;
}

Result<bool> Counters::finish(std::string_view scope, const PendingPost& post) {
  const auto shown = show(scope, post);
  if (!shown) return std::unexpected(shown.error());
  const auto done = shared_.management.write(
      shared_.options.placement.queues(),
      {.kind = Write::Kind::update_one, .filter = {{"p_q", scope}}, .change = striking_off(post)});
  if (!done) return std::unexpected(done.error());
  return shown->shown > 0;
}

Result<Counters::Shown> Counters::show(std::string_view scope, const PendingPost& post) {
  if (post.beginning) return begin(scope, post.tag);
  if (!post.from.empty()) return show_letters(scope, post);
  const auto collection = shared_.options.placement.messages(scope);
  const auto invisible = shared_.messages.find(collection, {{"p_q", scope}, {"tx", post.tag}},
                                               {.sort = by_marker(), .fields = {{"_id", 1}}});
  if (!invisible) return std::unexpected(invisible.error());
  std::vector<Write> writes;
  for (const auto& document : *invisible) {
    writes.push_back(
        publication_of(document.find("_id")->as_object_id().value_or(ObjectId{}), post.tag));
  }
  const auto shown = shared_.messages.write(collection, writes);
  if (!shown) return std::unexpected(shown.error());
  return Shown{.shown = shown->matched};
}

/// Letters change queues one by one. Where markers are unique, what a poster has not committed may
/// stand in the way of one: it is let go with those behind it, the last one first, so that whoever
/// else is showing them shows none behind one that was let go. A claim moves them anew.
Result<Counters::Shown> Counters::show_letters(std::string_view scope, const PendingPost& post) {
  const auto collection = shared_.options.placement.messages(scope);
  const auto held =
      shared_.messages.find(collection, {{"p_q", post.from}, {"c.id", post.tag}},
                            {.sort = {{"n.k", 1}}, .fields = {{"p_q", 1}, {"c", 1}, {"n", 1}}});
  if (!held) return std::unexpected(held.error());
  std::vector<Write> writes;
  for (const auto& letter : *held) writes.push_back(arrival_of(letter.view(), scope));
  const auto shown = shared_.messages.write(collection, writes);
  if (shown) return Shown{.shown = shown->matched};
  if (shown.error().kind != base::ErrorKind::conflict) return std::unexpected(shown.error());
  writes.clear();
  for (const auto& letter : *held | std::views::reverse) {
    writes.push_back(release_of(letter.view()));
  }
  const auto let_go = shared_.messages.write(collection, writes);
  if (!let_go) return std::unexpected(let_go.error());
  return Shown{.shown = std::ssize(*held) - let_go->matched, .let_go = let_go->matched};
}

/// Moves the counter of a new queue behind the markers of its predecessors. If its maker was held
/// up or has died, it may be so old that their note is gone, as queues made now start above it.
Result<Counters::Shown> Counters::begin(std::string_view scope, const ObjectId& queue) {
  auto above = predecessors_next(scope);
  if (!above) return std::unexpected(above.error());
  const auto now = shared_.time.now().second();
  if (now - queue.second() >= kNoteStays / 2) above = std::max(*above, lifted_start(now));
  if (*above == 0) return Shown{};
  const auto raised = raise_if_below(scope, queue, *above);
  if (!raised) return std::unexpected(raised.error());
  return Shown{};
}

Result<std::int64_t> Counters::predecessors_next(std::string_view scope) {
  const auto note =
      shared_.management.find_one(shared_.options.placement.removed_queues(), {{"_id", scope}});
  if (!note) return std::unexpected(note.error());
  return *note ? integer_at((*note)->view(), "v") : 0;
}

Result<std::optional<std::int64_t>> Counters::largest_marker(std::string_view scope) {
  const auto found =
      shared_.messages.find_one(shared_.options.placement.messages(scope), {{"p_q", scope}},
                                {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return integer_at((*found)->view(), "k");
}

Write publication_of(const ObjectId& id, const ObjectId& tag) {
  return {.kind = Write::Kind::update_one,
          .filter = {{"_id", id}, {"tx", tag}},
          .change = {{"$set", Document{{"tx", nullptr}}}}};
}

// ---- what was never counted -----------------------------------------------------------------

Result<std::optional<std::int64_t>> Counters::end_of_left(std::string_view scope,
                                                          std::int64_t next) {
  const auto last =
      shared_.messages.find_one(shared_.options.placement.messages(scope),
                                {{"p_q", scope}, {"tx", nullptr}, where("k", "$gte", next)},
                                {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
  if (!last) return std::unexpected(last.error());
  const auto now = shared_.time.now();
  if (!*last || !is_old((*last)->view(), now)) return std::nullopt;
  const auto young = are_being_counted(shared_.messages, scope, next, now);
  if (!young) return std::unexpected(young.error());
  if (*young) return std::nullopt;
  return integer_at((*last)->view(), "k") + 1;
}

/// The last one does not tell: it may be a letter, which is as old as it was in its queue.
Result<bool> Counters::are_being_counted(Operations& messages, std::string_view scope,
                                         std::int64_t next, Moment now) {
  if (!shared_.options.shows_before_counting()) return false;
  const auto young = messages.find_one(
      shared_.options.placement.messages(scope),
      {{"p_q", scope},
       {"tx", nullptr},
       where("k", "$gte", next),
       where("_id", "$gte", ObjectId::first_of(now.second() - kPosterIsDeadAfter + 1))},
      {.fields = {{"_id", 1}}});
  if (!young) return std::unexpected(young.error());
  return young->has_value();
}

/// Counts what is left at `state.next` or above, and says whether there was something. The state is
/// read anew then: a post that was committed since the last time is covered by the raised counter,
/// and may be invisible.
Result<bool> Counters::count_left(std::string_view scope, QueueState& state) {
  const auto end = end_of_left(scope, state.next);
  if (!end) return std::unexpected(end.error());
  if (!*end) return false;
  const auto raised = raise_if_below(scope, state.id(), **end);
  if (!raised) return std::unexpected(raised.error());
  auto now = read_settled(scope);
  if (!now) return std::unexpected(std::move(now.error()));
  if (!*now || (*now)->id() != state.id()) return false;  // the queue is gone
  const bool moved = (*now)->next > state.next;
  state = *std::move(*now);
  return moved;
}

Result<bool> Counters::raise(std::string_view scope, const ObjectId& queue, std::int64_t next) {
  return raise_where(scope, {{"_id", queue}, {"p_q", scope}}, next);
}

Result<bool> Counters::raise_if_below(std::string_view scope, const ObjectId& queue,
                                      std::int64_t next) {
  return raise_where(scope, {{"_id", queue}, {"p_q", scope}, where("c.v", "$lt", next)}, next);
}

Result<bool> Counters::raise_where(std::string_view scope, const Document& queue,
                                   std::int64_t next) {
  shared_.memory.forget(scope);
  const auto raised = shared_.management.write(
      shared_.options.placement.queues(),
      {.kind = Write::Kind::update_one,
       .filter = queue,
       .change = {{"$max", Document{{"c.v", next}, {"c.t", shared_.time.now().second()}}}}});
  if (!raised) return std::unexpected(raised.error());
  return raised->matched == 1;
}

}  // namespace marconi::storage::mongodb
