// What the embedded store owes beyond the contract: tickets on every answer that rests on a pending
// change, and room given back.
#include "storage/embedded/embedded_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <span>
#include <thread>

#include "storage/embedded/codec.h"
#include "storage/embedded/database.h"
#include "storage/embedded/failing_disk.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/queue.h"
#include "storage/embedded/records.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;
using domain::NewMessage;
using namespace std::chrono_literals;

/// Passes a second with every look that the thread which made it takes, once it is told to.
class HurryingClock final : public base::Clock {
 public:
  explicit HurryingClock(base::UtcMillis start) : clock_(start) {}

  [[nodiscard]] base::UtcMillis utc_now() const override {
    if (hurries && std::this_thread::get_id() == owner_) clock_.advance(1s);
    return clock_.utc_now();
  }
  [[nodiscard]] std::chrono::nanoseconds monotonic_now() const override {
    return clock_.monotonic_now();
  }

  std::atomic<bool> hurries = false;

 private:
  mutable base::ManualClock clock_;
  const std::thread::id owner_ = std::this_thread::get_id();
};

class EmbeddedStoreTest : public testing::Test {
 protected:
  EmbeddedStoreTest() {
    options_.path = directory_.path() / "store";
    options_.min_free_bytes = 0;
    options_.file_system = disk_;
    store_ = std::move(*open(options_, clock_, random_));
    store_->commits().subscribe(waiter_);
  }
  ~EmbeddedStoreTest() override {
    disk_->release();
    close();
  }

  static QueueAddress queue(std::string_view name) {
    return {ProjectId("project"), *domain::QueueName::from(name)};
  }

  void create(const QueueAddress& address, std::string metadata = "{}") {
    Call call(Patience::may_wait);
    ASSERT_TRUE(store_->queues()
                    .create(call, address, *domain::QueueMetadata::from_json(std::move(metadata)))
                    .value());
    ASSERT_TRUE(waiter_.wait_for(call.ticket()));
  }

  MessageId post(const QueueAddress& address, std::int64_t ttl = 3600,
                 const ClientId& client = ClientId("3381af92-2b9e-11e3-b191-71861300734c"),
                 std::string_view body = "1") {
    Call call(Patience::may_wait);
    const NewMessage message{.body = body, .ttl_seconds = ttl, .delay_seconds = 0, .checksum = {}};
    auto ids = store_->messages().post(call, address, std::span(&message, 1), client).value();
    EXPECT_TRUE(waiter_.wait_for(call.ticket()));
    return ids.front();
  }

  MessageId post_body(const QueueAddress& address, std::string_view body) {
    return post(address, 3600, ClientId("3381af92-2b9e-11e3-b191-71861300734c"), body);
  }

  /// Posts `count` messages whose bodies are their numbers, from 0 on.
  void post_many(const QueueAddress& address, int count, std::int64_t ttl = 86400) {
    std::vector<std::string> bodies;
    for (int i = 0; i < count; ++i) bodies.push_back(std::to_string(i));
    std::vector<NewMessage> messages;
    for (const auto& body : bodies) {
      messages.push_back({.body = body, .ttl_seconds = ttl, .delay_seconds = 0, .checksum = {}});
    }
    Call call(Patience::may_wait);
    const ClientId client("3381af92-2b9e-11e3-b191-71861300734c");
    ASSERT_TRUE(store_->messages().post(call, address, messages, client));
    ASSERT_TRUE(waiter_.wait_for(call.ticket()));
  }

  domain::ClaimId claim(const QueueAddress& address, std::uint64_t limit, std::int64_t ttl) {
    Call call(Patience::may_wait);
    auto claim = store_->claims().create(call, address, {ttl, 60}, limit).value();
    EXPECT_TRUE(waiter_.wait_for(call.ticket()));
    return claim->id;
  }

  /// The body of the first message that no claim holds; empty if there is none.
  std::string first_free(const QueueAddress& address) {
    Call call(Patience::may_wait);
    const auto free = store_->messages().list(call, address, {.after = {}, .limit = 1}).value();
    return free.empty() ? "" : std::string(free.front().body);
  }

  void close() {
    if (!store_) return;
    store_->commits().unsubscribe(waiter_);
    store_.reset();
  }

  void reopen() {
    close();
    waiter_.start_anew();
    store_ = std::move(*open(options_, clock_, random_));
    store_->commits().subscribe(waiter_);
  }

