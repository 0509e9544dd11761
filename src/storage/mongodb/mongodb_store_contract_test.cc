// The storage contract over a server that speaks the protocol.
#include <gtest/gtest.h>

#include "storage/contract/contract_suite.h"
#include "storage/mongodb/server_harness.h"

namespace marconi::storage::contract {

namespace {

StoreUnderTest mongodb_store(std::string name, const Setting& setting) {
  return {.name = std::move(name),
          .make = [=] { return std::make_unique<MongodbFixture>(setting); },
          .slowness = 5};
}

// With one partition dead letters never leave it; with many they mostly do.
const auto kStores = testing::Values(
    mongodb_store("together", {.partitions = 1}), mongodb_store("spread", {.partitions = 7}),
    mongodb_store("fifo", {.partitions = 2, .fifo = true, .mixed_operation = false}),
    mongodb_store("sharedfifo", {.partitions = 2, .fifo = true}));

INSTANTIATE_TEST_SUITE_P(Mongodb, StoreContract, kStores, name_of);
INSTANTIATE_TEST_SUITE_P(Mongodb, DurableStoreContract, kStores, name_of);

}  // namespace

}  // namespace marconi::storage::contract
