// The rules of queues, messages and claims, asked without an API around them.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "domain/errors.h"
#include "service/claim_service.h"
#include "service/failing_store.h"
#include "service/health_service.h"
#include "service/message_service.h"
#include "service/queue_service.h"
#include "storage/memory/memory_store.h"

namespace marconi::service {
namespace {

using base::ErrorKind;

class Services : public testing::Test {
 protected:
  Services() { EXPECT_TRUE(*queues.create(call, queue, "{}")); }

  static domain::NewMessage message(std::int64_t ttl_seconds, std::int64_t delay_seconds = 0) {
    domain::NewMessage out;
    out.body = "1";
    out.ttl_seconds = ttl_seconds;
    out.delay_seconds = delay_seconds;
    return out;
  }

  base::Result<std::vector<domain::MessageId>> post(const domain::QueueAddress& to,
                                                    MissingQueue missing) {
    const std::vector batch = {message(60)};
    return messages.post(call, to, batch, client, *messages.posting_terms(call, to), missing);
  }

  base::ManualClock clock{1'000'000};
  base::SystemRandom random;
  storage::memory::MemoryStore store{clock, random};
  const domain::Limits limits;
  QueueService queues{store.queues(), limits};
  MessageService messages{store.queues(), store.messages(), limits};
  ClaimService claims{store.claims(), limits};
  HealthService health{store, clock, random};
  base::Call call{base::Patience::may_wait};
  const domain::QueueAddress queue{domain::ProjectId("acme"), *domain::QueueName::from("orders")};
  const domain::QueueAddress absent{domain::ProjectId("acme"), *domain::QueueName::from("absent")};
  const domain::ClientId client{"3381af92-2b9e-11e3-b191-71861300734c"};
};

TEST_F(Services, creating_twice_keeps_the_first_metadata) {
  EXPECT_TRUE(*queues.create(call, absent, R"({"a": 1})"));
  EXPECT_FALSE(*queues.create(call, absent, R"({"a": 2})"));
  EXPECT_EQ((*queues.get(call, absent))->json(), R"({"a": 1})");
}

TEST_F(Services, create_refuses_metadata_that_breaks_a_rule_even_for_an_existing_queue) {
  const auto refused = queues.create(call, queue, R"({"_default_message_ttl": 1})");
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().title, "Invalid API request");
}

TEST_F(Services, a_missing_queue_has_words) {
  EXPECT_EQ(queues.get(call, absent).error().description,
            "Queue absent does not exist for project acme");
  EXPECT_EQ(queues.replace_metadata(call, absent, "{}").error().kind, ErrorKind::queue_missing);
  EXPECT_EQ(queues.change_metadata(call, absent, {}).error().title, "Not found");
  EXPECT_EQ(*queues.find(call, absent), nullptr);
}

TEST_F(Services, queue_lists_are_bounded) {
  QueueListQuery query;
  for (const std::int64_t limit : {INT64_MIN, std::int64_t{0}, std::int64_t{21}, INT64_MAX}) {
    query.limit = limit;
    EXPECT_EQ(queues.list(call, queue.project, query).error().description,
              "Limit must be at least 1 and no greater than 20.");
  }
  query.limit = 20;
  query.with_count = true;
  const auto page = queues.list(call, queue.project, query);
  EXPECT_EQ(page->queues.size(), 1U);
  EXPECT_EQ(page->count, 1U);
}

TEST_F(Services, posting_to_a_missing_queue_creates_it_or_not) {
  EXPECT_EQ(post(absent, MissingQueue::refuse).error().kind, ErrorKind::queue_missing);
  EXPECT_EQ(*queues.find(call, absent), nullptr);
  EXPECT_EQ(post(absent, MissingQueue::create)->size(), 1U);
  EXPECT_NE(*queues.find(call, absent), nullptr);
}

TEST_F(Services, posting_terms_come_from_the_queue_and_fall_back_to_the_limits) {
  EXPECT_FALSE(messages.posting_terms(call, absent)->queue_exists);
  EXPECT_EQ(messages.posting_terms(call, absent)->default_ttl_seconds, 3600);
  ASSERT_TRUE(queues
                  .replace_metadata(call, queue,
                                    R"({"_default_message_ttl": 100, "_default_message_delay": 5,
                                        "_max_messages_post_size": 70})")
                  .has_value());
  const auto terms = messages.posting_terms(call, queue);
  EXPECT_TRUE(terms->queue_exists);
  EXPECT_EQ(terms->default_ttl_seconds, 100);
  EXPECT_EQ(terms->default_delay_seconds, 5);
  EXPECT_TRUE(messages.check_post_size(70, terms->queue_max_bytes).has_value());
  EXPECT_FALSE(messages.check_post_size(71, terms->queue_max_bytes).has_value());
  EXPECT_FALSE(messages.check_post_size(UINT64_MAX, std::nullopt).has_value());
}

TEST_F(Services, messages_are_checked_one_by_one) {
  const auto check = [&](std::vector<domain::NewMessage> batch) {
    const auto checked = messages.check(batch);
    return checked ? std::string() : checked.error().description;
  };
  EXPECT_EQ(check({message(60), message(1209600, 900)}), "");
  EXPECT_EQ(check({}), "No messages to enqueu.");
  EXPECT_TRUE(check({message(60), message(59)}).starts_with("The TTL"));
  EXPECT_TRUE(check({message(1209601)}).starts_with("The TTL"));
  EXPECT_TRUE(check({message(60, 901), message(1)}).starts_with("The Delay TTL"));
  EXPECT_TRUE(check({message(60, -1)}).starts_with("The Delay TTL"));
  EXPECT_EQ(check(std::vector(1000, message(60))), "");
  EXPECT_NE(check(std::vector(1001, message(60))), "");
}