  /// The summaries of the blocks on disk, in order; the store has to be closed.
  [[nodiscard]] std::vector<BlockRecord> block_records() const {
    DatabaseOptions options;
    options.path = options_.path;
    const auto database = std::move(*Database::open(options));
    std::vector<BlockRecord> records;
    auto cursor = database->scan(Patience::may_wait, Table::blocks, QueueKey{0}, QueueKey{1000});
    for (cursor.seek(QueueKey{0}); cursor.valid(); cursor.next()) {
      records.push_back(*BlockRecord::decode(cursor.value()));
    }
    return records;
  }

  std::vector<domain::Message> list(const QueueAddress& address) {
    Call call(Patience::may_wait);
    const MessageListRequest all{
        .after = {}, .limit = 1000, .include_claimed = true, .include_delayed = true};
    return store_->messages().list(call, address, all).value();
  }

  TemporaryDirectory directory_;
  std::shared_ptr<FailingDisk> disk_ = std::make_shared<FailingDisk>();
  Options options_;
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  TicketWaiter waiter_;
  std::unique_ptr<Store> store_;
};

TEST_F(EmbeddedStoreTest, answers_about_a_message_whose_deletion_is_pending_wait_for_it) {
  create(queue("q"));
  const auto id = post(queue("q"));
  disk_->syncs_wait = true;
  Call removal(Patience::may_wait);
  ASSERT_TRUE(store_->messages().remove(removal, queue("q"), id, std::nullopt));
  Call again(Patience::may_wait);
  ASSERT_TRUE(store_->messages().remove(again, queue("q"), id, std::nullopt));
  EXPECT_GE(again.ticket(), removal.ticket());
  Call reading(Patience::may_wait);
  EXPECT_TRUE(store_->messages().get(reading, queue("q"), std::span(&id, 1)).value().empty());
  EXPECT_GE(reading.ticket(), removal.ticket());
  Call listing(Patience::may_wait);
  EXPECT_TRUE(
      store_->messages().list(listing, queue("q"), {.after = {}, .limit = 1}).value().empty());
  EXPECT_GE(listing.ticket(), removal.ticket());
  Call claiming(Patience::may_wait);
  EXPECT_FALSE(store_->claims().create(claiming, queue("q"), {60, 60}, 1).value().has_value());
  EXPECT_GE(claiming.ticket(), removal.ticket());
}

TEST_F(EmbeddedStoreTest, answers_about_a_dead_letter_whose_deletion_is_pending_wait_for_it) {
  create(queue("q"), R"({"_max_claim_count": 0, "_dead_letter_queue": "letters"})");
  create(queue("letters"));
  const auto id = post(queue("q"));
  Call moving(Patience::may_wait);
  EXPECT_FALSE(store_->claims().create(moving, queue("q"), {60, 60}, 1).value().has_value());
  ASSERT_TRUE(waiter_.wait_for(moving.ticket()));
  ASSERT_EQ(list(queue("letters")).size(), 1u);
  disk_->syncs_wait = true;
  Call removal(Patience::may_wait);
  ASSERT_TRUE(store_->messages().remove(removal, queue("letters"), id, std::nullopt));
  Call again(Patience::may_wait);
  ASSERT_TRUE(store_->messages().remove(again, queue("letters"), id, std::nullopt));
  EXPECT_GE(again.ticket(), removal.ticket());
  Call reading(Patience::may_wait);
  EXPECT_TRUE(store_->messages().get(reading, queue("letters"), std::span(&id, 1)).value().empty());
  EXPECT_GE(reading.ticket(), removal.ticket());
}

TEST_F(EmbeddedStoreTest, lists_wait_for_no_post) {
  create(queue("q"));
  post(queue("q"));
  disk_->syncs_wait = true;
  Call posting(Patience::may_wait);
  const NewMessage message{.body = "2", .ttl_seconds = 60, .delay_seconds = 0, .checksum = {}};
  const ClientId client("3381af92-2b9e-11e3-b191-71861300734c");
  ASSERT_TRUE(store_->messages().post(posting, queue("q"), std::span(&message, 1), client));
  Call listing(Patience::may_wait);
  EXPECT_EQ(store_->messages().list(listing, queue("q"), {.after = {}, .limit = 9}).value().size(),
            1u);
  EXPECT_TRUE(listing.ticket().is_complete());
}

