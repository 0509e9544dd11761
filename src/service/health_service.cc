#include "service/health_service.h"

#include <chrono>
#include <utility>

namespace marconi::service {

namespace {

constexpr std::size_t kTestMessages = 100;
constexpr std::int64_t kTestMessageTtlSeconds = 600;
constexpr storage::ClaimTerms kTestClaimTerms{.ttl_seconds = 60, .grace_seconds = 300};
constexpr std::uint64_t kTestPage = 10;

/// One run of the self-test. Each step leaves behind what later steps need.
class SelfTest {
 public:
  SelfTest(storage::Store& store, const base::Clock& clock, base::Random& random,
           const HealthFailureListener& on_failure, Call& call)
      : store_(store),
        clock_(clock),
        random_(random),
        on_failure_(on_failure),
        call_(call),
        queue_{domain::ProjectId(random_uuid(random)),
               *domain::QueueName::from(random_uuid(random))} {}

  std::vector<OperationHealth> run() {
    if (!measure("create_queue",
                 [&] { return store_.queues().create(call_, queue_, domain::QueueMetadata()); })) {
      return std::move(done_);
    }
    if (measure("post_messages", [&] { return post_messages(); })) use_messages();
    measure("delete_queue", [&] { return store_.queues().remove(call_, queue_); });
    return std::move(done_);
  }

 private:
  void use_messages() {
    const bool claimed = measure("claim_messages", [&] { return claim_messages(); });
    measure("list_messages", [&] { return list_messages(); });
    if (claimed) {
      delete_claimed_messages();
      measure("delete_claim", [&] { return store_.claims().release(call_, queue_, claim_.id); });
    }
    measure("bulk_delete_messages",
            [&] { return store_.messages().remove_many(call_, queue_, ids_); });
  }

  Result<void> post_messages() {
    domain::NewMessage message;
    message.body = "{}";
    message.ttl_seconds = kTestMessageTtlSeconds;
    const std::vector messages(kTestMessages, message);
    auto ids =
        store_.messages().post(call_, queue_, messages, domain::ClientId(random_uuid(random_)));
    if (!ids) return std::unexpected(ids.error());
    ids_ = std::move(*ids);
    return {};
  }

  Result<void> claim_messages() {
    auto claim = store_.claims().create(call_, queue_, kTestClaimTerms, kTestPage);
    if (!claim) return std::unexpected(claim.error());
    if (!*claim) return base::fail(base::ErrorKind::internal, "nothing to claim after a post");
    claim_ = std::move(**claim);
    return {};
  }

  Result<std::vector<domain::Message>> list_messages() {
    storage::MessageListRequest page;
    page.limit = kTestPage;
    page.include_claimed = true;
    return store_.messages().list(call_, queue_, page);
  }

  /// The figures of the last deletion stand for all; the first failure ends the series.
  void delete_claimed_messages() {
    for (std::size_t i = 0; i < claim_.messages.size(); ++i) {
      if (i > 0) done_.pop_back();
      if (!measure("delete_messages", [&] {
            return store_.messages().remove(call_, queue_, claim_.messages[i].id, claim_.id);
          })) {
        return;
      }
    }
  }

  /// Runs one step and records how it went.
  template <class Step>
  bool measure(std::string_view name, Step step) {
    const auto start = clock_.monotonic_now();
    const auto result = step();
    const std::chrono::duration<double> taken = clock_.monotonic_now() - start;
    done_.push_back({name, result.has_value(), taken.count(), {}});
    if (!result) {
      done_.back().failure_ref = random_uuid(random_);
      if (on_failure_) on_failure_(name, done_.back().failure_ref, result.error());
    }
    return result.has_value();
  }

  storage::Store& store_;
  const base::Clock& clock_;
  base::Random& random_;
  const HealthFailureListener& on_failure_;
  Call& call_;
  const domain::QueueAddress queue_;
  std::vector<domain::MessageId> ids_;
  domain::Claim claim_;
  std::vector<OperationHealth> done_;
};

}  // namespace

Result<void> HealthService::ping(Call& call) const { return store_.ping(call); }

Result<HealthReport> HealthService::self_test(Call& call) const {
  if (!call.may_wait()) return base::fail(base::ErrorKind::would_block);
  HealthReport report;
  const auto reached = store_.ping(call);
  if (!reached && reached.error().kind != base::ErrorKind::unavailable) {
    return std::unexpected(reached.error());
  }
  report.storage_reachable = reached.has_value();
  report.operations = SelfTest(store_, clock_, random_, on_failure_, call).run();
  return report;
}

}  // namespace marconi::service
