// The storage contract as an executable: tests that every driver passes unchanged.
//
// A driver's test program links `marconi_storage_contract` and says
//
//   using contract::StoreContract;
//   INSTANTIATE_TEST_SUITE_P(Embedded, StoreContract, testing::Values(…), contract::name_of);
//
// and the same for DurableStoreContract if it keeps its data when it is closed.
//
// The helpers below make tests read as sentences. They repeat calls that would block, wait for
// writes to settle before they return, and throw on errors (which fails the test), so that only
// tests about errors have to look at one. Where nothing else is said, all happens in the project
// "project", messages live for an hour and come from the client `kAlice`.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "storage/contract/store_under_test.h"

namespace marconi::storage::contract {

using Bodies = std::vector<std::string>;
using Ids = std::vector<MessageId>;
using Page = std::vector<domain::Message>;

inline const ClientId kAlice("3381af92-2b9e-11e3-b191-71861300734c");
inline const ClientId kBob("30387f00-39a0-11e2-be4d-a3e2aa2c7b80");

/// A well-formed id that no store gave out.
inline const std::string kForeignUuid = "5b0c9f3e-77f1-4d7a-9a54-2f4c1f6f8a01";

/// How messages are posted.
struct Posting {
  std::int64_t ttl_seconds = 3600;
  std::int64_t delay_seconds = 0;
  ClientId client = kAlice;
};

/// How messages are listed: as an observer does who hides nothing from himself.
struct Listing {
  std::optional<Marker> after = std::nullopt;
  std::uint64_t limit = 10'000;
  const ClientId* hide_client = nullptr;
  bool include_claimed = true;
  bool include_delayed = true;
};

/// How messages are claimed.
struct Claiming {
  std::uint64_t limit = 10'000;
  std::int64_t ttl_seconds = 300;
  std::int64_t grace_seconds = 60;
};

class StoreContract : public testing::TestWithParam<StoreUnderTest> {
 public:
  StoreContract();

  [[nodiscard]] Fixture& fixture() { return *fixture_; }
  [[nodiscard]] Store& store() { return fixture_->store(); }

  // ---- calls ----

  /// Makes a call, again and patiently if it would block.
  template <class Operation>
  static auto attempt(Operation&& operation) {
    Call call(base::Patience::immediate);
    auto result = operation(call);
    if (result || result.error().kind != base::ErrorKind::would_block) return result;
    Call patient(base::Patience::may_wait);
    return operation(patient);
  }

  /// The value of a call that has to succeed.
  template <class Operation>
  static auto read(Operation&& operation) {
    auto result = attempt(std::forward<Operation>(operation));
    if (!result) throw std::runtime_error("the store failed: " + result.error().description);
    if constexpr (!std::is_void_v<typename decltype(result)::value_type>) {
      return std::move(*result);
    }
  }

  /// The same, and the change is durable and visible afterwards.
  template <class Operation>
  auto write(Operation&& operation) {
    struct SettleOnExit {
      Fixture& fixture;
      ~SettleOnExit() { fixture.settle(); }
    } settle_on_exit{*fixture_};
    return read(std::forward<Operation>(operation));
  }

  // ---- time ----

  [[nodiscard]] base::ManualClock& clock() { return fixture_->clock(); }
  void advance(std::chrono::milliseconds by) { clock().advance(by); }

  // ---- queues ----

  [[nodiscard]] static QueueAddress address(std::string_view name,
                                            ProjectId project = ProjectId("project"));
  [[nodiscard]] static domain::QueueMetadata metadata(std::string json);
  /// The text of the metadata made of this JSON.
  [[nodiscard]] static std::string json_text(std::string json);

  bool create(const QueueAddress& queue, std::string metadata_json = "{}");
  /// Creates a queue that did not exist.
  QueueAddress new_queue(std::string_view name, std::string metadata_json = "{}");
  void remove_queue(const QueueAddress& queue);
  [[nodiscard]] bool exists(const QueueAddress& queue);
  /// The text of the metadata of a queue that exists.
  [[nodiscard]] std::string metadata_of(const QueueAddress& queue);
  [[nodiscard]] std::vector<std::string> queue_names(const ProjectId& project,
                                                     std::string after = "",
                                                     std::uint64_t limit = 10'000,
                                                     domain::QueueFilter filter = {});
  [[nodiscard]] std::uint64_t queue_count(const ProjectId& project);
  /// Of a queue that exists.
  [[nodiscard]] domain::QueueStats stats(const QueueAddress& queue);

  // ---- messages ----

  Ids post(const QueueAddress& queue, const Bodies& bodies, const Posting& posting = {});
  /// Posts one message.
  MessageId post_one(const QueueAddress& queue, const std::string& body,
                     const Posting& posting = {});
  [[nodiscard]] Page list(const QueueAddress& queue, const Listing& listing = {});
  /// The bodies of all messages that are alive, claimed and delayed ones included.
  [[nodiscard]] Bodies alive(const QueueAddress& queue);
  /// The bodies of the messages that are neither claimed nor delayed.
  [[nodiscard]] Bodies free(const QueueAddress& queue);
  [[nodiscard]] Page get(const QueueAddress& queue, const Ids& ids);
  /// A message that exists.
  [[nodiscard]] domain::Message get_one(const QueueAddress& queue, const MessageId& id);
  DeleteOutcome remove(const QueueAddress& queue, const MessageId& id,
                       const std::optional<ClaimId>& claim = std::nullopt);
  void remove_many(const QueueAddress& queue, const Ids& ids);
  DeleteOutcome remove_many_claimed(const QueueAddress& queue, const Ids& ids,
                                    const std::vector<ClaimId>& claims);
  Page pop(const QueueAddress& queue, std::uint64_t limit);
  void purge(const QueueAddress& queue);

  // ---- claims ----

  std::optional<domain::Claim> try_claim(const QueueAddress& queue, const Claiming& claiming = {});
  /// Claims where there is something to claim.
  domain::Claim claim(const QueueAddress& queue, const Claiming& claiming = {});
  /// The claim if it is live.
  [[nodiscard]] std::optional<domain::Claim> find_claim(const QueueAddress& queue,
                                                        const ClaimId& id);
  /// False if there is no such live claim.
  bool renew(const QueueAddress& queue, const ClaimId& id, const ClaimTerms& terms);
  void release(const QueueAddress& queue, const ClaimId& id);

  // ---- threads ----

  /// Runs `work(0)` … `work(count - 1)` in a thread each and waits for all; an exception in one of
  /// them fails the test.
  static void in_threads(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  std::unique_ptr<Fixture> fixture_;
};

/// For drivers that keep their data when they are closed.
class DurableStoreContract : public StoreContract {
 public:
  /// Closes and opens the store.
  void reopen();
};

[[nodiscard]] Bodies bodies(const Page& page);
[[nodiscard]] Ids ids(const Page& page);
[[nodiscard]] std::vector<Marker> markers(const Page& page);

/// Names the instantiated tests after their store.
[[nodiscard]] inline std::string name_of(const testing::TestParamInfo<StoreUnderTest>& info) {
  return info.param.name;
}

}  // namespace marconi::storage::contract
