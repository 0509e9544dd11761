#include "storage/mongodb/queue_store.h"

#include <algorithm>
#include <span>
#include <utility>

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

namespace {

/// Notes the next marker of a queue about to be removed, until new queues start above it anyway,
/// and somewhat longer.
Result<void> note_removal(const Shared& shared, std::string_view scope, std::int64_t next) {
  base::UtcSeconds until = shared.time.now().second();
  while (lifted_start(until) < next) ++until;
  return shared.management.upsert(
      shared.options.placement.removed_queues(), {{"_id", scope}},
      {{"$max", Document{{"v", next}, {"e", date_of(until + kNoteStays)}}}});
}

Result<bool> exists(const Shared& shared, const Document& which) {
  const auto found = shared.management.find_one(shared.options.placement.queues(), which,
                                                {.fields = {{"_id", 1}}});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

/// What came of an attempt to make a queue: false if there is another one of the name.
struct Attempt {
  Result<bool> made;
  bool again = false;  ///< it failed in a way that may be over by the next one
};

Attempt failed(const base::Error& error) { return {.made = std::unexpected(error)}; }

/// Sent but once. If it were made again, as its answer was lost, a queue that others have used and
/// removed meanwhile would be back, under the id by which they know what they have read of it.
Attempt insert_queue(const Shared& shared, const ObjectId& id, const Document& queue) {
  const auto inserted =
      shared.management.insert(shared.options.placement.queues(), std::span(&queue, 1));
  if (inserted) return {.made = !inserted->refusal};
  const auto there = exists(shared, {{"_id", id}});
  if (!there) return failed(there.error());
  if (*there) return {.made = true};
  return {.made = std::unexpected(inserted.error()), .again = true};
}

Attempt try_to_create(const Shared& shared, std::string_view scope,
                      const domain::QueueMetadata& metadata) {
  const auto known = exists(shared, {{"p_q", scope}});
  if (!known) return failed(known.error());
  if (*known) return {.made = false};
  Counters counters(shared);
  const auto above = counters.predecessors_next(scope);
  if (!above) return failed(above.error());
  const auto now = shared.time.now();
  const auto id = shared.make_id(now);
  const auto start = std::max(lifted_start(now.second()), *above);
  // Another queue of the name may come and go until this one is there. Nobody posts to it before
  // that has been looked after.
  const auto beginning = PendingPost::beginning_of(id);
  auto attempt =
      insert_queue(shared, id, queue_document(id, scope, metadata, start, list_of(beginning)));
  if (!attempt.made || !*attempt.made) return attempt;
  if (auto begun = counters.finish(scope, beginning); !begun) return failed(begun.error());
  return attempt;
}

/// A text that sorts among names as this one does, and is valid: names are ASCII.
std::string ascii_of(std::string_view text) {
  std::string ascii(text);
  std::ranges::replace_if(ascii, [](char octet) { return octet < 0; }, '\x7f');
  return ascii;
}

Member raw_text(BsonView queue) {
  const auto text = queue.find("r");
  return text ? Member("r", *text) : Member("r", nullptr);
}

}  // namespace

Result<bool> create_queue(const Shared& shared, std::string_view scope,
                          const domain::QueueMetadata& metadata) {
  constexpr int kAttempts = 3;  // the questions in between wait until there is a server
  auto attempt = try_to_create(shared, scope, metadata);
  for (int made = 1; attempt.again && made < kAttempts; ++made) {
    attempt = try_to_create(shared, scope, metadata);
  }
  return attempt.made;
}

Result<void> purge_queue(const Shared& shared, std::string_view scope, std::int64_t next) {
  const auto& placement = shared.options.placement;
  // What is invisible belongs to posts that have not been committed, or to another queue.
  const auto messages =
      shared.messages.write(placement.messages(scope),
                            {.kind = Write::Kind::remove_many,
                             .filter = {{"p_q", scope}, {"tx", nullptr}, where("k", "$lt", next)},
                             .change = {}});
  if (!messages) return std::unexpected(messages.error());
  const auto claims = shared.messages.write(
      placement.claims(scope),
      {.kind = Write::Kind::remove_many, .filter = {{"p_q", scope}}, .change = {}});
  if (!claims) return std::unexpected(claims.error());
  return {};
}

Result<bool> MongodbQueueStore::create(Call& call, const QueueAddress& queue,
                                       const domain::QueueMetadata& metadata) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  return create_queue(shared_, scope_of(queue), metadata);
}

