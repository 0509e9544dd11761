#include "storage/contract/contract_suite.h"

#include <algorithm>
#include <exception>
#include <thread>

namespace marconi::storage::contract {

namespace {

/// Where in a second the tests begin, so that rounding shows.
constexpr base::UtcMillis kMillisIntoSecond = 250;

template <class Out, class Part>
std::vector<Out> each(const Page& page, Part Page::value_type::* part) {
  std::vector<Out> all;
  for (const auto& message : page) all.push_back(message.*part);
  return all;
}

}  // namespace

StoreContract::StoreContract() : fixture_(GetParam().make()) {
  const auto into_second = clock().utc_now() % 1000;
  advance(std::chrono::milliseconds((1000 + kMillisIntoSecond - into_second) % 1000));
}

// ---- queues -------------------------------------------------------------------------------

QueueAddress StoreContract::address(std::string_view name, ProjectId project) {
  return {std::move(project), domain::QueueName::from(name).value()};
}

domain::QueueMetadata StoreContract::metadata(std::string json) {
  auto parsed = domain::QueueMetadata::from_json(std::move(json));
  if (!parsed) throw std::runtime_error("no metadata: " + parsed.error().description);
  return *std::move(parsed);
}

std::string StoreContract::json_text(std::string json) { return metadata(std::move(json)).json(); }

bool StoreContract::create(const QueueAddress& queue, std::string metadata_json) {
  const auto made_of = metadata(std::move(metadata_json));
  return write([&](Call& call) { return store().queues().create(call, queue, made_of); });
}

QueueAddress StoreContract::new_queue(std::string_view name, std::string metadata_json) {
  auto queue = address(name);
  if (!create(queue, std::move(metadata_json))) throw std::runtime_error("the queue exists");
  return queue;
}

void StoreContract::remove_queue(const QueueAddress& queue) {
  write([&](Call& call) { return store().queues().remove(call, queue); });
}

bool StoreContract::exists(const QueueAddress& queue) {
  return read([&](Call& call) { return store().queues().find(call, queue); }) != nullptr;
}

std::string StoreContract::metadata_of(const QueueAddress& queue) {
  const auto found = read([&](Call& call) { return store().queues().find(call, queue); });
  if (!found) throw std::runtime_error("no such queue");
  return found->json();
}

std::vector<std::string> StoreContract::queue_names(const ProjectId& project, std::string after,
                                                    std::uint64_t limit,
                                                    domain::QueueFilter filter) {
  const QueueListRequest request{.after = std::move(after),
                                 .limit = limit,
                                 .with_metadata = false,
                                 .filter = std::move(filter)};
  std::vector<std::string> names;
  for (auto& entry :
       read([&](Call& call) { return store().queues().list(call, project, request); })) {
    names.push_back(std::move(entry.name));
  }
  return names;
}

std::uint64_t StoreContract::queue_count(const ProjectId& project) {
  return read([&](Call& call) { return store().queues().count(call, project); });
}

domain::QueueStats StoreContract::stats(const QueueAddress& queue) {
  return read([&](Call& call) { return store().queues().stats(call, queue); }).value();
}

// ---- messages -----------------------------------------------------------------------------

Ids StoreContract::post(const QueueAddress& queue, const Bodies& bodies, const Posting& posting) {
  std::vector<domain::NewMessage> messages;
  for (const auto& body : bodies) {
    messages.push_back({.body = body,
                        .ttl_seconds = posting.ttl_seconds,
                        .delay_seconds = posting.delay_seconds,
                        .checksum = ""});
  }
  return write(
      [&](Call& call) { return store().messages().post(call, queue, messages, posting.client); });
}

MessageId StoreContract::post_one(const QueueAddress& queue, const std::string& body,
                                  const Posting& posting) {
  return post(queue, {body}, posting).at(0);
}

Page StoreContract::list(const QueueAddress& queue, const Listing& listing) {
  const MessageListRequest request{.after = listing.after,
                                   .limit = listing.limit,
                                   .hide_client = listing.hide_client,
                                   .include_claimed = listing.include_claimed,
                                   .include_delayed = listing.include_delayed};
  return read([&](Call& call) { return store().messages().list(call, queue, request); });
}

Bodies StoreContract::alive(const QueueAddress& queue) { return bodies(list(queue)); }

Bodies StoreContract::free(const QueueAddress& queue) {
  return bodies(list(queue, {.include_claimed = false, .include_delayed = false}));
}

Page StoreContract::get(const QueueAddress& queue, const Ids& ids) {
  return read([&](Call& call) { return store().messages().get(call, queue, ids); });
}

domain::Message StoreContract::get_one(const QueueAddress& queue, const MessageId& id) {
  return get(queue, {id}).at(0);
}

DeleteOutcome StoreContract::remove(const QueueAddress& queue, const MessageId& id,
                                    const std::optional<ClaimId>& claim) {
  return write([&](Call& call) { return store().messages().remove(call, queue, id, claim); });
}

void StoreContract::remove_many(const QueueAddress& queue, const Ids& ids) {
  write([&](Call& call) { return store().messages().remove_many(call, queue, ids); });
}

DeleteOutcome StoreContract::remove_many_claimed(const QueueAddress& queue, const Ids& ids,
                                                 const std::vector<ClaimId>& claims) {
  return write(
      [&](Call& call) { return store().messages().remove_many_claimed(call, queue, ids, claims); });
}

Page StoreContract::pop(const QueueAddress& queue, std::uint64_t limit) {
  return write([&](Call& call) { return store().messages().pop(call, queue, limit); });
}

void StoreContract::purge(const QueueAddress& queue) {
  write([&](Call& call) { return store().messages().purge(call, queue); });
}

// ---- claims -------------------------------------------------------------------------------

std::optional<domain::Claim> StoreContract::try_claim(const QueueAddress& queue,
                                                      const Claiming& claiming) {
  const ClaimTerms terms{claiming.ttl_seconds, claiming.grace_seconds};
  return write(
      [&](Call& call) { return store().claims().create(call, queue, terms, claiming.limit); });
}

domain::Claim StoreContract::claim(const QueueAddress& queue, const Claiming& claiming) {
  return try_claim(queue, claiming).value();
}

std::optional<domain::Claim> StoreContract::find_claim(const QueueAddress& queue,
                                                       const ClaimId& id) {
  auto result = attempt([&](Call& call) { return store().claims().get(call, queue, id); });
  if (!result && result.error().kind == base::ErrorKind::claim_missing) return std::nullopt;
  return std::move(result).value();
}

bool StoreContract::renew(const QueueAddress& queue, const ClaimId& id, const ClaimTerms& terms) {
  const auto result =
      attempt([&](Call& call) { return store().claims().renew(call, queue, id, terms); });
  fixture_->settle();
  if (!result && result.error().kind == base::ErrorKind::claim_missing) return false;
  result.value();
  return true;
}

void StoreContract::release(const QueueAddress& queue, const ClaimId& id) {
  write([&](Call& call) { return store().claims().release(call, queue, id); });
}

// ---- threads ------------------------------------------------------------------------------

void StoreContract::in_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::jthread> threads;
  for (std::size_t index = 0; index < count; ++index) {
    threads.emplace_back([&work, index] {
      try {
        work(index);
      } catch (const std::exception& error) {
        ADD_FAILURE() << "in thread " << index << ": " << error.what();
      }
    });
  }
}

// ---- the rest -----------------------------------------------------------------------------

void DurableStoreContract::reopen() {
  if (!fixture().reopen()) throw std::runtime_error("the store keeps nothing");
}

Bodies bodies(const Page& page) { return each<std::string>(page, &domain::Message::body); }

Ids ids(const Page& page) { return each<MessageId>(page, &domain::Message::id); }

std::vector<Marker> markers(const Page& page) {
  return each<Marker>(page, &domain::Message::marker);
}

}  // namespace marconi::storage::contract