TEST_F(EmbeddedStoreTest, queue_lists_and_counts_wait_for_pending_creations) {
  disk_->syncs_wait = true;
  Call creation(Patience::may_wait);
  ASSERT_TRUE(store_->queues().create(creation, queue("q"), {}).value());
  Call listing(Patience::may_wait);
  EXPECT_EQ(store_->queues()
                .list(listing, ProjectId("project"), {.after = {}, .limit = 9, .filter = {}})
                .value()
                .size(),
            1u);
  EXPECT_GE(listing.ticket(), creation.ticket());
  Call counting(Patience::may_wait);
  EXPECT_EQ(store_->queues().count(counting, ProjectId("project")), 1u);
  EXPECT_GE(counting.ticket(), creation.ticket());
}

TEST_F(EmbeddedStoreTest, what_expires_in_an_unfinished_block_is_cleared_away_again_and_again) {
  create(queue("q"));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) post(queue("q"), 60);
    clock_.advance(1h);
    EXPECT_EQ(store_->collect_garbage(), 20u);
  }
}

TEST_F(EmbeddedStoreTest, a_pass_clears_away_only_what_was_over_when_it_wrote_the_time_down) {
  close();
  HurryingClock clock(clock_.utc_now());
  store_ = std::move(*open(options_, clock, random_));
  waiter_.start_anew();
  store_->commits().subscribe(waiter_);
  create(queue("q"));
  post(queue("q"), 1);
  post(queue("q"), 2);
  // The pass begins when the first one is over, and sees the queue when the second one is.
  clock.hurries = true;
  EXPECT_EQ(store_->collect_garbage(), 1U);
  EXPECT_EQ(store_->collect_garbage(), 1U);
  close();
}

TEST_F(EmbeddedStoreTest, all_ended_claims_are_cleared_away_in_one_pass) {
  create(queue("q"));
  constexpr std::uint64_t kClaims = 2500;
  for (std::uint64_t i = 0; i < kClaims; ++i) {
    Call call(Patience::may_wait);
    const NewMessage message{.body = "1", .ttl_seconds = 36000, .delay_seconds = 0, .checksum = {}};
    const ClientId client("3381af92-2b9e-11e3-b191-71861300734c");
    ASSERT_TRUE(store_->messages().post(call, queue("q"), std::span(&message, 1), client));
    ASSERT_TRUE(store_->claims().create(call, queue("q"), {60, 60}, 1).value());
  }
  clock_.advance(10min);
  EXPECT_EQ(store_->collect_garbage(), kClaims);
}

TEST_F(EmbeddedStoreTest, what_is_known_of_claimed_blocks_is_kept_for_the_next_start) {
  create(queue("q"));
  post_many(queue("q"), 3000);
  for (int i = 0; i < 5; ++i) claim(queue("q"), 500, 3600);
  claim(queue("q"), 100, 3600);
  close();
  const auto records = block_records();
  ASSERT_EQ(records.size(), 3u);
  const auto end = clock_.utc_now() / 1000 + 3600;
  for (const auto& record : {records[0], records[1]}) {
    EXPECT_EQ(record.claimable, (ScanMemo{kBlockSize, end}));
    EXPECT_EQ(record.unclaimed, (ScanMemo{kBlockSize, end}));
  }
  reopen();
  EXPECT_EQ(first_free(queue("q")), "2600");
}

TEST_F(EmbeddedStoreTest, what_a_claim_lets_go_is_found_after_restarts) {
  create(queue("q"));
  post_many(queue("q"), 3000);
  claim(queue("q"), 700, 300);
  const auto released = claim(queue("q"), 700, 3600);
  claim(queue("q"), 1000, 3600);
  EXPECT_EQ(first_free(queue("q")), "2400");
  claim(queue("q"), 10, 3600);
  reopen();
  EXPECT_EQ(first_free(queue("q")), "2410");
  Call call(Patience::may_wait);
  ASSERT_TRUE(store_->claims().release(call, queue("q"), released));
  ASSERT_TRUE(waiter_.wait_for(call.ticket()));
  reopen();
  EXPECT_EQ(first_free(queue("q")), "700");
  reopen();
  clock_.advance(301s);
  EXPECT_EQ(first_free(queue("q")), "0");
}

TEST_F(EmbeddedStoreTest, small_queues_come_back_into_memory_without_patience) {
  options_.queue_cache_bytes = 0;
  reopen();
  create(queue("small"));
  post_many(queue("small"), 3);
  create(queue("long"));
  post_many(queue("long"), 200);
  // Every queue that is made drives out others.
  for (int i = 0; i < 1000; ++i) create(queue("other-" + std::to_string(i)));
  const MessageListRequest all{.after = {}, .limit = 1000};
  Call small(Patience::immediate);
  EXPECT_EQ(store_->messages().list(small, queue("small"), all).value().size(), 3u);
  Call hasty(Patience::immediate);
  const auto refused = store_->messages().list(hasty, queue("long"), all);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::would_block);
  Call patient(Patience::may_wait);
  EXPECT_EQ(store_->messages().list(patient, queue("long"), all).value().size(), 200u);
}

