#include "storage/mongodb/claim_store.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "storage/mongodb/documents.h"

namespace marconi::storage::mongodb {

namespace {

/// How long a claim goes on looking while others are faster.
constexpr std::chrono::seconds kPatience{10};

/// The policy in force: one that names its own queue is none (http-v2 D22).
std::optional<domain::DeadLetterPolicy> policy_of(BsonView queue, const QueueAddress& address) {
  auto policy = read_metadata(queue)->options().dead_letter;
  if (policy && policy->queue == address.name) policy.reset();
  return policy;
}

std::int64_t as_limit(std::uint64_t limit) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(limit, kMost));
}

/// A live claim, for one operation at one moment.
struct OpenClaim {
  std::string scope;
  ObjectId id;
  Moment now;
  ClaimRecord record;
};

Result<OpenClaim> open_claim(const Shared& shared, const QueueAddress& queue, const ClaimId& id) {
  const auto object_id = ObjectId::from(id.text);
  if (!object_id) return base::fail(base::ErrorKind::claim_missing);
  auto scope = scope_of(queue);
  const auto now = shared.time.now();
  const auto record = find_live_claim(shared, scope, *object_id, now);
  if (!record) return std::unexpected(record.error());
  if (!*record) return base::fail(base::ErrorKind::claim_missing);
  return OpenClaim{std::move(scope), *object_id, now, **record};
}

}  // namespace

// ---- making -------------------------------------------------------------------------------

Result<std::optional<domain::Claim>> MongodbClaimStore::create(Call& call,
                                                               const QueueAddress& queue,
                                                               const ClaimTerms& terms,
                                                               std::uint64_t limit) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto scope = scope_of(queue);
  auto state = counters_.recall_settled(scope);
  if (!state) return std::unexpected(state.error());
  if (!*state) return std::nullopt;
  const auto now = shared_.time.now();
  Making making{.queue = queue,
                .scope = scope,
                .id = shared_.make_id(now),
                .terms = terms,
                .record = ClaimRecord::of(terms, now),
                .now = now,
                .policy = policy_of((*state)->document.view(), queue)};
  bool more = true;
  // Whoever loses messages to others looks again, for there may be free ones behind them.
  const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
  while (more && limit > 0) {
    const auto taken = take_round(making, **state, limit, more);
    if (!taken) return std::unexpected(taken.error());
    limit -= std::min(limit, *taken);
    if (std::chrono::steady_clock::now() > give_up_at) break;
  }
  if (!making.noted) return std::nullopt;
  // All this may have taken time, longer than the claim lasts even: what it had is free then.
  const auto done = shared_.time.now();
  const bool over = making.record.ends <= done.second();
  auto messages = over               ? std::vector<domain::Message>()
                  : making.all_known ? std::move(making.taken)
                                     : messages_of(scope, making.id, done);
  if (!messages) return std::unexpected(messages.error());
  if (messages->empty()) {
    if (auto removed = remove_claim(shared_, scope, making.id); !removed) {
      return std::unexpected(removed.error());
    }
    return std::nullopt;
  }
  return domain::Claim{.id = {making.id.to_string()},
                       .ttl_seconds = terms.ttl_seconds,
                       .age_seconds = done.age_seconds(making.record.started),
                       .messages = *std::move(messages)};
}

/// The oldest free messages. The state is brought up to date if there are fewer than `limit`.
Result<std::vector<Document>> MongodbClaimStore::find_candidates(const Making& making,
                                                                 QueueState& state,
                                                                 std::uint64_t limit) {
  for (;;) {
    auto filter = alive(making.scope, making.now);
    add_conditions(filter, making.now, true, true);
    if (!making.passed_over.empty()) {
      filter.append(where("_id", "$nin", Array(making.passed_over)));
    }
    auto found = counters_.find_counted(making.scope, std::nullopt, state.next, filter,
                                        {.sort = by_marker(), .limit = as_limit(limit)});
    if (!found) return std::unexpected(found.error());
    if (found->messages.size() == limit) return std::move(found->messages);
    const auto more = found->left ? counters_.look_beyond(making.scope, state)
                                  : counters_.look_again(making.scope, state);
    if (!more) return std::unexpected(more.error());
    if (!*more) return std::move(found->messages);
  }
}

