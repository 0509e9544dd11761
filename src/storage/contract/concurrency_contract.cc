// The contract under concurrent callers (design promises P1 to P5).
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using testing::Each;
using testing::IsEmpty;

constexpr std::size_t kProducers = 3;
constexpr std::size_t kPostsPerProducer = 60;
constexpr std::size_t kMessagesPerPost = 3;
constexpr std::size_t kTotal = kProducers * kPostsPerProducer * kMessagesPerPost;

/// A message of a producer: `<producer>:<number>`, as JSON text.
std::string body_of(std::size_t producer, std::size_t number) {
  return "\"" + std::to_string(producer) + ":" + std::to_string(number) + "\"";
}

/// Tells the others when all producers are through, even if one of them fails.
class Producing {
 public:
  /// Posts all messages of one producer.
  void produce(StoreContract& suite, const QueueAddress& queue, std::size_t producer);

  [[nodiscard]] bool over() const { return left_ == 0; }

 private:
  std::atomic<std::size_t> left_ = kProducers;
};

void Producing::produce(StoreContract& suite, const QueueAddress& queue, std::size_t producer) {
  const struct DoneOnExit {
    std::atomic<std::size_t>& left;
    ~DoneOnExit() { --left; }
  } done_on_exit{left_};
  for (std::size_t i = 0; i < kPostsPerProducer; ++i) {
    Bodies bodies;
    for (std::size_t j = 0; j < kMessagesPerPost; ++j) {
      bodies.push_back(body_of(producer, i * kMessagesPerPost + j));
    }
    suite.post(queue, bodies);
  }
}

/// Pages through a queue as an observer does, in pages of odd sizes.
class Observer {
 public:
  Observer(StoreContract& suite, QueueAddress queue) : suite_(suite), queue_(std::move(queue)) {}

  /// Reads one page; false if it was empty.
  bool read_page() {
    const auto page = suite_.list(queue_, {.after = after_, .limit = 7});
    for (const auto& message : page) {
      if (after_ && message.marker <= *after_) in_order_ = false;
      after_ = message.marker;
      seen_.push_back(message.body);
    }
    return !page.empty();
  }

  [[nodiscard]] const Bodies& seen() const { return seen_; }
  [[nodiscard]] bool in_order() const { return in_order_; }

 private:
  StoreContract& suite_;
  QueueAddress queue_;
  std::optional<Marker> after_;
  Bodies seen_;
  bool in_order_ = true;
};

/// Whether each producer's messages come in the order in which it posted them.
void expect_order_of_each_producer(const Bodies& seen) {
  std::map<std::size_t, std::size_t> last;
  for (const auto& body : seen) {
    const auto producer = std::stoul(body.substr(1));
    const auto number = std::stoul(body.substr(body.find(':') + 1));
    if (last.contains(producer)) {
      EXPECT_GT(number, last[producer]) << body;
    }
    last[producer] = number;
  }
}

TEST_P(StoreContract, concurrent_observers_see_every_message_once_and_in_order) {
  constexpr std::size_t kObservers = 2;
  const auto queue = new_queue("q");
  Producing producing;
  in_threads(kProducers + kObservers, [&](std::size_t index) {
    if (index < kProducers) {
      producing.produce(*this, queue, index);
      return;
    }
    Observer observer(*this, queue);
    bool more = true;
    while (more) {
      const bool last_round = producing.over();  // looked at before the page is read
      more = observer.read_page() || !last_round;
      ASSERT_LE(observer.seen().size(), kTotal) << "a message was seen twice";
    }
    EXPECT_TRUE(observer.in_order());
    EXPECT_EQ(observer.seen(), alive(queue));
  });
  const auto all = alive(queue);
  EXPECT_EQ(all.size(), kTotal);
  expect_order_of_each_producer(all);
  EXPECT_EQ(stats(queue).total, kTotal);
}

TEST_P(StoreContract, the_messages_of_one_post_stay_together_and_come_all_at_once) {
  const auto queue = new_queue("q");
  Producing producing;
  in_threads(kProducers + 1, [&](std::size_t index) {
    if (index < kProducers) {
      producing.produce(*this, queue, index);
      return;
    }
    for (bool last_round = false; !last_round;) {
      last_round = producing.over();
      const auto seen = alive(queue);
      EXPECT_EQ(seen.size() % kMessagesPerPost, 0U);
      for (std::size_t i = 0; i + 1 < seen.size(); ++i) {
        if (i % kMessagesPerPost == kMessagesPerPost - 1) continue;
        const auto producer = std::stoul(seen[i].substr(1));
        const auto number = std::stoul(seen[i].substr(seen[i].find(':') + 1));
        ASSERT_EQ(seen[i + 1], body_of(producer, number + 1));
      }
    }
  });
}

