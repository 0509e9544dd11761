#include <memory>

#include "storage/contract/contract_suite.h"
#include "storage/memory/memory_store.h"

namespace marconi::storage::contract {

namespace {

class MemoryFixture final : public Fixture {
 public:
  Store& store() override { return store_; }
  base::ManualClock& clock() override { return clock_; }
  void settle() override {}  // nothing is ever pending
  bool reopen() override { return false; }

 private:
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  memory::MemoryStore store_{clock_, random_};
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         testing::Values(StoreUnderTest{
                             "memory", [] { return std::make_unique<MemoryFixture>(); }}),
                         name_of);

}  // namespace

}  // namespace marconi::storage::contract