Result<domain::SharedQueueMetadata> MongodbQueueStore::find(Call& call, const QueueAddress& queue) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto state = counters_.read(scope_of(queue));
  if (!state) return std::unexpected(state.error());
  return *state ? read_metadata((*state)->document.view()) : nullptr;
}

// ---- updating -----------------------------------------------------------------------------

Result<domain::SharedQueueMetadata> MongodbQueueStore::update(Call& call, const QueueAddress& queue,
                                                              const MetadataChange& change) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto scope = scope_of(queue);
  for (int left = shared_.options.contention.max_attempts; left >= 0; --left) {
    const auto state = counters_.read(scope);
    if (!state) return std::unexpected(state.error());
    if (!*state) return base::fail(base::ErrorKind::queue_missing);
    const auto current = (*state)->document.view();
    auto changed = change(*read_metadata(current));
    if (!changed) return std::unexpected(std::move(changed.error()));
    const auto replaced = replace_metadata(scope, current, *changed);
    if (!replaced) return std::unexpected(replaced.error());
    shared_.memory.forget(scope);
    if (*replaced) return std::make_shared<const domain::QueueMetadata>(*std::move(changed));
  }
  return base::fail(base::ErrorKind::unavailable, "too many others change the queue");
}

/// False if the metadata is no longer what it was.
Result<bool> MongodbQueueStore::replace_metadata(std::string_view scope, BsonView current,
                                                 const domain::QueueMetadata& metadata) {
  Document value;
  Document extras;
  append_text(value, "m", metadata.json(), extras);
  const auto text = extras.find("r");
  Document set{{"m", *value.find("m")}};
  if (text) set.append({"r", *text});
  Document change{{"$set", set}};
  if (!text) change.append({"$unset", Document{{"r", 1}}});
  const auto before = current.find("m");
  const auto written = shared_.management.find_and_update(
      shared_.options.placement.queues(),
      {{"_id", *current.find("_id")},
       {"p_q", scope},
       before ? where("m", "$eq", *before) : Member("m", nullptr),
       raw_text(current)},
      change);
  if (!written) return std::unexpected(written.error());
  return written->has_value();
}

// ---- removing -----------------------------------------------------------------------------

Result<void> MongodbQueueStore::remove(Call& call, const QueueAddress& queue) {
  if (auto may = may_ask_server(call); !may) return may;
  const auto scope = scope_of(queue);
  for (int left = shared_.options.contention.max_attempts; left >= 0; --left) {
    const auto state = counters_.read_counted(scope);
    if (!state) return std::unexpected(state.error());
    if (!*state) return {};
    const auto removed = remove_as_of(scope, (*state)->next);
    shared_.memory.forget(scope);
    if (!removed) return std::unexpected(removed.error());
    if (*removed) return {};
  }
  return base::fail(base::ErrorKind::unavailable, "too many others post to the queue");
}

/// False if the queue was posted to meanwhile: a post commits by moving the counter, so none can
/// slip in between and be acknowledged.
Result<bool> MongodbQueueStore::remove_as_of(std::string_view scope, std::int64_t next) {
  if (auto noted = note_removal(shared_, scope, next); !noted) {
    return std::unexpected(noted.error());
  }
  if (auto purged = purge_queue(shared_, scope, next); !purged) {
    return std::unexpected(purged.error());
  }
  const auto removed = shared_.management.write(
      shared_.options.placement.queues(),
      {.kind = Write::Kind::remove_one, .filter = {{"p_q", scope}, {"c.v", next}}, .change = {}});
  if (!removed) return std::unexpected(removed.error());
  return removed->removed == 1;
}