/// Takes the oldest free messages and returns how many it got, those it moved included. `more`:
/// whether others got some of those it saw.
Result<std::uint64_t> MongodbClaimStore::take_round(Making& making, QueueState& state,
                                                    std::uint64_t limit, bool& more) {
  auto found = find_candidates(making, state, limit);
  if (!found) return std::unexpected(found.error());
  std::vector<Document> fresh;
  std::vector<Letter> worn;
  for (auto& candidate : *found) {
    if (making.policy && integer_at(candidate.view(), "c.c") >= making.policy->max_claim_count) {
      worn.push_back({*candidate.find("_id")->as_object_id(), integer_at(candidate.view(), "k")});
    } else {
      fresh.push_back(std::move(candidate));
    }
  }
  std::uint64_t got = 0;
  if (!worn.empty()) {
    const auto moved = dead_letters_.move(making.queue, *making.policy, worn, making.now);
    if (!moved) return std::unexpected(moved.error());
    got += moved->moved;
    making.passed_over.insert(making.passed_over.end(), moved->staying.begin(),
                              moved->staying.end());
  }
  if (!fresh.empty()) {
    const auto taken = take(making, fresh);
    if (!taken) return std::unexpected(taken.error());
    got += *taken;
  }
  more = got < found->size();
  return got;
}

/// Puts the claim's mark on those of the candidates that are still free; returns how many.
Result<std::uint64_t> MongodbClaimStore::take(Making& making,
                                              const std::vector<Document>& candidates) {
  if (!making.noted) {
    if (auto noted = add_claim(shared_, making.scope, making.id, making.record); !noted) {
      return std::unexpected(noted.error());
    }
    making.noted = true;
  }
  const auto ends = date_of(making.record.ends);
  const bool all_outlive_it = std::ranges::all_of(candidates, [&](const Document& candidate) {
    const auto expires = candidate.find("e");
    return expires && expires->as_date().value_or(Date{}) >= ends;
  });
  Array ids;
  for (const auto& candidate : candidates) ids.append(*candidate.find("_id"));
  auto filter = all_outlive_it
                    ? Document{{"p_q", making.scope}, {"tx", nullptr}, where("e", "$gte", ends)}
                    : alive(making.scope, making.now);
  filter.append(where("_id", "$in", ids));
  add_conditions(filter, making.now, true, false);
  if (making.policy) {
    // Since they were looked at, others may have taken them for the last time and given them back.
    filter.append(where("c.c", "$not", Document{{"$gte", making.policy->max_claim_count}}));
  }
  if (!all_outlive_it) {
    // Lives first: a message must not expire under its worker should this end in between.
    const auto extended =
        extend(filter, making.scope, "$lt", making.record, making.terms.grace_seconds);
    if (!extended) return std::unexpected(extended.error());
  }
  Document change{{"$set", Document{{"c.id", making.id},
                                    {"c.t", making.terms.ttl_seconds},
                                    {"c.e", making.record.ends}}}};
  if (making.policy) change.append({"$inc", Document{{"c.c", 1}}});
  const auto taken = shared_.messages.write(
      shared_.options.placement.messages(making.scope),
      {.kind = Write::Kind::update_many, .filter = filter, .change = change});
  if (!taken) return std::unexpected(taken.error());
  const auto count = static_cast<std::uint64_t>(taken->matched);
  // Fewer than were there: others took some, or the change was made twice because its first answer
  // was lost. The marks themselves tell.
  const auto marked = count == candidates.size() ? Result<std::uint64_t>(making.marked + count)
                                                 : count_marked(making);
  if (!marked) return std::unexpected(marked.error());
  const auto before = std::exchange(making.marked, std::max(making.marked, *marked));
  // All that was seen, with nothing changed but the mark, need not be read again.
  if (count != candidates.size() || !all_outlive_it || making.policy) making.all_known = false;
  const auto now = shared_.time.now();
  for (const auto& candidate : candidates) {
    making.taken.push_back(read_message(candidate.view(), now));
    making.taken.back().claim = ClaimId{making.id.to_string()};
  }
  return making.marked - before;
}