TEST_P(StoreContract, concurrent_workers_never_get_the_same_message) {
  constexpr std::size_t kWorkers = 3;
  const auto queue = new_queue("q");
  Producing producing;
  std::mutex mutex;
  Bodies done;
  std::vector<DeleteOutcome> outcomes;
  in_threads(kProducers + kWorkers, [&](std::size_t index) {
    if (index < kProducers) {
      producing.produce(*this, queue, index);
      return;
    }
    for (;;) {
      const bool last_round = producing.over();
      const auto taken = try_claim(queue, {.limit = 1 + index});
      if (!taken && last_round) return;
      if (!taken) continue;
      for (const auto& message : taken->messages) {
        const auto outcome = remove(queue, message.id, taken->id);
        const std::lock_guard lock(mutex);
        outcomes.push_back(outcome);
        done.push_back(message.body);
        ASSERT_LE(done.size(), kTotal) << "a message was worked on twice";
      }
    }
  });
  EXPECT_THAT(outcomes, Each(DeleteOutcome::done));
  EXPECT_EQ(done.size(), kTotal);
  std::ranges::sort(done);
  EXPECT_EQ(std::ranges::adjacent_find(done), done.end()) << "a message was worked on twice";
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_EQ(stats(queue).claimed, 0U);
}

TEST_P(StoreContract, concurrent_pops_never_return_the_same_message) {
  constexpr std::size_t kPoppers = 3;
  const auto queue = new_queue("q");
  Producing().produce(*this, queue, 0);
  std::mutex mutex;
  Bodies popped;
  in_threads(kPoppers, [&](std::size_t index) {
    for (auto page = pop(queue, 1 + index); !page.empty(); page = pop(queue, 1 + index)) {
      const std::lock_guard lock(mutex);
      for (const auto& message : page) popped.push_back(message.body);
      ASSERT_LE(popped.size(), kTotal) << "a message was popped twice";
    }
  });
  EXPECT_EQ(popped.size(), kPostsPerProducer * kMessagesPerPost);
  std::ranges::sort(popped);
  EXPECT_EQ(std::ranges::adjacent_find(popped), popped.end());
}

TEST_P(StoreContract, observers_stay_in_order_while_workers_claim_release_and_delete) {
  const auto queue = new_queue("q");
  Producing producing;
  Bodies seen;
  bool in_order = false;
  in_threads(kProducers + 3, [&](std::size_t index) {
    if (index < kProducers) {
      producing.produce(*this, queue, index);
    } else if (index == kProducers) {
      Observer observer(*this, queue);
      while (!producing.over() || observer.read_page()) {
        observer.read_page();
        ASSERT_LE(observer.seen().size(), kTotal) << "a message was seen twice";
      }
      seen = observer.seen();
      in_order = observer.in_order();
    } else {
      while (!producing.over()) {
        const auto taken = try_claim(queue, {.limit = 5});
        if (!taken) continue;
        remove(queue, taken->messages.front().id, taken->id);
        if (index % 2 == 0) release(queue, taken->id);
      }
    }
  });
  EXPECT_TRUE(in_order);
  expect_order_of_each_producer(seen);
  auto sorted = seen;
  std::ranges::sort(sorted);
  EXPECT_EQ(std::ranges::adjacent_find(sorted), sorted.end()) << "a message was seen twice";
  for (const auto& body : alive(queue)) {
    EXPECT_TRUE(std::ranges::binary_search(sorted, body)) << body << " was missed";
  }
  EXPECT_EQ(stats(queue).total, alive(queue).size());
}

TEST_P(StoreContract, claims_on_two_queues_that_are_each_others_dead_letter_queues_do_not_jam) {
  const auto policy = [](const std::string& target) {
    return R"({"_max_claim_count": 0, "_dead_letter_queue": ")" + target + R"("})";
  };
  const auto ping = new_queue("ping", policy("pong"));
  const auto pong = new_queue("pong", policy("ping"));
  const auto posted = post(ping, {"1", "2", "3", "4", "5"});
  in_threads(4, [&](std::size_t index) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_FALSE(try_claim(index % 2 == 0 ? ping : pong, {.limit = 2}));
    }
  });
  auto everywhere = ids(list(ping));
  for (const auto& id : ids(list(pong))) everywhere.push_back(id);
  EXPECT_THAT(everywhere, testing::UnorderedElementsAreArray(posted));
  EXPECT_EQ(stats(ping).total + stats(pong).total, posted.size());
}

TEST_P(StoreContract, a_queue_can_be_removed_and_recreated_under_traffic) {
  const auto queue = new_queue("q");
  std::atomic<bool> stop = false;
  in_threads(4, [&](std::size_t index) {
    if (index == 0) {
      const struct StopOnExit {
        std::atomic<bool>& stop;
        ~StopOnExit() { stop = true; }
      } stop_on_exit{stop};
      for (int i = 0; i < 40; ++i) {
        remove_queue(queue);
        create(queue);
      }
      return;
    }
    Observer observer(*this, queue);
    while (!stop) {
      const domain::NewMessage message{.body = "1", .ttl_seconds = 60, .checksum = ""};
      const auto result = attempt(
          [&](Call& call) { return store().messages().post(call, queue, {&message, 1}, kAlice); });
      if (!result) {
        EXPECT_EQ(result.error().kind, base::ErrorKind::queue_missing);
      }
      try_claim(queue, {.limit = 2});
      observer.read_page();
    }
    EXPECT_TRUE(observer.in_order());
  });
  purge(queue);
  EXPECT_EQ(stats(queue).total, 0U);
  post(queue, {"1"});
  EXPECT_THAT(alive(queue), testing::ElementsAre("1"));
}

}  // namespace

}  // namespace marconi::storage::contract
