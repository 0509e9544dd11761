// Further hosts on the databases of a fixture, each with its own connections, ids and clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/contract/contract_suite.h"
#include "storage/mongodb/suite_harness.h"
#include "storage/mongodb/wire_harness.h"

namespace marconi::storage::contract {

/// Ids of a host with this source of randomness have no higher ones in the same second (255), or no
/// lower ones (0).
class SameOctets final : public base::Random {
 public:
  explicit SameOctets(std::uint8_t octet) : octet_(octet) {}
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{octet_}); }

 private:
  std::uint8_t octet_;
};

/// The fixture's time, and so much more.
class ShiftedTime final : public mongodb::TimeSource {
 public:
  ShiftedTime(TestTime& time, std::chrono::milliseconds shift) : time_(time), shift_(shift) {}
  [[nodiscard]] mongodb::Moment now() override {
    return mongodb::Moment(time_.now().millis() + shift_.count());
  }

 private:
  TestTime& time_;
  std::chrono::milliseconds shift_;
};

/// How a host differs from the fixture's own.
struct HostTraits {
  bool one_by_one = false;  ///< writes of a series go separately, so that it can die between them
  base::Random* random = nullptr;
  std::chrono::milliseconds clock_shift{0};
  std::chrono::seconds gap_hold{0};
};

class Host {
 public:
  explicit Host(MongodbFixture& fixture, const HostTraits& traits = {}) {
    auto options = fixture.options();
    options.gap_hold = traits.gap_hold;
    auto clients = mongodb::Clients::of(options).value();
    clients.management =
        std::make_unique<WiredClient>(std::move(clients.management), wire_, traits.one_by_one);
    clients.messages =
        std::make_unique<WiredClient>(std::move(clients.messages), wire_, traits.one_by_one);
    auto opened = mongodb::open(options, std::move(clients),
                                std::make_unique<ShiftedTime>(fixture.time(), traits.clock_shift),
                                traits.random ? *traits.random : random_);
    if (!opened) throw std::runtime_error(opened.error().description);
    store_ = *std::move(opened);
    wire_.clear();
  }

  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Wire& wire() { return wire_; }

  Result<Ids> post(const QueueAddress& queue, const Bodies& bodies) {
    std::vector<domain::NewMessage> messages;
    for (const auto& body : bodies) messages.push_back({.body = body, .ttl_seconds = 3600});
    return store_->messages().post(call_, queue, messages, kAlice);
  }

  [[nodiscard]] Page list(const QueueAddress& queue, std::optional<Marker> after = std::nullopt,
                          std::uint64_t limit = 1000) {
    return store_->messages()
        .list(call_, queue,
              {.after = after, .limit = limit, .include_claimed = true, .include_delayed = true})
        .value();
  }

  Result<std::optional<domain::Claim>> claim(const QueueAddress& queue, std::uint64_t limit = 10) {
    return store_->claims().create(call_, queue, {300, 60}, limit);
  }

  Result<DeleteOutcome> remove(const QueueAddress& queue, const MessageId& id,
                               const std::optional<ClaimId>& claim = std::nullopt) {
    return store_->messages().remove(call_, queue, id, claim);
  }

  Result<void> remove_queue(const QueueAddress& queue) {
    return store_->queues().remove(call_, queue);
  }

  Result<void> purge(const QueueAddress& queue) { return store_->messages().purge(call_, queue); }

  Result<bool> create_queue(const QueueAddress& queue) {
    return store_->queues().create(call_, queue, {});
  }

  Result<domain::SharedQueueMetadata> find(const QueueAddress& queue) {
    return store_->queues().find(call_, queue);
  }

 private:
  Call call_{base::Patience::may_wait};
  base::SystemRandom random_;
  Wire wire_;
  std::unique_ptr<Store> store_;
};

/// Polls a queue with the markers it is given, as a client does that must miss nothing.
class Observer {
 public:
  Observer(Host& host, QueueAddress queue, std::uint64_t limit = 1000)
      : host_(&host), queue_(std::move(queue)), limit_(limit) {}

  /// Reads one page; returns all that was seen so far.
  const Bodies& poll() {
    for (const auto& message : host_->list(queue_, after_, limit_)) {
      seen_.push_back(message.body);
      after_ = message.marker;
    }
    return seen_;
  }

  void move_to(Host& host) { host_ = &host; }

 private:
  Host* host_;
  QueueAddress queue_;
  std::uint64_t limit_;
  std::optional<Marker> after_;
  Bodies seen_;
};

// ---- tests ------------------------------------------------------------------------------------

class MongodbHosts : public MongodbStore {
 public:
  [[nodiscard]] Host host(const HostTraits& traits = {}) { return Host(mongodb_fixture(), traits); }

  /// The steps of a post before which another can be made. Later ones hold it up: an open
  /// transaction, or what is shown and not yet counted.
  [[nodiscard]] std::vector<std::string> steps_that_let_others_post() {
    if (has_transactions()) return {"modify queues"};
    if (options().placement.fifo && options().mixed_operation) return {"insert messages"};
    return {"insert messages", "modify queues", "update messages"};
  }

  /// Hours pass, and the database removes what has expired of a collection.
  void hours_pass(const mongodb::CollectionName& where) {
    advance(std::chrono::hours(2));
    write_to(where,
             {.kind = mongodb::Write::Kind::remove_many,
              .filter = {{"e", mongodb::Document{{"$lte", mongodb::Date{clock().utc_now()}}}}},
              .change = {}});
  }
};

inline StoreUnderTest setting(std::string name, const Setting& setting) {
  return {std::move(name), [=] { return std::make_unique<MongodbFixture>(setting); }};
}

inline const auto kPlain = setting("plain", {});
inline const auto kFifo = setting("fifo", {.fifo = true, .mixed_operation = false});
inline const auto kSharedFifo = setting("sharedfifo", {.fifo = true});

}  // namespace marconi::storage::contract