// ---- listing ------------------------------------------------------------------------------

Result<void> MongodbQueueStore::visit(const ProjectId& project, std::string_view after,
                                      const Document& fields, const Visitor& visitor) {
  const auto prefix = scope_prefix(project);
  auto end = prefix;
  ++end.back();  // what follows the slash
  return shared_.management.visit(
      shared_.options.placement.queues(),
      {{"p_q", Document{{"$gt", prefix + std::string(after)}, {"$lt", end}}}},
      {.sort = {{"p_q", 1}}, .fields = fields}, [&](BsonView queue) {
        const auto scope = queue.find("p_q");
        const auto text = scope ? scope->as_text().value_or("") : "";
        if (!text.starts_with(prefix)) return true;
        const auto name = text.substr(prefix.size());
        const bool of_another_project = name.find('/') != std::string_view::npos;
        return of_another_project || visitor(name, queue);
      });
}

Result<std::vector<QueueEntry>> MongodbQueueStore::list(Call& call, const ProjectId& project,
                                                        const QueueListRequest& request) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  Document fields{{"p_q", 1}};
  if (request.with_metadata || !request.filter.metadata.empty()) {
    fields.append({"m", 1}).append({"r", 1});
  }
  std::vector<QueueEntry> page;
  const auto visited =
      visit(project, ascii_of(request.after), fields, [&](std::string_view name, BsonView queue) {
        if (!request.filter.matches_name(name)) return true;
        const auto metadata = read_metadata(queue);
        if (!request.filter.matches_metadata(metadata->json())) return true;
        page.push_back({std::string(name), request.with_metadata ? metadata : nullptr});
        return page.size() < request.limit;
      });
  if (!visited) return std::unexpected(visited.error());
  return page;
}

Result<std::uint64_t> MongodbQueueStore::count(Call& call, const ProjectId& project) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  std::uint64_t queues = 0;
  const auto visited = visit(project, "", {{"p_q", 1}}, [&](std::string_view, BsonView) {
    ++queues;
    return true;
  });
  if (!visited) return std::unexpected(visited.error());
  return queues;
}

// ---- statistics ---------------------------------------------------------------------------

Result<std::optional<domain::QueueStats>> MongodbQueueStore::stats(Call& call,
                                                                   const QueueAddress& queue) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto scope = scope_of(queue);
  const auto state = counters_.read_counted(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return std::nullopt;
  const auto now = shared_.time.now();
  auto all = alive(scope, now);
  all.append(where("k", "$lt", (*state)->next));
  auto held = all;
  held.append(where("c.id", "$ne", nullptr)).append(where("c.e", "$gt", now.second()));

  const auto collection = shared_.options.placement.messages(scope);
  const auto total = shared_.messages.count(collection, all);
  if (!total) return std::unexpected(total.error());
  const auto claimed = shared_.messages.count(collection, held);
  if (!claimed) return std::unexpected(claimed.error());
  auto oldest = summary_of_first(scope, all, 1, now);
  if (!oldest) return std::unexpected(oldest.error());
  auto newest = summary_of_first(scope, all, -1, now);
  if (!newest) return std::unexpected(newest.error());
  return domain::QueueStats{.total = *total,
                            .claimed = std::min(*claimed, *total),
                            .oldest = *std::move(oldest),
                            .newest = *std::move(newest)};
}

Result<std::optional<domain::MessageSummary>> MongodbQueueStore::summary_of_first(
    const std::string& scope, const Document& filter, int order, Moment now) {
  const auto found = shared_.messages.find_one(shared_.options.placement.messages(scope), filter,
                                               {.sort = {{"k", order}}, .fields = {{"at", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const auto posted = posted_at((*found)->view());
  const auto id = (*found)->find("_id");
  return domain::MessageSummary{.id = {id->as_object_id().value_or(ObjectId{}).to_string()},
                                .age_seconds = now.age_seconds(posted),
                                .created_utc_seconds = posted.millis / 1000};
}

}  // namespace marconi::storage::mongodb
