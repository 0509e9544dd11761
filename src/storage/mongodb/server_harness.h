// Stores for tests, on a server that speaks the protocol. Its URI is in the environment variable
// MARCONI_MONGODB_URI; tests/support/mongodb/with-server sets it.
#pragma once

#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "base/random.h"
#include "storage/contract/store_under_test.h"
#include "storage/memory/store_clock.h"
#include "storage/mongodb/mongodb_store.h"

namespace marconi::storage::contract {

/// Time that a test moves. It plays the server's clock, which goes on while the store is closed.
class TestTime {
 public:
  explicit TestTime(const base::Clock& clock) : clock_(clock) {}

  mongodb::Moment now() {
    const std::lock_guard lock(mutex_);
    return mongodb::Moment(clock_.now().millis());
  }

 private:
  std::mutex mutex_;
  memory::StoreClock clock_;
};

class TestTimeSource final : public mongodb::TimeSource {
 public:
  explicit TestTimeSource(TestTime& time) : time_(time) {}
  [[nodiscard]] mongodb::Moment now() override { return time_.now(); }

 private:
  TestTime& time_;
};

inline std::string server_uri() {
  const char* uri = std::getenv("MARCONI_MONGODB_URI");
  if (!uri) throw std::runtime_error("MARCONI_MONGODB_URI is not set; run me by with-server");
  return uri;
}

/// The layout and company of a store under test.
struct Setting {
  std::uint32_t partitions = 1;
  bool fifo = false;
  /// Whether hosts of the reference service may write to it.
  bool mixed_operation = true;
};

/// Databases of its own, which it drops at the end.
class MongodbFixture final : public Fixture {
 public:
  explicit MongodbFixture(const Setting& setting) {
    options_.management.uri = options_.messages.uri = server_uri();
    const auto name = "test_" + base::random_uuid(random_).substr(0, 8);
    options_.placement = {.management_database = name,
                          .message_database = name,
                          .partitions = setting.partitions,
                          .fifo = setting.fifo};
    options_.mixed_operation = setting.mixed_operation;
    options_.unreliable = true;
    open();
  }

  ~MongodbFixture() override {
    const auto client = mongodb::Client::make(options_.messages);
    if (!client) return;
    const mongodb::Document drop{{"dropDatabase", 1}};
    const auto& placement = options_.placement;
    (void)(*client)->command(placement.queues().database, drop);
    for (std::uint32_t partition = 0; partition < placement.partitions; ++partition) {
      (void)(*client)->command(placement.messages(partition).database, drop);
    }
  }

  Store& store() override { return *store_; }
  base::ManualClock& clock() override { return clock_; }
  void settle() override {}  // nothing is ever pending

  [[nodiscard]] const mongodb::Options& options() const { return options_; }
  [[nodiscard]] TestTime& time() { return time_; }

  bool reopen() override {
    store_.reset();
    open();
    return true;
  }

 private:
  void open() {
    auto opened = mongodb::open(options_, mongodb::Clients::of(options_).value(),
                                std::make_unique<TestTimeSource>(time_), random_);
    if (!opened) throw std::runtime_error(opened.error().description);
    store_ = std::move(*opened);
  }

  base::ManualClock clock_{1'900'000'000'000};
  TestTime time_{clock_};
  base::SystemRandom random_;
  mongodb::Options options_;
  std::unique_ptr<Store> store_;
};

}  // namespace marconi::storage::contract