TEST_F(EmbeddedStoreTest, who_may_not_wait_reads_many_messages_but_not_many_bytes) {
  for (const auto& [name, size] : {std::pair("small", 1'000), std::pair("large", 250'000)}) {
    create(queue(name));
    const auto post_page = [&] {
      std::vector<MessageId> ids;
      for (int i = 0; i < 20; ++i) ids.push_back(post_body(queue(name), std::string(size, '1')));
      return ids;
    };
    const auto ids = post_page();
    const bool is_small = size < 10'000;
    const auto expect = [&](auto operation) {
      Call hasty(Patience::immediate);
      const auto outcome = operation(hasty);
      EXPECT_EQ(outcome.has_value(), is_small) << name;
      if (!outcome) EXPECT_EQ(outcome.error().kind, base::ErrorKind::would_block);
      Call patient(Patience::may_wait);
      EXPECT_TRUE(operation(patient).has_value());
    };
    auto& messages = store_->messages();
    auto& claims = store_->claims();
    const MessageListRequest page{.after = {}, .limit = 20};
    expect([&](Call& call) { return messages.list(call, queue(name), page); });
    expect([&](Call& call) { return messages.get(call, queue(name), ids); });
    const auto claimed = claim(queue(name), 20, 60);
    expect([&](Call& call) { return claims.get(call, queue(name), claimed); });
    const auto unclaimed = post_page();
    expect([&](Call& call) { return messages.remove_many(call, queue(name), unclaimed); });
  }
}

