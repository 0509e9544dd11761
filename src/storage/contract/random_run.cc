#include "storage/contract/random_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace marconi::storage::contract {

namespace {

constexpr std::size_t kHistoryShown = 25;

/// Times to live are multiples of this, so that messages and claims often end together.
constexpr std::int64_t kRasterSeconds = 20;

std::string policy_json(std::string_view target, const RunPlan& plan) {
  std::string json = fmt::format(R"({{"_dead_letter_queue": "{}", "_max_claim_count": {})", target,
                                 *plan.max_claim_count);
  if (plan.dead_letter_ttl_seconds) {
    json +=
        fmt::format(R"(, "_dead_letter_queue_messages_ttl": {})", *plan.dead_letter_ttl_seconds);
  }
  return json + "}";
}

std::string lines(const std::vector<std::string>& all) {
  return fmt::format("{}", fmt::join(all, "\n  "));
}

std::string written(const std::string& text) { return text; }
std::string written(bool truth) { return truth ? "yes" : "no"; }
std::string written(const std::vector<std::string>& all) { return lines(all); }
std::string written(const std::optional<std::string>& text) { return text.value_or("nothing"); }

}  // namespace

const std::vector<RandomRun::Operation> RandomRun::kOperations{
    {200, &RandomRun::post},
    {130, &RandomRun::claim},
    {40, &RandomRun::release},
    {60, &RandomRun::renew},
    {50, &RandomRun::get_claim},
    {110, &RandomRun::remove},
    {25, &RandomRun::remove_many},
    {40, &RandomRun::remove_many_claimed},
    {30, &RandomRun::pop},
    {110, &RandomRun::advance},
    {100, &RandomRun::list},
    {40, &RandomRun::get},
    {10, &RandomRun::collect_garbage},
    {10, &RandomRun::step_wall},
    {10, &RandomRun::reopen},
    {2, &RandomRun::purge},
    {2, &RandomRun::recreate},
    {2, &RandomRun::remove_dead},
};

RandomRun::RandomRun(StoreContract& suite, RunPlan plan)
    : suite_(suite),
      plan_(std::move(plan)),
      main_(StoreContract::address("main")),
      dead_(StoreContract::address("dead")),
      now_(suite.clock().utc_now()) {
  if (const char* seed = std::getenv("MARCONI_CONTRACT_SEED")) {
    plan_.seed = std::strtoull(seed, nullptr, 10);
  }
  random_.seed(plan_.seed);
  plan_.operations /= StoreContract::GetParam().slowness;
  if (!plan_.max_claim_count) return;
  main_.metadata_json = policy_json("dead", plan_);
  main_.max_claim_count = plan_.max_claim_count;
  if (!plan_.both_ways) return;
  dead_.metadata_json = policy_json("main", plan_);
  dead_.max_claim_count = plan_.max_claim_count;
}

void RandomRun::run() {
  std::uint64_t total_weight = 0;
  for (const auto& operation : kOperations) total_weight += operation.weight;
  set_model_time(now_);
  for (int done = 1; done <= plan_.operations; ++done) {
    auto ticket = pick(total_weight);
    auto operation = kOperations.begin();
    for (; ticket >= operation->weight; ++operation) ticket -= operation->weight;
    Side& side = pick_side();
    (this->*operation->perform)(side);
    if (side.exists) {
      expect_equal(side.model.stats(), text_of(suite_.stats(side.address)), "statistics");
    }
    if (done % 20 == 0) compare_everything();
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "seed " << plan_.seed << ", " << done << " operations; the last ones:\n  "
                    << lines({history_.begin(), history_.end()});
      return;
    }
  }
}

// ---- messages -----------------------------------------------------------------------------

