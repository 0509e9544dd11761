// What clients see when the store fails, has to wait, or answers on the strength of a change that
// is not durable yet.
#include <gtest/gtest.h>

#include <string>

#include "api/api_assertions.h"
#include "api/api_harness.h"
#include "service/failing_store.h"

namespace marconi::api {
namespace {

struct FailingOperation {
  std::string method;
  std::string target;
  std::string body;
  std::string failure;  ///< the sentence; empty if the answer has no document
};

const std::string kV1Post = R"([{"ttl": 60, "body": 1}])";
const std::string kPost = R"({"messages": [{"body": 1}]})";
const std::string kV1Claim = R"({"ttl": 60, "grace": 60})";
const std::string kPatch = R"([{"op": "add", "path": "/metadata/a", "value": 1}])";

std::vector<FailingOperation> shared_operations(const std::string& version) {
  const std::string queue = "/" + version + "/queues/q";
  const bool old = version == "v1";
  return {
      {"GET", "/" + version + "/queues", "", "Queues could not be listed."},
      {"PUT", queue, "", "Queue could not be created."},
      {"DELETE", queue, "", "Queue could not be deleted."},
      {"GET", queue + "/stats", "", "Queue stats could not be read."},
      {"POST", queue + "/messages", old ? kV1Post : kPost, "Messages could not be enqueued."},
      {"GET", queue + "/messages", "", "Messages could not be listed."},
      {"GET", queue + "/messages?ids=a", "", "Message could not be retrieved."},
      {"DELETE", queue + "/messages?ids=a", "", "Messages could not be deleted."},
      {"GET", queue + "/messages/m", "", "Message could not be retrieved."},
      {"DELETE", queue + "/messages/m", "", "Message could not be deleted."},
      {"POST", queue + "/claims", kV1Claim, "Claim could not be created."},
      {"GET", queue + "/claims/c", "", "Claim could not be queried."},
      {"PATCH", queue + "/claims/c", kV1Claim, "Claim could not be updated."},
      {"DELETE", queue + "/claims/c", "", "Claim could not be deleted."},
  };
}

std::vector<FailingOperation> all_operations() {
  std::vector<FailingOperation> all = {
      {"GET", "/v1/health", "", ""},
      {"GET", "/v1.1/ping", "", ""},
      {"GET", "/v2/ping", "", ""},
      {"GET", "/v1/queues/q", "", "Queue could not be retrieved."},
      {"GET", "/v1/queues/q/metadata", "", "Queue metadata could not be retrieved."},
      {"PUT", "/v1/queues/q/metadata", "{}", "Metadata could not be updated."},
      {"GET", "/v1.1/queues/q", "", "Queue metadata could not be retrieved."},
      {"DELETE", "/v1.1/queues/q/messages?pop=1", "", "Messages could not be popped."},
      {"GET", "/v2/queues/q", "", "Queue metadata could not be retrieved."},
      {"DELETE", "/v2/queues/q/messages?pop=1", "", "Messages could not be popped."},
      {"PATCH", "/v2/queues/q", kPatch, "Queue could not be updated."},
      {"POST", "/v2/queues/q/purge", "", "Queue could not be purged."},
  };
  for (const std::string version : {"v1", "v1.1", "v2"}) {
    for (auto& operation : shared_operations(version)) all.push_back(std::move(operation));
  }
  return all;
}

Ask to_ask(const FailingOperation& operation) {
  Ask ask = operation.body.empty() ? Ask(operation.method, operation.target)
                                   : Ask(operation.method, operation.target, operation.body);
  return ask.with("Content-Type", "application/openstack-messaging-v2.0-json-patch");
}

class FailingStorage : public testing::TestWithParam<FailingOperation> {
 protected:
  base::ManualClock clock{0};
};

TEST_P(FailingStorage, is_a_503_with_the_words_of_the_operation) {
  for (const auto kind : {base::ErrorKind::unavailable, base::ErrorKind::internal}) {
    service::FailingStore store(kind);
    Harness api(store, clock);
    const Answer answer = api(to_ask(GetParam()));
    if (GetParam().failure.empty()) {
      expect_json(answer, 503, "");
      EXPECT_EQ(answer.header("Vary"), std::nullopt);
    } else {
      expect_error(answer, wire::unavailable(GetParam().failure));
    }
    EXPECT_GT(store.calls(), 0);
  }
}

TEST_P(FailingStorage, that_would_have_to_wait_is_handed_through) {
  service::FailingStore store(base::ErrorKind::would_block);
  Harness api(store, clock);
  EXPECT_TRUE(api(to_ask(GetParam()), base::Patience::immediate).response.would_block);
  EXPECT_EQ(store.calls(), 1);
}

INSTANTIATE_TEST_SUITE_P(AllOperations, FailingStorage, testing::ValuesIn(all_operations()));

TEST(FailingStorageElsewhere, liveness_by_head_does_not_ask_the_store) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::unavailable);
  Harness api(store, clock);
  for (const std::string target : {"/v1/health", "/v1.1/ping", "/v2/ping"}) {
    expect_no_content(api(Ask("HEAD", target)));
  }
  EXPECT_EQ(store.calls(), 0);
}

