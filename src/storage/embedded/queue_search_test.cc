// Queue lists with a name filter: the same page however it is found.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <thread>

#include "storage/embedded/database.h"
#include "storage/embedded/embedded_store.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/testing.h"

namespace marconi::storage::embedded {

namespace {

using base::Patience;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 12> kTexts = {
    "a",        "b-",  "x", "aa", "-0", "7", "needle", "a-00", "ab-0007", "stretched-name",
    "ab-00399", "\xff"};

class QueueSearchTest : public testing::Test {
 protected:
  QueueSearchTest() {
    options_.path = directory_.path() / "store";
    options_.sync = *SyncMode::from("never");
    options_.min_free_bytes = 0;
    open_store();
  }

  void open_store() { store_ = std::move(*open(options_, clock_, random_)); }

  static QueueAddress queue(std::string_view name, std::string_view project = "project") {
    return {ProjectId(std::string(project)), *domain::QueueName::from(name)};
  }

  void create(const std::string& name, std::string metadata = "{}") {
    Call call(Patience::may_wait);
    ASSERT_TRUE(
        store_->queues()
            .create(call, queue(name), *domain::QueueMetadata::from_json(std::move(metadata)))
            .value());
    names_.push_back(name);
  }

  void remove(const std::string& name) {
    Call call(Patience::may_wait);
    ASSERT_TRUE(store_->queues().remove(call, queue(name)));
    std::erase(names_, name);
  }

  /// Many queues, and two whose names say the same twice.
  void create_many(int first, int last) {
    for (int number = first; number < last; ++number) {
      auto digits = std::to_string(number);
      digits.insert(0, 5 - digits.size(), '0');
      create((number % 3 == 0 ? "aaa-" : "ab-") + digits);
    }
    create("aaaaaaaaaa." + std::to_string(first));
    create("a-very-much-stretched-name." + std::to_string(first));
  }

  std::optional<Names> try_list(const std::string& text, const std::string& after,
                                std::uint64_t limit, Patience patience) {
    Call call(patience);
    const auto found = store_->queues().list(
        call, ProjectId("project"),
        {.after = after, .limit = limit, .filter = {.name_contains = text, .metadata = {}}});
    if (!found) return std::nullopt;
    Names names;
    for (const auto& entry : *found) names.push_back(entry.name);
    return names;
  }

  Names listed(const std::string& text, const std::string& after, std::uint64_t limit) {
    return try_list(text, after, limit, Patience::may_wait).value();
  }

  /// Without patience, once the store's own threads are not in the way; nothing if that takes long.
  std::optional<Names> listed_at_once(const std::string& text, std::uint64_t limit) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    auto names = try_list(text, "", limit, Patience::immediate);
    while (!names && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
      names = try_list(text, "", limit, Patience::immediate);
    }
    return names;
  }

  Names expected(const std::string& text, const std::string& after, std::uint64_t limit) {
    Names names;
    for (const auto& name : names_) {
      if (name > after && name.contains(text)) names.push_back(name);
    }
    std::ranges::sort(names);
    names.resize(std::min<std::size_t>(names.size(), limit));
    return names;
  }

  void expect_right_lists() {
    for (const auto text : kTexts) {
      for (const auto* after : {"", "aaa-00300", "ab-00398", "b"}) {
        for (const std::uint64_t limit : {1, 10, 1000}) {
          EXPECT_EQ(listed(std::string(text), after, limit),
                    expected(std::string(text), after, limit))
              << text << " after '" << after << "', limit " << limit;
        }
      }
    }
  }

  /// Changes the database below a store that is closed meanwhile.
  template <class Work>
  void with_database(Work work) {
    store_.reset();
    {
      DatabaseOptions options;
      options.path = options_.path;
      const auto database = std::move(*Database::open(options));
      work(*database);
    }
    open_store();
  }

  std::size_t indexed_parts() {
    std::size_t parts = 0;
    with_database([&](Database& database) {
      const auto from = name_parts_prefix(ProjectId("project"));
      auto cursor = database.scan(Patience::may_wait, Table::queues, from, after_prefix(from));
      for (cursor.seek(from); cursor.valid(); cursor.next()) ++parts;
    });
    return parts;
  }

  TemporaryDirectory directory_;
  Options options_;
  base::ManualClock clock_{1'900'000'000'000};
  base::SystemRandom random_;
  std::unique_ptr<Store> store_;
  Names names_;
};

TEST_F(QueueSearchTest, lists_are_right_before_and_after_names_are_indexed) {
  create_many(0, 400);
  expect_right_lists();
  store_->collect_garbage();
  expect_right_lists();
  create_many(400, 440);
  expect_right_lists();
}

TEST_F(QueueSearchTest, removed_queues_are_in_no_list_and_leave_nothing_behind) {
  create_many(0, 300);
  store_->collect_garbage();
  remove("ab-00007");
  remove("aaaaaaaaaa.0");
  expect_right_lists();
  create("ab-00007");
  expect_right_lists();
  store_->collect_garbage();
  EXPECT_GT(indexed_parts(), 0u);
  for (const auto& name : Names(names_)) remove(name);
  EXPECT_EQ(indexed_parts(), 0u);
}

TEST_F(QueueSearchTest, a_store_made_without_an_index_gets_one) {
  create_many(0, 300);
  store_->collect_garbage();
  const auto parts = indexed_parts();
  with_database([](Database& database) {
    Batch batch(database);
    const auto from = name_parts_prefix(ProjectId("project"));
    batch.erase_range(Table::queues, from, after_prefix(from));
    batch.erase(Table::meta, kNamesIndexedKey);
    ASSERT_TRUE(database.write(Patience::may_wait, batch));
  });
  expect_right_lists();
  store_->collect_garbage();
  expect_right_lists();
  EXPECT_EQ(indexed_parts(), parts);
}

TEST_F(QueueSearchTest, rare_names_are_found_without_patience) {
  create_many(0, 4000);
  store_->collect_garbage();
  // Once with patience, so that it is in memory.
  for (const auto* text : {"ab-03998", "needle"}) {
    const auto names = listed(text, "", 10);
    EXPECT_EQ(listed_at_once(text, 10), names);
  }
}

TEST_F(QueueSearchTest, other_projects_do_not_show) {
  create("mine");
  Call call(Patience::may_wait);
  ASSERT_TRUE(store_->queues().create(call, queue("mine-not", "other"), {}).value());
  ASSERT_TRUE(store_->queues()
                  .create(call, {ProjectId(), *domain::QueueName::from("mine-no")}, {})
                  .value());
  EXPECT_EQ(listed("mine", "", 10), Names{"mine"});
  store_->collect_garbage();
  EXPECT_EQ(listed("mine", "", 10), Names{"mine"});
}

TEST_F(QueueSearchTest, filters_of_names_and_metadata_work_together) {
  create_many(0, 100);
  create("needle-1", R"({"color": "blue"})");
  create("needle-2", R"({"color": "red"})");
  create("needle-3", R"({"color": "blue"})");
  for (int round = 0; round < 2; ++round) {
    Call call(Patience::may_wait);
    const auto found = store_->queues()
                           .list(call, ProjectId("project"),
                                 {.after = "needle-1",
                                  .limit = 10,
                                  .with_metadata = true,
                                  .filter = {.name_contains = "needle",
                                             .metadata = {{.key = "color", .values = {"blue"}}}}})
                           .value();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.front().name, "needle-3");
    EXPECT_EQ(found.front().metadata->json(), R"({"color": "blue"})");
    store_->collect_garbage();
  }
}

}  // namespace

}  // namespace marconi::storage::embedded