TEST_F(EmbeddedStoreTest, who_may_not_wait_loads_no_queue_with_many_bytes_in_its_last_block) {
  options_.queue_cache_bytes = 0;
  reopen();
  create(queue("q"));
  for (int i = 0; i < 20; ++i) post_body(queue("q"), std::string(250'000, '1'));
  // Every queue that is made drives out others.
  for (int i = 0; i < 1000; ++i) create(queue("other-" + std::to_string(i)));
  Call hasty(Patience::immediate);
  const auto refused = store_->messages().list(hasty, queue("q"), {.after = {}, .limit = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::would_block);
}

TEST_F(EmbeddedStoreTest, who_may_not_wait_lists_many_queues_but_not_much_metadata) {
  const auto list = [&](Patience patience) {
    Call call(patience);
    return store_->queues().list(call, ProjectId("project"), {.after = {}, .limit = 100});
  };
  for (int i = 0; i < 40; ++i) create(queue("small-" + std::to_string(i)));
  EXPECT_EQ(list(Patience::immediate).value().size(), 40U);
  const std::string metadata = R"({"a": ")" + std::string(60'000, 'x') + R"("})";
  for (int i = 0; i < 40; ++i) create(queue("large-" + std::to_string(i)), metadata);
  const auto hasty = list(Patience::immediate);
  ASSERT_FALSE(hasty);
  EXPECT_EQ(hasty.error().kind, base::ErrorKind::would_block);
  EXPECT_EQ(list(Patience::may_wait).value().size(), 80U);
}

TEST_F(EmbeddedStoreTest, who_may_not_wait_passes_over_few_dead_messages_to_the_newest) {
  create(queue("q"));
  constexpr int kBlocks = 6;
  std::vector<MessageId> lasting;
  for (int i = 0; i < kBlocks; ++i) {
    lasting.push_back(post(queue("q"), 86400));
    post_many(queue("q"), static_cast<int>(kBlockSize) - 1, 60);
  }
  clock_.advance(2min);
  const auto stats = [&](Patience patience) {
    Call call(patience);
    return store_->queues().stats(call, queue("q"));
  };
  EXPECT_EQ(stats(Patience::immediate).value()->newest->id, lasting.back());
  for (int i = 1; i < kBlocks; ++i) {
    Call call(Patience::may_wait);
    ASSERT_TRUE(store_->messages().remove(call, queue("q"), lasting[i], std::nullopt));
  }
  const auto hasty = stats(Patience::immediate);
  ASSERT_FALSE(hasty);
  EXPECT_EQ(hasty.error().kind, base::ErrorKind::would_block);
  EXPECT_EQ(stats(Patience::may_wait).value()->newest->id, lasting.front());
}

TEST_F(EmbeddedStoreTest, queues_are_emptied_and_removed_amid_posts_to_them_and_others) {
  constexpr int kMany = 100;  // so many that they are erased as a range
  const auto expect_counts = [&](std::size_t before, std::size_t middle, std::size_t after) {
    EXPECT_EQ(list(queue("before")).size(), before);
    EXPECT_EQ(list(queue("middle")).size(), middle);
    EXPECT_EQ(list(queue("after")).size(), after);
  };
  for (const auto* name : {"before", "middle", "after"}) create(queue(name));
  for (std::size_t round = 1; round <= 3; ++round) {
    for (const auto* name : {"before", "middle", "after"}) {
      post_many(queue(name), kMany);
      claim(queue(name), kMany, 3600);
    }
    Call purging(Patience::may_wait);
    ASSERT_TRUE(store_->messages().purge(purging, queue("middle")));
    for (const auto* name : {"middle", "before", "after"}) {
      post_many(queue(name), kMany);
      claim(queue(name), kMany, 3600);
    }
    expect_counts(2 * kMany * round, kMany, 2 * kMany * round);
    Call removing(Patience::may_wait);
    ASSERT_TRUE(store_->queues().remove(removing, queue("middle")));
    create(queue("middle"));
    expect_counts(2 * kMany * round, 0, 2 * kMany * round);
  }
  post_many(queue("middle"), kMany);
  reopen();
  expect_counts(6 * kMany, kMany, 6 * kMany);
}

TEST_F(EmbeddedStoreTest, client_ids_of_any_length_leave_the_body_alone) {
  create(queue("q"));
  post(queue("q"), 60, ClientId(std::string(300, 'x')));
  EXPECT_EQ(list(queue("q")).front().body, "1");
}

TEST_F(EmbeddedStoreTest, a_change_of_metadata_leaves_the_content_where_it_is) {
  create(queue("q"));
  post_many(queue("q"), 1500);
  claim(queue("q"), 1, 600);
  reopen();
  Call call(Patience::may_wait);
  const auto change = [](const domain::QueueMetadata&) {
    return domain::QueueMetadata::from_json(R"({"changed":true})");
  };
  ASSERT_TRUE(store_->queues().update(call, queue("q"), change));
  ASSERT_TRUE(waiter_.wait_for(call.ticket()));
  reopen();
  EXPECT_EQ(store_->queues().find(call, queue("q")).value()->json(), R"({"changed": true})");
  post_body(queue("q"), "\"last\"");
  EXPECT_EQ(store_->queues().stats(call, queue("q")).value()->total, 1501u);
  EXPECT_EQ(store_->queues().stats(call, queue("q")).value()->claimed, 1u);
  const MessageListRequest behind{.after = Marker{kBlockSize + 1499}, .limit = 10};
  const auto page = store_->messages().list(call, queue("q"), behind).value();
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page.front().body, "\"last\"");
}

/// A store whose bytes are those of another program.
class ForeignStoreTest : public EmbeddedStoreTest {
 protected:
  ForeignStoreTest() {
    close();
    std::filesystem::remove_all(options_.path);
  }

  [[nodiscard]] std::unique_ptr<Database> open_database() const {
    DatabaseOptions options;
    options.path = options_.path;
    return std::move(*Database::open(options));
  }

  void stamp(std::int64_t format) const {
    const auto database = open_database();
    Batch batch(*database);
    batch.put(Table::meta, kFormatKey, encode_counter(format));
    ASSERT_TRUE(database->write(Patience::may_wait, batch));
    ASSERT_TRUE(database->sync());
  }

  [[nodiscard]] std::int64_t stamp_found() const {
    return open_database()->counter(Patience::may_wait, kFormatKey).value();
  }

  /// A queue with a message in each of two blocks, as programs of format 1 wrote it.
  void write_format_1() const {
    using namespace std::string_view_literals;
    const auto database = open_database();
    Batch batch(*database);
    batch.put(Table::meta, kFormatKey, encode_counter(1));
    batch.put(Table::meta, kIdKeyKey, "sixteen bytes...");
    batch.put(Table::meta, kQueueNumberKey, encode_counter(1025));
    batch.add(project_count_key(ProjectId("project")), 1);
    batch.put(Table::queues, directory_key(queue("q")),
              "\x07\0\0\0\0\0\0\0\x09\0\0\0{\"old\":1}"sv);
    batch.put(Table::states, QueueKey{std::uint64_t{7}},
              "\0\x08\0\0\0\0\0\0\x01\x04\0\0\0\0\0\0\x01\x07\0\0\0project\x01\0\0\0q"sv);
    const auto now = clock_.utc_now();
    const UtcSeconds expiry = now / 1000 + 3600;
    for (const MarkerNumber marker : {1024, 2048}) {
      MessageRecord message;
      message.created = now;
      message.ttl = 3600;
      message.expiry = expiry;
      message.client = "tsomebody";
      message.body = marker == 1024 ? "1" : "2";
      batch.put(Table::messages, MarkerKey{7, marker}, message.encode());
      BlockRecord block;
      block.live = 1;
      block.used = marker == 1024 ? 1024 : 1;
      block.latest_expiry = block.sweep_at = expiry;
      batch.put(Table::blocks, MarkerKey{7, block_of(marker)}, block.encode());
    }
    batch.put(Table::counts, CountKey{7, 1, static_cast<std::uint64_t>(expiry)}, NumberKey<1>{1});
    ASSERT_TRUE(database->write(Patience::may_wait, batch));
    ASSERT_TRUE(database->sync());
  }

  [[nodiscard]] std::string bodies(const QueueAddress& address) {
    std::string all;
    for (const auto& message : list(address)) all += message.body;
    return all;
  }
};

TEST_F(ForeignStoreTest, a_store_of_format_1_is_served_and_then_has_format_2) {
  write_format_1();
  reopen();
  Call call(Patience::may_wait);
  EXPECT_EQ(store_->queues().find(call, queue("q")).value()->json(), R"({"old": 1})");
  EXPECT_EQ(bodies(queue("q")), "12");
  EXPECT_EQ(store_->queues().stats(call, queue("q")).value()->total, 2u);
  post_body(queue("q"), "3");
  reopen();  // its own record has no state yet
  EXPECT_EQ(bodies(queue("q")), "123");
  claim(queue("q"), 1, 600);
  post_body(queue("q"), "4");
  reopen();
  EXPECT_EQ(bodies(queue("q")), "1234");
  EXPECT_EQ(store_->queues().stats(call, queue("q")).value()->claimed, 1u);
  close();
  EXPECT_EQ(stamp_found(), 2);
  const auto database = open_database();
  auto claims = database->scan(Patience::may_wait, Table::claims, QueueKey{std::uint64_t{7}},
                               QueueKey{std::uint64_t{8}});
  claims.seek(QueueKey{std::uint64_t{7}});
  ASSERT_TRUE(claims.valid());
  EXPECT_EQ(number_in(claims.key(), 8), 1025u) << "a claim's number that may be in use";
}

TEST_F(ForeignStoreTest, a_store_of_format_1_stays_one_until_the_disk_takes_its_new_stamp) {
  write_format_1();
  for (std::atomic<bool>* const fails : {&disk_->appends_fail, &disk_->syncs_fail}) {
    *fails = true;
    const auto refused = open(options_, clock_, random_);
    *fails = false;
    ASSERT_FALSE(refused) << "would write records of format 2 under another stamp";
    EXPECT_EQ(refused.error().kind, base::ErrorKind::unavailable);
    EXPECT_NE(refused.error().description.find("log could not be written"), std::string::npos);
  }
  reopen();
  EXPECT_EQ(bodies(queue("q")), "12");
  post_body(queue("q"), "3");
  reopen();
  EXPECT_EQ(bodies(queue("q")), "123");
  close();
  EXPECT_EQ(stamp_found(), 2);
}

TEST_F(ForeignStoreTest, metadata_of_a_queue_of_format_1_can_be_changed_first) {
  write_format_1();
  reopen();
  Call call(Patience::may_wait);
  const auto change = [](const domain::QueueMetadata&) {
    return domain::QueueMetadata::from_json("{}");
  };
  ASSERT_TRUE(store_->queues().update(call, queue("q"), change));
  reopen();
  EXPECT_EQ(bodies(queue("q")), "12");
  post_body(queue("q"), "3");
  EXPECT_EQ(bodies(queue("q")), "123");
}

TEST_F(ForeignStoreTest, a_store_of_a_later_format_is_left_alone) {
  stamp(3);
  const auto opened = open(options_, clock_, random_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().description.find("format 3"), std::string::npos);
  EXPECT_EQ(stamp_found(), 3);
}

}  // namespace

}  // namespace marconi::storage::embedded
