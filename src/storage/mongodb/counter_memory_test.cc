#include "storage/mongodb/counter_memory.h"

#include <gmock/gmock.h>

namespace marconi::storage::mongodb {

namespace {

const Moment kNow{1'000'000};

/// As the database answers: no larger than it must be.
QueueState state_of(std::string_view metadata, std::int64_t next, std::uint8_t queue = 1) {
  const Document made{{"_id", ObjectId{{queue}}}, {"m", metadata}};
  return {.document = Document(made.view()), .next = next};
}

TEST(CounterMemory, says_what_it_heard_last_and_not_what_is_too_old) {
  CounterMemory memory;
  memory.remember("p/q", state_of("", 7), kNow);
  EXPECT_EQ(memory.recall("p/q")->next, 7);
  EXPECT_TRUE(memory.recall("p/q", {kNow.millis()}));
  EXPECT_FALSE(memory.recall("p/q", {kNow.millis() + 1}));
  EXPECT_FALSE(memory.recall("p/other"));
  memory.forget("p/q");
  EXPECT_FALSE(memory.recall("p/q"));
}

TEST(CounterMemory, an_answer_that_comes_late_does_not_take_a_counter_back) {
  CounterMemory memory;
  memory.remember("p/q", state_of("", 7), kNow);
  memory.remember("p/q", state_of("", 5), kNow);
  EXPECT_EQ(memory.recall("p/q")->next, 7);
  memory.remember("p/q", state_of("", 1, 2), kNow);
  EXPECT_EQ(memory.recall("p/q")->next, 1) << "the queue was made anew";
}

TEST(CounterMemory, is_bounded_by_bytes_whatever_queues_are_called_or_carry) {
  CounterMemory memory(1 << 20);
  const std::string long_name(320, 'n');
  const std::string much(64 << 10, 'm');
  for (const auto& metadata : {std::string(), much}) {
    constexpr int kQueues = 10'000;
    for (int i = 0; i < kQueues; ++i) {
      memory.remember(long_name + std::to_string(i), state_of(metadata, 1), kNow);
    }
    std::size_t kept = 0;
    for (int i = 0; i < kQueues; ++i) {
      if (memory.recall(long_name + std::to_string(i))) kept += long_name.size() + metadata.size();
    }
    EXPECT_GT(kept, 1U << 18) << "it is worth its memory";
    EXPECT_LE(kept, 1U << 20);
  }
}

TEST(CounterMemory, forgets_those_first_that_were_not_used_for_the_longest_time) {
  CounterMemory memory(256 << 10);
  const std::string much(64 << 10, 'm');
  for (const auto* name : {"1", "2", "3"}) memory.remember(name, state_of(much, 1), kNow);
  EXPECT_TRUE(memory.recall("1"));
  memory.remember("4", state_of(much, 1), kNow);
  EXPECT_TRUE(memory.recall("1"));
  EXPECT_FALSE(memory.recall("2"));
  EXPECT_TRUE(memory.recall("3"));
  EXPECT_TRUE(memory.recall("4"));
}

TEST(CounterMemory, does_without_what_is_too_large_for_it) {
  CounterMemory memory(16 << 10);
  memory.remember("p/q", state_of(std::string(64 << 10, 'm'), 1), kNow);
  EXPECT_FALSE(memory.recall("p/q"));
}

}  // namespace

}  // namespace marconi::storage::mongodb