void RandomRun::post(Side& side) {
  const ClientId& client = pick(2) == 0 ? kAlice : kBob;
  Bodies bodies(1 + pick(plan_.largest_post));
  for (auto& body : bodies) body = std::to_string(++posted_);
  std::vector<domain::NewMessage> messages;
  for (const auto& body : bodies) {
    messages.push_back({.body = body,
                        .ttl_seconds = kRasterSeconds * between(3, pick(3) == 0 ? 6 : 60),
                        .delay_seconds = pick(4) == 0 ? between(1, 60) : 0,
                        .checksum = ""});
  }
  note(fmt::format("post {} … {} to {}", bodies.front(), bodies.back(), side.address.name.text()));
  const auto ids = suite_.write([&](Call& call) {
    return suite_.store().messages().post(call, side.address, messages, client);
  });
  ASSERT_EQ(ids.size(), messages.size());
  std::vector<Marker> markers;
  learn_markers(side, ids, markers);
  ASSERT_EQ(markers.size(), messages.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    side.model.post(messages[i], client, ids[i], markers[i]);
  }
  expect_equal(side.model.get(ids), text_of(suite_.get(side.address, ids)), "posted messages");
}

/// Reads the markers of messages that have just come to a queue, and checks that they grow.
void RandomRun::learn_markers(Side& side, const Ids& ids, std::vector<Marker>& markers) {
  for (const auto& message : suite_.get(side.address, ids)) {
    EXPECT_GT(message.marker, side.last_marker) << "a marker that does not grow";
    side.last_marker = message.marker;
    markers.push_back(message.marker);
    side.ids.push_back(message.id);
  }
}

void RandomRun::list(Side& side) {
  Listing listing{.limit = 1 + pick(50),
                  .hide_client = pick(3) == 0 ? &kAlice : nullptr,
                  .include_claimed = pick(2) == 0,
                  .include_delayed = pick(2) == 0};
  if (pick(4) != 0) listing.after = Marker{pick(side.last_marker.value + 2)};
  note(fmt::format("list {} of {} after {}{}{}{}", listing.limit, side.address.name.text(),
                   listing.after ? listing.after->to_string() : "-",
                   listing.hide_client ? " without own" : "",
                   listing.include_claimed ? "" : " without claimed",
                   listing.include_delayed ? "" : " without delayed"));
  expect_equal(side.model.list({.after = listing.after,
                                .limit = listing.limit,
                                .hide_client = listing.hide_client,
                                .include_claimed = listing.include_claimed,
                                .include_delayed = listing.include_delayed}),
               text_of(suite_.list(side.address, listing)), "page");
}

void RandomRun::get(Side& side) {
  Ids ids(1 + pick(5));
  for (auto& id : ids) id = pick_id(side);
  note(fmt::format("get {} messages of {}", ids.size(), side.address.name.text()));
  expect_equal(side.model.get(ids), text_of(suite_.get(side.address, ids)), "messages");
}

void RandomRun::remove(Side& side) {
  auto id = pick_id(side);
  std::optional<ClaimId> claim;
  if (pick(2) == 0) {
    const auto made = pick_claim(side);
    claim = made.id;
    if (!made.messages.empty() && pick(4) != 0) id = made.messages[pick(made.messages.size())];
  }
  note(fmt::format("remove {} with claim {} from {}", id.text, claim ? claim->text : "-",
                   side.address.name.text()));
  expect_equal(text_of(side.model.remove(id, claim)),
               text_of(suite_.remove(side.address, id, claim)), "outcome");
}

void RandomRun::remove_many(Side& side) {
  Ids ids(1 + pick(5));
  for (auto& id : ids) id = pick_id(side);
  note(fmt::format("remove {} messages from {}", ids.size(), side.address.name.text()));
  side.model.remove_many(ids);
  suite_.remove_many(side.address, ids);
  expect_equal({}, text_of(suite_.get(side.address, ids)), "messages after their removal");
}

void RandomRun::remove_many_claimed(Side& side) {
  Ids ids;
  std::vector<ClaimId> claims;
  for (auto left = 1 + pick(2); left > 0; --left) {
    const auto made = pick_claim(side);
    claims.push_back(made.id);
    ids.insert(ids.end(), made.messages.begin(), made.messages.end());
  }
  if (pick(4) == 0) ids.push_back(pick_id(side));
  note(fmt::format("remove {} claimed messages from {}", ids.size(), side.address.name.text()));
  expect_equal(text_of(side.model.remove_many_claimed(ids, claims)),
               text_of(suite_.remove_many_claimed(side.address, ids, claims)), "outcome");
}