TEST_F(Services, a_marker_that_is_none_gives_an_empty_page) {
  ASSERT_TRUE(post(queue, MissingQueue::refuse).has_value());
  MessageListQuery query;
  EXPECT_EQ(messages.list(call, queue, query)->messages.size(), 1U);
  query.marker = "bogus";
  EXPECT_TRUE(messages.list(call, queue, query)->messages.empty());
}

TEST_F(Services, delays_count_only_where_the_queue_knows_them) {
  MessageListQuery query;
  EXPECT_FALSE(messages.list(call, queue, query)->delayed_forced);
  query.delays_need_queue_option = true;
  EXPECT_TRUE(messages.list(call, queue, query)->delayed_forced);
  EXPECT_TRUE(messages.list(call, absent, query)->delayed_forced);
  ASSERT_TRUE(queues.replace_metadata(call, queue, R"({"_default_message_delay": 5})").has_value());
  EXPECT_FALSE(messages.list(call, queue, query)->delayed_forced);
}

TEST_F(Services, getting_one_message_tells_what_is_missing) {
  EXPECT_EQ(messages.get(call, queue, {"m"}).error().kind, ErrorKind::message_missing);
  EXPECT_EQ(messages.get(call, absent, {"m"}).error().kind, ErrorKind::queue_missing);
}

TEST_F(Services, deleting_respects_claims) {
  const auto ids = *post(queue, MissingQueue::refuse);
  const auto claim = **claims.create(call, queue, {60, 60}, 1);
  EXPECT_EQ(messages.remove(call, queue, ids[0], std::nullopt).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(messages.remove(call, queue, ids[0], domain::ClaimId{"bogus"}).error().description,
            "The specified claim does not exist or has expired.");
  EXPECT_TRUE(messages.remove(call, queue, ids[0], claim.id).has_value());
  EXPECT_TRUE(messages.remove(call, queue, ids[0], claim.id).has_value());
}

TEST_F(Services, claim_terms_are_checked_in_their_order) {
  const auto fault = [&](std::int64_t ttl, std::int64_t grace, std::int64_t limit) {
    const auto claim = claims.create(call, queue, {ttl, grace}, limit);
    return claim ? std::string() : claim.error().description.substr(0, 7);
  };
  EXPECT_EQ(fault(59, 59, 0), "The TTL");
  EXPECT_EQ(fault(60, 59, 0), "Limit m");
  EXPECT_EQ(fault(60, 59, 1), "The gra");
  EXPECT_EQ(fault(43200, 43200, 20), "");
  EXPECT_EQ(fault(43201, 60, 1), "The TTL");
  EXPECT_EQ(fault(60, 43201, 1), "The gra");
}

TEST_F(Services, renewal_takes_any_grace) {
  ASSERT_TRUE(post(queue, MissingQueue::refuse).has_value());
  const auto claim = **claims.create(call, queue, {60, 60}, 1);
  for (const std::int64_t grace : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
    EXPECT_TRUE(claims.renew(call, queue, claim.id, {300, grace}).has_value());
  }
  EXPECT_EQ(claims.renew(call, queue, claim.id, {59, 0}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(claims.renew(call, queue, {"bogus"}, {60, 0}).error().description,
            "Claim bogus does not exist in queue orders for project acme");
}

TEST_F(Services, a_self_test_leaves_nothing_behind) {
  const auto report = health.self_test(call);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->storage_reachable);
  std::string names;
  for (const auto& operation : report->operations) {
    EXPECT_TRUE(operation.succeeded) << operation.name;
    EXPECT_EQ(operation.failure_ref, "");
    names.append(operation.name).append(" ");
  }
  EXPECT_EQ(names,
            "create_queue post_messages claim_messages list_messages delete_messages delete_claim "
            "bulk_delete_messages delete_queue ");
  EXPECT_EQ(store.collect_garbage(), 0U);
}

TEST(HealthOfAFailingStore, names_each_failure_in_the_report_and_to_the_listener) {
  base::ManualClock clock(0);
  base::SystemRandom random;
  FailingStore store(ErrorKind::unavailable);
  std::string told;
  const HealthService health(
      store, clock, random,
      [&](std::string_view operation, std::string_view ref, const base::Error& error) {
        EXPECT_EQ(operation, "create_queue");
        EXPECT_EQ(error.kind, ErrorKind::unavailable);
        told = ref;
      });
  base::Call call(base::Patience::may_wait);
  const auto report = health.self_test(call);
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->storage_reachable);
  ASSERT_EQ(report->operations.size(), 1U);
  EXPECT_FALSE(report->operations[0].succeeded);
  EXPECT_EQ(report->operations[0].failure_ref, told);
  EXPECT_EQ(told.size(), 36U);
}

TEST(PostingConflict, is_unavailable_in_words_of_its_own) {
  FailingStore store(ErrorKind::conflict);
  const domain::Limits limits;
  const MessageService messages(store.queues(), store.messages(), limits);
  base::Call call(base::Patience::may_wait);
  domain::NewMessage message;
  message.body = "1";
  message.ttl_seconds = 60;
  const std::vector batch = {message};
  const domain::QueueAddress queue{domain::ProjectId(), *domain::QueueName::from("q")};
  const auto posted = messages.post(call, queue, batch, domain::ClientId("c"), PostingTerms(),
                                    MissingQueue::create);
  EXPECT_EQ(posted.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(posted.error().description,
            "No messages could be enqueued. Please try again in a few seconds.");
}

}  // namespace
}  // namespace marconi::service