TEST(FailingStorageElsewhere, existence_by_head_fails_without_a_body) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::unavailable);
  Harness api(store, clock);
  const Answer answer = api(Ask("HEAD", "/v1/queues/q"));
  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(answer.body(), "");
  EXPECT_GT(answer.response.announced_length.value_or(0), 0U);
}

TEST(FailingStorageElsewhere, what_is_wrong_with_the_request_is_said_first) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::unavailable);
  Harness api(store, clock);
  expect_error(api(Ask("POST", "/v1/queues/q/messages", "[]")), wire::no_msg());
  expect_error(api(Ask("POST", "/v1.1/queues/q/messages", "{}")), wire::no_msg_key());
  expect_error(api(Ask("POST", "/v2/queues/q/claims", R"({"ttl": 1})")), wire::claim_ttl());
  expect_error(api(Ask("GET", "/v2/queues/q/messages?limit=0")), wire::limit_m());
  EXPECT_EQ(store.calls(), 0);
}

TEST(FailingStorageElsewhere, health_reports_an_unreachable_store) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::unavailable);
  ApiOptions options;
  options.admin_mode = true;
  Harness api(store, clock, options);
  const Answer answer = api(Ask("GET", "/v2/health").with("X-Roles", "admin"));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.body().starts_with(
      R"({"storage_reachable": false, "operation_status": {"create_queue": {"succeeded": false, )"))
      << answer.body();
  EXPECT_EQ(between(answer.body(), "\"ref\": \"", "\"").size(), 36U);
  EXPECT_TRUE(answer.body().ends_with("\"}}}"));
}

TEST(FailingStorageElsewhere, health_itself_can_fail) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::internal);
  ApiOptions options;
  options.admin_mode = true;
  Harness api(store, clock, options);
  expect_error(api(Ask("GET", "/v1.1/health")),
               wire::unavailable("Health status could not be read."));
}

TEST(FailingStorageElsewhere, health_cannot_be_told_without_waiting) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::unavailable);
  ApiOptions options;
  options.admin_mode = true;
  Harness api(store, clock, options);
  EXPECT_TRUE(api(Ask("GET", "/v1.1/health"), base::Patience::immediate).response.would_block);
  EXPECT_EQ(store.calls(), 0);
}

TEST(CommitFailure, is_a_503_in_the_words_of_the_operation) {
  base::ManualClock clock(0);
  service::FailingStore store(base::ErrorKind::unavailable);
  Harness api(store, clock);
  expect_error(api.after_failed_commit(Ask("POST", "/v2/queues/q/messages", kPost)),
               wire::unavailable("Messages could not be enqueued."));
  EXPECT_EQ(api.after_failed_commit(Ask("GET", "/nowhere")).status(), 503);
  EXPECT_EQ(api.application().on_overload().status, 503);
}

// ---- durability
// -----------------------------------------------------------------------------------

/// Queues whose every answer rests on a pending change.
class PendingQueues final : public storage::QueueStore {
 public:
  using Address = domain::QueueAddress;
  template <class T>
  using Result = base::Result<T>;

  Result<bool> create(base::Call& call, const Address&, const domain::QueueMetadata&) override {
    call.rests_on({7});
    return false;
  }
  Result<domain::SharedQueueMetadata> find(base::Call& call, const Address&) override {
    call.rests_on({5});
    return nullptr;
  }
  Result<domain::SharedQueueMetadata> update(base::Call&, const Address&,
                                             const storage::MetadataChange&) override {
    return base::fail(base::ErrorKind::queue_missing);
  }
  Result<void> remove(base::Call&, const Address&) override { return {}; }
  Result<std::vector<storage::QueueEntry>> list(base::Call&, const domain::ProjectId&,
                                                const storage::QueueListRequest&) override {
    return {};
  }
  Result<std::uint64_t> count(base::Call&, const domain::ProjectId&) override { return 0; }
  Result<std::optional<domain::QueueStats>> stats(base::Call& call, const Address&) override {
    call.rests_on({9});
    return std::nullopt;
  }
};

TEST(Durability, answers_carry_the_ticket_they_rest_on) {
  base::ManualClock clock(0);
  base::SystemRandom random;
  storage::memory::MemoryStore store(clock, random);
  PendingQueues pending;
  const domain::Limits limits;
  const service::QueueService queues(pending, limits);
  const service::MessageService messages(pending, store.messages(), limits);
  const service::ClaimService claims(store.claims(), limits);
  const service::HealthService health(store, clock, random);
  Application application({queues, messages, claims, health}, {});
  const auto ticket = [&](std::string_view method, std::string_view target) {
    Request request;
    request.method = method;
    request.target = target;
    const std::vector<Header> headers = {{"Client-ID", kClient}, {"X-Project-Id", "acme"}};
    request.headers = headers;
    return application.handle(request, base::Patience::immediate).ticket.value;
  };
  EXPECT_EQ(ticket("PUT", "/v2/queues/q"), 7U);        // 204: it was there already
  EXPECT_EQ(ticket("GET", "/v1/queues/q/stats"), 9U);  // 404
  EXPECT_EQ(ticket("GET", "/v1/queues/q"), 5U);        // 404
  EXPECT_EQ(ticket("GET", "/v2/ping"), 0U);
}

}  // namespace
}  // namespace marconi::api
