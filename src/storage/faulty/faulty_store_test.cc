#include "storage/faulty/faulty_store.h"

#include <gtest/gtest.h>

namespace marconi::storage::faulty {

namespace {

class FaultyStoreTest : public testing::Test {
 protected:
  template <class T>
  void expect_fault(const Result<T>& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, base::ErrorKind::internal);
    EXPECT_EQ(result.error().description, "The storage is out of order.");
  }

  FaultyStore store_;
  Call call_{base::Patience::may_wait};
  QueueAddress queue_{ProjectId("p"), *domain::QueueName::from("q")};
  MessageId message_{"m"};
  ClaimId claim_{"c"};
};

TEST_F(FaultyStoreTest, ping_fails) { expect_fault(store_.ping(call_)); }

TEST_F(FaultyStoreTest, operations_on_queues_fail) {
  QueueStore& queues = store_.queues();
  bool changed = false;
  const auto change = [&](const domain::QueueMetadata& current) -> Result<domain::QueueMetadata> {
    changed = true;
    return current;
  };
  expect_fault(queues.create(call_, queue_, {}));
  expect_fault(queues.find(call_, queue_));
  expect_fault(queues.update(call_, queue_, change));
  expect_fault(queues.remove(call_, queue_));
  expect_fault(queues.list(call_, queue_.project, {.after = "", .limit = 1, .filter = {}}));
  expect_fault(queues.count(call_, queue_.project));
  expect_fault(queues.stats(call_, queue_));
  EXPECT_FALSE(changed);
}

TEST_F(FaultyStoreTest, operations_on_messages_fail) {
  MessageStore& messages = store_.messages();
  const domain::NewMessage posted{.body = "1", .ttl_seconds = 60, .checksum = ""};
  expect_fault(messages.post(call_, queue_, {&posted, 1}, ClientId("c")));
  expect_fault(messages.list(call_, queue_, {.after = {}, .limit = 1}));
  expect_fault(messages.position(call_, queue_, message_));
  expect_fault(messages.get(call_, queue_, {&message_, 1}));
  expect_fault(messages.remove(call_, queue_, message_, std::nullopt));
  expect_fault(messages.remove_many(call_, queue_, {&message_, 1}));
  expect_fault(messages.remove_many_claimed(call_, queue_, {&message_, 1}, {&claim_, 1}));
  expect_fault(messages.pop(call_, queue_, 1));
  expect_fault(messages.purge(call_, queue_));
}

TEST_F(FaultyStoreTest, operations_on_claims_fail) {
  ClaimStore& claims = store_.claims();
  const ClaimTerms terms{.ttl_seconds = 60, .grace_seconds = 60};
  expect_fault(claims.create(call_, queue_, terms, 1));
  expect_fault(claims.get(call_, queue_, claim_));
  expect_fault(claims.renew(call_, queue_, claim_, terms));
  expect_fault(claims.release(call_, queue_, claim_));
}

TEST_F(FaultyStoreTest, nothing_is_ever_pending_or_collected) {
  expect_fault(store_.ping(call_));
  EXPECT_TRUE(call_.ticket().is_complete());
  EXPECT_EQ(store_.collect_garbage(), 0U);
}

}  // namespace

}  // namespace marconi::storage::faulty
