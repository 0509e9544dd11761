#include <gtest/gtest.h>

#include <memory>

#include "storage/contract/contract_suite.h"
#include "storage/embedded/embedded_store.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::contract {

namespace {

using embedded::TemporaryDirectory;
using embedded::TicketWaiter;

class EmbeddedFixture final : public Fixture {
 public:
  EmbeddedFixture(std::string_view sync, std::uint64_t queue_cache_bytes) {
    options_.path = directory_.path() / "store";
    options_.sync = *embedded::SyncMode::from(sync);
    options_.min_free_bytes = 0;
    options_.queue_cache_bytes = queue_cache_bytes;
    open();
  }
  ~EmbeddedFixture() override { store_->commits().unsubscribe(*waiter_); }

  Store& store() override { return *store_; }
  base::ManualClock& clock() override { return clock_; }

  void settle() override {
    // A write of our own: whatever was written before it is durable when it is.
    Call call(base::Patience::may_wait);
    const QueueAddress probe{ProjectId("settle"), *domain::QueueName::from("probe")};
    const auto touched = store_->queues().update(
        call, probe, [](const domain::QueueMetadata& metadata) -> Result<domain::QueueMetadata> {
          return metadata;
        });
    if (!touched) throw std::runtime_error(touched.error().description);
    if (!waiter_->wait_for(call.ticket())) throw std::runtime_error("a commit failed");
  }

  bool reopen() override {
    store_->commits().unsubscribe(*waiter_);
    store_.reset();
    open();
    return true;
  }

 private:
  void open() {
    auto opened = embedded::open(options_, clock_, random_);
    if (!opened) throw std::runtime_error(opened.error().description);
    store_ = std::move(*opened);
    waiter_ = std::make_unique<TicketWaiter>();
    store_->commits().subscribe(*waiter_);
    Call call(base::Patience::may_wait);
    const QueueAddress probe{ProjectId("settle"), *domain::QueueName::from("probe")};
    if (auto made = store_->queues().create(call, probe, {}); !made) {
      throw std::runtime_error(made.error().description);
    }
  }

  TemporaryDirectory directory_;
  embedded::Options options_;
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<TicketWaiter> waiter_;
};

StoreUnderTest embedded_store(std::string name, std::string sync, std::uint64_t queue_cache_bytes) {
  return {std::move(name),
          [=] { return std::make_unique<EmbeddedFixture>(sync, queue_cache_bytes); }};
}

const auto kStores = testing::Values(
    embedded_store("synced", "always", 64u << 20),
    // Room for hardly any queue in memory: state is loaded again all the time.
    embedded_store("forgetful", "always", 1), embedded_store("unsynced", "never", 64u << 20));

INSTANTIATE_TEST_SUITE_P(Embedded, StoreContract, kStores, name_of);
INSTANTIATE_TEST_SUITE_P(Embedded, DurableStoreContract, kStores, name_of);

}  // namespace

}  // namespace marconi::storage::contract