void RandomRun::pop(Side& side) {
  const auto limit = 1 + pick(5);
  note(fmt::format("pop {} from {}", limit, side.address.name.text()));
  auto popped = suite_.pop(side.address, limit);
  expect_equal(side.model.pop(limit), text_of(popped), "popped messages");
}

void RandomRun::purge(Side& side) {
  note("purge " + side.address.name.text());
  side.model.clear();
  suite_.purge(side.address);
}

// ---- claims -------------------------------------------------------------------------------

void RandomRun::claim(Side& side) {
  const Claiming claiming{.limit = 1 + pick(12),
                          .ttl_seconds = kRasterSeconds * between(3, 15),
                          .grace_seconds = between(60, 120)};
  note(fmt::format("claim {} of {} for {} + {} s", claiming.limit, side.address.name.text(),
                   claiming.ttl_seconds, claiming.grace_seconds));
  auto taking = side.model.take(claiming.limit);
  const auto made = suite_.try_claim(side.address, claiming);
  bury(side, std::move(taking.moved));
  expect_equal(!taking.delivered.empty(), made.has_value(), "whether anything was claimed");
  if (!made || taking.delivered.empty()) return;
  side.model.claim(made->id, {claiming.ttl_seconds, claiming.grace_seconds}, taking.delivered);
  expect_equal(side.model.claim_text(made->id), std::optional(text_of(*made)), "claim");
  side.claims.push_back({made->id, ids(made->messages)});
}

/// Does to the model of the other queue what a claim that moves messages should have done to it.
void RandomRun::bury(const Side& from, std::vector<ModelMessage> letters) {
  if (letters.empty()) return;
  Side& to = &from == &main_ ? dead_ : main_;
  if (!to.exists) {
    to.exists = true;
    to.model.max_claim_count.reset();
  }
  Ids moved;
  for (const auto& letter : letters) moved.push_back(letter.id);
  std::vector<Marker> markers;
  learn_markers(to, moved, markers);
  ASSERT_EQ(markers.size(), letters.size()) << "a dead letter is missing";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    auto& letter = letters[i];
    letter.marker = markers[i];
    letter.claim.reset();
    if (plan_.dead_letter_ttl_seconds) {
      letter.ttl_seconds = *plan_.dead_letter_ttl_seconds;
      letter.expires = to.model.end_after(letter.ttl_seconds);
    }
    to.model.append(std::move(letter));
  }
  expect_equal(to.model.get(moved), text_of(suite_.get(to.address, moved)), "dead letters");
  expect_equal({}, text_of(suite_.get(from.address, moved)), "dead letters at their old place");
}

void RandomRun::get_claim(Side& side) {
  const auto id = pick_claim(side).id;
  note(fmt::format("get claim {} of {}", id.text, side.address.name.text()));
  const auto found = suite_.find_claim(side.address, id);
  expect_equal(side.model.claim_text(id), found ? std::optional(text_of(*found)) : std::nullopt,
               "claim");
}

void RandomRun::renew(Side& side) {
  const auto id = pick_claim(side).id;
  const ClaimTerms terms{kRasterSeconds * between(3, 15),
                         pick(3) == 0 ? between(-280, 0) : between(0, 120)};
  note(fmt::format("renew claim {} of {} for {} + {} s", id.text, side.address.name.text(),
                   terms.ttl_seconds, terms.grace_seconds));
  expect_equal(side.model.renew(id, terms), suite_.renew(side.address, id, terms),
               "whether the claim was live");
  const auto found = suite_.find_claim(side.address, id);
  expect_equal(side.model.claim_text(id), found ? std::optional(text_of(*found)) : std::nullopt,
               "renewed claim");
}

void RandomRun::release(Side& side) {
  const auto id = pick_claim(side).id;
  note(fmt::format("release claim {} of {}", id.text, side.address.name.text()));
  side.model.release(id);
  suite_.release(side.address, id);
}

// ---- time and the store -------------------------------------------------------------------

void RandomRun::advance(Side&) {
  std::int64_t millis = between(0, pick(3) == 0 ? 60'000 : 1'500);
  if (pick(4) == 0) millis = 1000 - now_ % 1000;  // to the very second
  if (pick(3) == 0) millis = 1000 * kRasterSeconds;
  note(fmt::format("advance {} ms", millis));
  suite_.advance(std::chrono::milliseconds(millis));
  set_model_time(std::max(now_ + millis, suite_.clock().utc_now()));
}

