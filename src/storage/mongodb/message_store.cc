#include "storage/mongodb/message_store.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "base/uuid.h"
#include "storage/mongodb/claim_record.h"
#include "storage/mongodb/queue_store.h"

namespace marconi::storage::mongodb {

namespace {

std::int64_t held_to_int64(std::uint64_t number) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(number, kMost));
}

/// Hides what a client posted, in every form in which its id may have been stored.
Member not_posted_by(const ClientId& client) {
  const auto own = client_member("u", client);
  const BsonValue value{own.type, own.data};
  Array forms;
  forms.append(value);
  if (const auto uuid = value.as_binary()) {
    forms.append(Binary{Binary::kOldUuid, uuid->octets});
  }
  return where("u", "$nin", forms);
}

Document page_filter(std::string_view scope, const MessageListRequest& request, Moment now) {
  auto filter = alive(scope, now);
  if (request.hide_client) filter.append(not_posted_by(*request.hide_client));
  add_conditions(filter, now, !request.include_claimed, !request.include_delayed);
  return filter;
}

/// Whether a message is among the last ones of a page, with the same marker as those. One whose
/// claim changes during the scan moves in the index and may be met again.
bool is_on(const std::vector<domain::Message>& page, const domain::Message& message) {
  for (auto at = page.rbegin(); at != page.rend() && at->marker == message.marker; ++at) {
    if (at->id == message.id) return true;
  }
  return false;
}

/// Ids in the form of other stores' are well-formed, though never known here.
bool well_formed(const ClaimId& claim) {
  return ObjectId::from(claim.text) || base::Uuid::from_canonical(claim.text);
}

}  // namespace

// ---- posting and reading ------------------------------------------------------------------

Result<std::vector<MessageId>> MongodbMessageStore::post(
    Call& call, const QueueAddress& queue, std::span<const domain::NewMessage> messages,
    const ClientId& client) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto now = shared_.time.now();
  std::vector<Draft> drafts;
  std::vector<MessageId> ids;
  for (const auto& message : messages) {
    drafts.push_back(Draft::of(message, client, shared_.make_id(now), now));
    ids.push_back({drafts.back().id.to_string()});
  }
  if (auto posted = lines_.post(scope_of(queue), std::move(drafts)); !posted) {
    return std::unexpected(std::move(posted.error()));
  }
  return ids;
}

Result<std::vector<domain::Message>> MongodbMessageStore::list(Call& call,
                                                               const QueueAddress& queue,
                                                               const MessageListRequest& request) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto scope = scope_of(queue);
  auto state = counters_.read_settled(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return std::vector<domain::Message>();
  for (;;) {
    auto page = find_page(scope, request, (*state)->next);
    if (!page) return std::unexpected(page.error());
    if (page->messages.size() >= request.limit) return std::move(page->messages);
    const auto again =
        page->left ? counters_.look_beyond(scope, **state) : counters_.look_again(scope, **state);
    if (!again) return std::unexpected(again.error());
    if (!*again) return std::move(page->messages);
  }
}

/// One more than asked for, to see whether the last one shares its marker with others.
Result<MongodbMessageStore::Page> MongodbMessageStore::find_page(std::string_view scope,
                                                                 const MessageListRequest& request,
                                                                 std::int64_t bound) {
  const auto now = shared_.time.now();
  const auto after =
      request.after ? std::optional(held_to_int64(request.after->value)) : std::nullopt;
  const auto found =
      counters_.find_counted(scope, after, bound, page_filter(scope, request, now),
                             {.sort = by_marker(),
                              .fields = {},
                              .hint = {{"p_q", 1}, {"k", 1}, {"c.e", 1}},
                              .limit = saturating_add(held_to_int64(request.limit), 1),
                              .only_committed = true});
  if (!found) return std::unexpected(found.error());
  std::int64_t last = after.value_or(-1);
  Page page{.messages = {}, .left = found->left};
  for (const auto& document : found->messages) {
    auto message = read_message(document.view(), now);
    const auto marker = static_cast<std::int64_t>(message.marker.value);
    if (is_on(page.messages, message)) continue;
    const bool behind_gap = marker > last + 1;
    if (behind_gap && is_held_back(document.view(), now)) break;
    if (page.messages.size() >= request.limit) {
      if (marker != last) break;
      if (auto done = complete(page, scope, request, now); !done) {
        return std::unexpected(done.error());
      }
      break;
    }
    last = marker;
    page.messages.push_back(std::move(message));
  }
  return page;
}

/// Adds what shares the last marker of a full page: who goes on from there would not see it. Hosts
/// of the reference service may give letters of several queues the same one.
Result<void> MongodbMessageStore::complete(Page& page, std::string_view scope,
                                           const MessageListRequest& request, Moment now) {
  auto filter = page_filter(scope, request, now);
  filter.append({"k", static_cast<std::int64_t>(page.messages.back().marker.value)});
  const auto found = shared_.messages.find(shared_.options.placement.messages(scope), filter,
                                           {.only_committed = true});
  if (!found) return std::unexpected(found.error());
  for (const auto& document : *found) {
    auto message = read_message(document.view(), now);
    if (!is_on(page.messages, message)) page.messages.push_back(std::move(message));
  }
  return {};
}