Result<std::uint64_t> MongodbClaimStore::count_marked(const Making& making) {
  return shared_.messages.count(shared_.options.placement.messages(making.scope),
                                {{"p_q", making.scope}, {"c.id", making.id}});
}

/// Gives messages a life of the claim and its grace, if theirs ends before the claim's, or together
/// with it, by `comparison`.
Result<void> MongodbClaimStore::extend(const Document& filter, std::string_view scope,
                                       std::string_view comparison, const ClaimRecord& record,
                                       std::int64_t grace_seconds) {
  Array both;
  both.append(filter);
  both.append(Document{where("e", comparison, date_of(record.ends))});
  const Document life{{"t", saturating_add(record.ttl_seconds, grace_seconds)},
                      {"e", date_of(saturating_add(record.ends, grace_seconds))}};
  const auto extended = shared_.messages.write(
      shared_.options.placement.messages(scope),
      {.kind = Write::Kind::update_many, .filter = {{"$and", both}}, .change = {{"$set", life}}});
  if (!extended) return std::unexpected(extended.error());
  return {};
}

// ---- what is left of one --------------------------------------------------------------------

Result<std::vector<domain::Message>> MongodbClaimStore::messages_of(std::string_view scope,
                                                                    const ObjectId& id,
                                                                    Moment now) {
  auto filter = alive(scope, now);
  add_claimed_by(filter, id, now);
  const auto found = shared_.messages.find(shared_.options.placement.messages(scope), filter,
                                           {.sort = by_marker()});
  if (!found) return std::unexpected(found.error());
  std::vector<domain::Message> messages;
  for (const auto& document : *found) messages.push_back(read_message(document.view(), now));
  return messages;
}

Result<domain::Claim> MongodbClaimStore::get(Call& call, const QueueAddress& queue,
                                             const ClaimId& id) {
  if (auto may = may_ask_server(call); !may) return std::unexpected(may.error());
  const auto claim = open_claim(shared_, queue, id);
  if (!claim) return std::unexpected(claim.error());
  auto messages = messages_of(claim->scope, claim->id, claim->now);
  if (!messages) return std::unexpected(messages.error());
  return domain::Claim{.id = id,
                       .ttl_seconds = claim->record.ttl_seconds,
                       .age_seconds = claim->now.age_seconds(claim->record.started),
                       .messages = *std::move(messages)};
}

Result<void> MongodbClaimStore::renew(Call& call, const QueueAddress& queue, const ClaimId& id,
                                      const ClaimTerms& terms) {
  if (auto may = may_ask_server(call); !may) return may;
  const auto claim = open_claim(shared_, queue, id);
  if (!claim) return std::unexpected(claim.error());
  const auto& [scope, claim_id, now, _] = *claim;
  const auto record = ClaimRecord::of(terms, now);
  if (auto renewed = renew_claim(shared_, scope, claim_id, record); !renewed) return renewed;
  auto filter = alive(scope, now);
  add_claimed_by(filter, claim_id, now);
  // The mark first: the life may be cut so short that the message is not found any more.
  const auto marked = shared_.messages.write(
      shared_.options.placement.messages(scope),
      {.kind = Write::Kind::update_many,
       .filter = filter,
       .change = {{"$set", Document{{"c.t", terms.ttl_seconds}, {"c.e", record.ends}}}}});
  if (!marked) return std::unexpected(marked.error());
  // Unlike at creation, a message that ends together with the claim is extended too.
  return extend(filter, scope, "$lte", record, terms.grace_seconds);
}

Result<void> MongodbClaimStore::release(Call& call, const QueueAddress& queue, const ClaimId& id) {
  if (auto may = may_ask_server(call); !may) return may;
  const auto claim_id = ObjectId::from(id.text);
  if (!claim_id) return {};
  const auto scope = scope_of(queue);
  const auto freed =
      shared_.messages.write(shared_.options.placement.messages(scope),
                             {.kind = Write::Kind::update_many,
                              .filter = {{"p_q", scope}, {"c.id", *claim_id}},
                              .change = {{"$set", Document{{"c.id", nullptr}, {"c.e", 0}}},
                                         {"$unset", Document{{"c.t", 1}}}}});
  if (!freed) return std::unexpected(freed.error());
  return remove_claim(shared_, scope, *claim_id);
}

}  // namespace marconi::storage::mongodb