void RandomRun::step_wall(Side& side) {
  if (!plan_.step_wall) return;
  const auto millis = between(-30'000, 30'000);
  note(fmt::format("step the wall clock by {} ms", millis));
  suite_.clock().step_wall(std::chrono::milliseconds(millis));
  set_model_time(std::max(now_, suite_.clock().utc_now()));
  expect_equal(side.model.stats(), text_of(suite_.stats(side.address)), "statistics");
}

void RandomRun::collect_garbage(Side&) {
  note("collect garbage");
  suite_.store().collect_garbage();
  suite_.fixture().settle();
}

void RandomRun::recreate(Side& side) {
  note("remove and recreate " + side.address.name.text());
  suite_.remove_queue(side.address);
  side.model.clear();
  side.exists = false;
  create(side);
}

void RandomRun::remove_dead(Side&) {
  if (!dead_.exists) return;
  note("remove dead");
  suite_.remove_queue(dead_.address);
  dead_.model.clear();
  dead_.exists = false;
}

void RandomRun::reopen(Side&) {
  if (!plan_.reopen) return;
  note("reopen");
  plan_.reopen();
  compare_everything();
}

void RandomRun::create(Side& side) {
  expect_equal(true, suite_.create(side.address, side.metadata_json), "whether it was created");
  side.exists = true;
  side.model.max_claim_count = side.max_claim_count;
}

void RandomRun::compare_everything() {
  for (Side* side : {&main_, &dead_}) {
    if (!side->exists) continue;
    const Listing listing;
    expect_equal(side->model.list({.after = std::nullopt,
                                   .limit = listing.limit,
                                   .include_claimed = true,
                                   .include_delayed = true}),
                 text_of(suite_.list(side->address, listing)), "whole queue");
    expect_equal(side->model.stats(), text_of(suite_.stats(side->address)), "statistics");
  }
}

void RandomRun::set_model_time(base::UtcMillis now) {
  now_ = main_.model.now = dead_.model.now = now;
}

// ---- choices ------------------------------------------------------------------------------

std::uint64_t RandomRun::pick(std::uint64_t below) { return random_() % below; }

std::int64_t RandomRun::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(pick(static_cast<std::uint64_t>(high - low + 1)));
}

RandomRun::Side& RandomRun::pick_side() {
  Side& side = pick(5) == 0 ? dead_ : main_;
  if (!side.exists) {
    note("create " + side.address.name.text());
    create(side);
  }
  return side;
}

/// Mostly an id that may still be alive here; sometimes one of the other queue, or nonsense.
MessageId RandomRun::pick_id(Side& side) {
  const auto& ids = pick(10) == 0 ? (&side == &main_ ? dead_ : main_).ids : side.ids;
  if (ids.empty() || pick(30) == 0) return MessageId{pick(2) == 0 ? kForeignUuid : "nonsense"};
  return ids[ids.size() - 1 - pick(std::min<std::size_t>(ids.size(), 300))];
}

/// Mostly a claim that may still be live here; sometimes one of the other queue, or nonsense.
RandomRun::MadeClaim RandomRun::pick_claim(Side& side) {
  const auto& claims = pick(15) == 0 ? (&side == &main_ ? dead_ : main_).claims : side.claims;
  if (claims.empty() || pick(30) == 0) {
    return {ClaimId{pick(2) == 0 ? kForeignUuid : "nonsense"}, {}};
  }
  return claims[claims.size() - 1 - pick(std::min<std::size_t>(claims.size(), 20))];
}

// ---- reports ------------------------------------------------------------------------------

void RandomRun::note(std::string operation) {
  history_.push_back(std::move(operation));
  if (history_.size() > kHistoryShown) history_.pop_front();
}

template <class T>
void RandomRun::expect_equal(const T& model, const T& store, std::string_view what) {
  if (model == store) return;
  ADD_FAILURE() << what << " differ at the operation: " << history_.back() << "\nmodel:\n  "
                << written(model) << "\nstore:\n  " << written(store);
}

}  // namespace marconi::storage::contract
