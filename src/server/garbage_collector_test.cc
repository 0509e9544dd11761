#include "server/garbage_collector.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "observability/memory_log.h"
#include "storage/faulty/faulty_store.h"

namespace marconi::server {
namespace {

using namespace std::chrono_literals;

/// Tells of each pass.
class SweptStore final : public storage::Store {
 public:
  storage::QueueStore& queues() override { return rest_.queues(); }
  storage::MessageStore& messages() override { return rest_.messages(); }
  storage::ClaimStore& claims() override { return rest_.claims(); }
  base::CommitFeed& commits() override { return rest_.commits(); }
  storage::Result<void> ping(storage::Call& call) override { return rest_.ping(call); }
  std::uint64_t collect_garbage() override {
    passes.release();
    return 1;
  }

  std::counting_semaphore<> passes{0};

 private:
  storage::faulty::FaultyStore rest_;
};

TEST(GarbageCollector, passes_again_and_again) {
  observability::MemoryLog sink;
  SweptStore store;
  const GarbageCollector collector(store, 1ms, {sink, "gc"});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(store.passes.try_acquire_for(60s));
}

TEST(GarbageCollector, ends_at_once_in_the_middle_of_a_pause) {
  observability::MemoryLog sink;
  SweptStore store;
  {
    const GarbageCollector collector(store, 24h, {sink, "gc"});
  }
  EXPECT_FALSE(store.passes.try_acquire());
}

}  // namespace
}  // namespace marconi::server