/// Whether what belongs into the gap before this message may be on its way.
bool MongodbMessageStore::is_held_back(BsonView message, Moment now) const {
  const std::chrono::milliseconds hold = shared_.options.gap_hold;
  return hold.count() > 0 && now.millis() - posted_at(message).millis < hold.count();
}

Result<std::optional<Marker>> MongodbMessageStore::position(Call& call, const QueueAddress& queue,
                                                            const MessageId& id) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto object_id = ObjectId::from(id.text);
  if (!object_id) return std::nullopt;
  const auto scope = scope_of(queue);
  const auto found = shared_.messages.find_one(
      shared_.options.placement.messages(scope),
      {{"_id", *object_id}, {"p_q", scope}, {"tx", nullptr}}, {.fields = {{"k", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return Marker{static_cast<std::uint64_t>(integer_at((*found)->view(), "k"))};
}

Result<std::vector<domain::Message>> MongodbMessageStore::get(Call& call, const QueueAddress& queue,
                                                              std::span<const MessageId> ids) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto scope = scope_of(queue);
  const auto now = shared_.time.now();
  auto filter = alive(scope, now);
  filter.append(where("_id", "$in", object_ids(ids)));
  const auto found = shared_.messages.find(shared_.options.placement.messages(scope), filter);
  if (!found) return std::unexpected(found.error());
  std::map<MessageId, domain::Message> known;
  for (const auto& document : *found) {
    auto message = read_message(document.view(), now);
    known.emplace(message.id, std::move(message));
  }
  std::vector<domain::Message> messages;
  for (const auto& id : ids) {
    const auto at = known.find(id);
    if (at != known.end()) messages.push_back(at->second);
  }
  return messages;
}

// ---- deleting -----------------------------------------------------------------------------

Result<DeleteOutcome> MongodbMessageStore::remove(Call& call, const QueueAddress& queue,
                                                  const MessageId& id,
                                                  const std::optional<ClaimId>& claim) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto message_id = ObjectId::from(id.text);
  if (!message_id) return DeleteOutcome::done;
  const auto scope = scope_of(queue);
  const auto claim_id = claim ? ObjectId::from(claim->text) : std::nullopt;
  if (!claim || claim_id) {
    const auto now = shared_.time.now();
    auto filter = alive(scope, now);
    filter.append({"_id", *message_id});
    if (claim_id) {
      add_claimed_by(filter, *claim_id, now);
    } else {
      add_conditions(filter, now, true, false);
    }
    const auto removed = remove_counted(scope, *message_id, filter);
    if (!removed) return std::unexpected(removed.error());
    if (*removed) return DeleteOutcome::done;
  }
  return why_not_removed(scope, *message_id, claim);
}

/// Deletes the message that the filter admits. Where a poster may be about to count it, it is
/// counted first: its marker must not be free again before.
Result<bool> MongodbMessageStore::remove_counted(std::string_view scope, const ObjectId& id,
                                                 const Document& filter) {
  const auto remove = [&](Document which) -> Result<bool> {
    const auto removed = shared_.messages.write(
        shared_.options.placement.messages(scope),
        {.kind = Write::Kind::remove_one, .filter = std::move(which), .change = {}});
    if (!removed) return std::unexpected(removed.error());
    return removed->removed == 1;
  };
  if (!shared_.options.shows_before_counting()) return remove(filter);
  const auto state = counters_.recall_settled(scope);
  if (!state) return std::unexpected(state.error());
  auto counted = filter;
  counted.append(where("k", "$lt", *state ? (*state)->next : 0));
  if (auto removed = remove(counted); !removed || *removed) return removed;
  Array ids;
  ids.append(id);
  if (auto done = count_before_removal(scope, ids); !done) return std::unexpected(done.error());
  return remove(filter);
}

Result<void> MongodbMessageStore::count_before_removal(std::string_view scope, const Array& ids) {
  if (!shared_.options.shows_before_counting()) return {};
  for (bool again = true; again;) {
    const auto state = counters_.recall_settled(scope);
    if (!state) return std::unexpected(state.error());
    if (!*state) return {};
    const auto last = shared_.messages.find_one(
        shared_.options.placement.messages(scope),
        {{"p_q", scope}, where("_id", "$in", ids), where("k", "$gte", (*state)->next)},
        {.sort = {{"k", -1}}, .fields = {{"k", 1}}});
    if (!last) return std::unexpected(last.error());
    if (!*last) return {};
    const auto marker = integer_at((*last)->view(), "k");
    const auto counted = counters_.raise(scope, (*state)->id(), marker + 1);
    if (!counted) return std::unexpected(counted.error());
    again = !*counted;  // the queue is another one by now
  }
  return {};
}

Result<DeleteOutcome> MongodbMessageStore::why_not_removed(std::string_view scope,
                                                           const ObjectId& id,
                                                           const std::optional<ClaimId>& claim) {
  const auto now = shared_.time.now();
  auto filter = alive(scope, now);
  filter.append({"_id", id});
  const auto found = shared_.messages.find_one(shared_.options.placement.messages(scope), filter);
  if (!found) return std::unexpected(found.error());
  if (!*found) return DeleteOutcome::done;
  if (!claim) return DeleteOutcome::claimed;
  if (!well_formed(*claim)) return DeleteOutcome::claim_not_found;
  if (!live_claim((*found)->view(), now)) return DeleteOutcome::not_claimed;
  const auto claim_id = ObjectId::from(claim->text);
  if (!claim_id) return DeleteOutcome::claim_not_found;
  const auto live = find_live_claim(shared_, scope, *claim_id, now);
  if (!live) return std::unexpected(live.error());
  return *live ? DeleteOutcome::claimed : DeleteOutcome::claim_not_found;
}

Result<void> MongodbMessageStore::remove_many(Call& call, const QueueAddress& queue,
                                              std::span<const MessageId> ids) {
  if (auto may = may_ask_server(call); !may) return may;
  const auto scope = scope_of(queue);
  if (auto done = count_before_removal(scope, object_ids(ids)); !done) return done;
  const auto removed = shared_.messages.write(
      shared_.options.placement.messages(scope),
      {.kind = Write::Kind::remove_many,
       .filter = {{"p_q", scope}, {"tx", nullptr}, where("_id", "$in", object_ids(ids))},
       .change = {}});
  if (!removed) return std::unexpected(removed.error());
  return {};
}

Result<DeleteOutcome> MongodbMessageStore::remove_many_claimed(Call& call,
                                                               const QueueAddress& queue,
                                                               std::span<const MessageId> ids,
                                                               std::span<const ClaimId> claims) {
  auto found = get(call, queue, ids);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto is_held = [](const domain::Message& message) { return message.claim.has_value(); };
  const auto is_held_by_them = [&](const domain::Message& message) {
    return std::ranges::find(claims, *message.claim) != claims.end();
  };
  if (!std::ranges::all_of(*found, is_held)) return DeleteOutcome::not_claimed;
  if (!std::ranges::all_of(*found, is_held_by_them)) return DeleteOutcome::claimed;
  const auto scope = scope_of(queue);
  if (auto done = count_before_removal(scope, object_ids(ids)); !done) {
    return std::unexpected(done.error());
  }
  const auto now = shared_.time.now();
  std::vector<Write> writes;
  for (const auto& message : *found) {
    auto filter = alive(scope, now);
    filter.append({"_id", *ObjectId::from(message.id.text)});
    add_claimed_by(filter, *ObjectId::from(message.claim->text), now);
    writes.push_back({.kind = Write::Kind::remove_one, .filter = std::move(filter), .change = {}});
  }
  const auto removed = shared_.messages.write(shared_.options.placement.messages(scope), writes);
  if (!removed) return std::unexpected(removed.error());
  return DeleteOutcome::done;
}

Result<std::vector<domain::Message>> MongodbMessageStore::pop(Call& call, const QueueAddress& queue,
                                                              std::uint64_t limit) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto scope = scope_of(queue);
  auto state = counters_.recall_settled(scope);
  if (!state) return std::unexpected(state.error());
  std::vector<domain::Message> popped;
  if (!*state) return popped;
  const auto now = shared_.time.now();
  while (popped.size() < limit) {
    auto filter = alive(scope, now);
    filter.append(where("k", "$lt", (*state)->next));
    add_conditions(filter, now, true, true);
    const auto taken = shared_.messages.find_and_remove(shared_.options.placement.messages(scope),
                                                        filter, by_marker());
    // What was taken so far would be lost with an error.
    if (!taken && popped.empty()) return std::unexpected(taken.error());
    if (!taken) break;
    if (*taken) {
      popped.push_back(read_message((*taken)->view(), now));
      continue;
    }
    const auto more = counters_.look_beyond(scope, **state);
    if (!more && popped.empty()) return std::unexpected(more.error());
    if (!more || !*more) break;
  }
  return popped;
}

Result<void> MongodbMessageStore::purge(Call& call, const QueueAddress& queue) {
  if (auto may = may_ask_server(call); !may) return may;
  const auto scope = scope_of(queue);
  const auto state = counters_.read_counted(scope);
  if (!state) return std::unexpected(state.error());
  return *state ? purge_queue(shared_, scope, (*state)->next) : Result<void>();
}

}  // namespace marconi::storage::mongodb
