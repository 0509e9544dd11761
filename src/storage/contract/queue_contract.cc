// The contract of queues: their metadata, their listing, and who sees which.
#include <gmock/gmock.h>

#include <atomic>

#include "storage/contract/contract_suite.h"

namespace marconi::storage::contract {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// Project ids that a careless key encoding would mix up.
std::vector<ProjectId> tricky_projects() {
  return {ProjectId(),
          ProjectId(""),
          ProjectId("a"),
          ProjectId("ab"),
          ProjectId("a.b"),
          ProjectId("a/b"),
          ProjectId("None"),
          ProjectId(std::string("\0", 1)),
          ProjectId(std::string("a\0", 2)),
          ProjectId(std::string("a\0b", 3)),
          ProjectId(std::string("a\0\0", 3)),
          ProjectId("a\x01"),
          ProjectId("a\xff"),
          ProjectId("\xff\xfe"),
          ProjectId("пример"),
          ProjectId(std::string(256, '\xff'))};
}

TEST_P(StoreContract, creating_a_queue_again_changes_nothing) {
  const auto queue = address("q");
  EXPECT_TRUE(create(queue, R"({"first": 1})"));
  EXPECT_FALSE(create(queue, R"({"second": 2})"));
  EXPECT_EQ(metadata_of(queue), json_text(R"({"first": 1})"));
  EXPECT_EQ(queue_count(queue.project), 1U);
}

TEST_P(StoreContract, creating_a_queue_again_keeps_its_messages) {
  const auto queue = new_queue("q");
  post(queue, {"1"});
  EXPECT_FALSE(create(queue));
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

TEST_P(StoreContract, a_missing_queue_is_empty_in_every_way_and_stays_missing) {
  const auto queue = address("missing");
  const MessageId message{kForeignUuid};
  const ClaimId claim_id{kForeignUuid};

  EXPECT_FALSE(exists(queue));
  EXPECT_FALSE(read([&](Call& call) { return store().queues().stats(call, queue); }));
  remove_queue(queue);
  EXPECT_THAT(list(queue), IsEmpty());
  EXPECT_THAT(get(queue, {message}), IsEmpty());
  EXPECT_EQ(remove(queue, message), DeleteOutcome::done);
  EXPECT_EQ(remove(queue, message, claim_id), DeleteOutcome::done);
  EXPECT_EQ(remove(queue, message, ClaimId("malformed")), DeleteOutcome::done);
  remove_many(queue, {message});
  EXPECT_EQ(remove_many_claimed(queue, {message}, {claim_id}), DeleteOutcome::done);
  EXPECT_THAT(pop(queue, 10), IsEmpty());
  purge(queue);
  EXPECT_FALSE(try_claim(queue));
  EXPECT_FALSE(find_claim(queue, claim_id));
  EXPECT_FALSE(renew(queue, claim_id, {300, 60}));
  release(queue, claim_id);

  EXPECT_FALSE(exists(queue));
  EXPECT_EQ(queue_count(queue.project), 0U);
}

TEST_P(StoreContract, posting_to_a_missing_queue_stores_nothing) {
  const auto queue = address("missing");
  const domain::NewMessage message{.body = "1", .ttl_seconds = 60, .checksum = ""};
  const auto result = attempt(
      [&](Call& call) { return store().messages().post(call, queue, {&message, 1}, kAlice); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::queue_missing);
  create(queue);
  EXPECT_THAT(alive(queue), IsEmpty());
}

TEST_P(StoreContract, metadata_comes_back_with_its_text_and_its_meaning) {
  const auto given = metadata(
      R"({"z": 1.10, "a": "\u00e9 ☃", "_default_message_ttl": 120, "_max_messages_post_size": 99})");
  const auto queue = address("q");
  write([&](Call& call) { return store().queues().create(call, queue, given); });
  const auto found = read([&](Call& call) { return store().queues().find(call, queue); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->json(), given.json());
  EXPECT_EQ(found->options().default_message_ttl_seconds, 120);
  EXPECT_EQ(found->options().max_messages_post_bytes, 99);
}

TEST_P(StoreContract, large_metadata_comes_back_whole) {
  const std::string large = R"({"text": ")" + std::string(60'000, 'x') + R"("})";
  const auto queue = new_queue("q", large);
  EXPECT_EQ(metadata_of(queue), json_text(large));
}

TEST_P(StoreContract, an_update_replaces_the_metadata_by_what_it_makes_of_them) {
  const auto queue = new_queue("q", R"({"old": 1})");
  std::string before;
  const auto changed = write([&](Call& call) {
    return store().queues().update(
        call, queue, [&](const domain::QueueMetadata& current) -> Result<domain::QueueMetadata> {
          before = current.json();
          return metadata(R"({"new": 2})");
        });
  });
  EXPECT_EQ(before, json_text(R"({"old": 1})"));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->json(), json_text(R"({"new": 2})"));
  EXPECT_EQ(metadata_of(queue), json_text(R"({"new": 2})"));
}

TEST_P(StoreContract, an_update_keeps_messages_and_claims) {
  const auto queue = new_queue("q");
  post(queue, {"1", "2"});
  const auto held = claim(queue, {.limit = 1});
  write([&](Call& call) {
    return store().queues().update(
        call, queue, [](const domain::QueueMetadata&) { return metadata(R"({"new": 2})"); });
  });
  EXPECT_THAT(alive(queue), ElementsAre("1", "2"));
  EXPECT_TRUE(find_claim(queue, held.id));
  EXPECT_EQ(stats(queue).claimed, 1U);
}

TEST_P(StoreContract, the_error_of_an_update_is_handed_through_and_nothing_is_stored) {
  const auto queue = new_queue("q", R"({"old": 1})");
  const auto result = attempt([&](Call& call) {
    return store().queues().update(
        call, queue, [](const domain::QueueMetadata&) -> Result<domain::QueueMetadata> {
          return std::unexpected(base::Error{base::ErrorKind::conflict, "a title", "a reason"});
        });
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(result.error().title, "a title");
  EXPECT_EQ(result.error().description, "a reason");
  EXPECT_EQ(metadata_of(queue), json_text(R"({"old": 1})"));
}

TEST_P(StoreContract, updating_a_missing_queue_says_so) {
  const auto queue = address("missing");
  const auto result = attempt([&](Call& call) {
    return store().queues().update(call, queue,
                                   [](const domain::QueueMetadata& current) { return current; });
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::queue_missing);
  EXPECT_FALSE(exists(queue));
}

TEST_P(StoreContract, concurrent_updates_do_not_undo_each_other) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kUpdates = 25;
  const auto queue = new_queue("q", R"({"text":""})");
  const auto append_letter = [](const domain::QueueMetadata& current) {
    std::string json = current.json();
    return metadata(json.insert(json.size() - 2, "x"));
  };
  in_threads(kThreads, [&](std::size_t) {
    for (std::size_t i = 0; i < kUpdates; ++i) {
      read([&](Call& call) { return store().queues().update(call, queue, append_letter); });
    }
  });
  fixture().settle();
  EXPECT_EQ(metadata_of(queue),
            json_text(R"({"text":")" + std::string(kThreads * kUpdates, 'x') + R"("})"));
}

TEST_P(StoreContract, only_one_of_several_concurrent_creators_creates_the_queue) {
  const auto queue = address("q");
  std::atomic<int> created = 0;
  in_threads(4, [&](std::size_t) {
    if (read([&](Call& call) { return store().queues().create(call, queue, {}); })) ++created;
  });
  EXPECT_EQ(created, 1);
}

TEST_P(StoreContract, a_removed_queue_is_gone_with_its_messages) {
  const auto queue = new_queue("q", R"({"a": 1})");
  const auto id = post_one(queue, "1");
  remove_queue(queue);
  EXPECT_FALSE(exists(queue));
  EXPECT_FALSE(read([&](Call& call) { return store().queues().stats(call, queue); }));
  EXPECT_THAT(list(queue), IsEmpty());
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_EQ(queue_count(queue.project), 0U);
  EXPECT_THAT(queue_names(queue.project), IsEmpty());
}

TEST_P(StoreContract, a_recreated_queue_starts_empty) {
  const auto queue = new_queue("q", R"({"a": 1})");
  const auto id = post_one(queue, "1");
  post(queue, {"2"});
  const auto held = claim(queue, {.limit = 1});
  remove_queue(queue);
  EXPECT_TRUE(create(queue));

  EXPECT_EQ(metadata_of(queue), "{}");
  EXPECT_THAT(alive(queue), IsEmpty());
  EXPECT_THAT(get(queue, {id}), IsEmpty());
  EXPECT_EQ(stats(queue).total, 0U);
  EXPECT_EQ(stats(queue).claimed, 0U);
  EXPECT_FALSE(find_claim(queue, held.id));
  EXPECT_FALSE(renew(queue, held.id, {300, 60}));
}

TEST_P(StoreContract, an_id_of_a_removed_queue_deletes_nothing_in_its_successor) {
  const auto queue = new_queue("q");
  const auto old = post_one(queue, "old");
  remove_queue(queue);
  create(queue);
  post(queue, {"new"});
  EXPECT_EQ(remove(queue, old), DeleteOutcome::done);
  remove_many(queue, {old});
  EXPECT_THAT(alive(queue), ElementsAre("new"));
}

TEST_P(StoreContract, queues_are_listed_in_byte_order_of_their_names) {
  for (const auto* name : {"b", "a", "B", "a.b", "a-b", "a_b", "ab", "a1", "_", "-", ".", "0"}) {
    new_queue(name);
  }
  EXPECT_THAT(queue_names(ProjectId("project")),
              ElementsAre("-", ".", "0", "B", "_", "a", "a-b", "a.b", "a1", "a_b", "ab", "b"));
}

TEST_P(StoreContract, names_keep_their_dots_and_their_case) {
  const auto dotted = new_queue("a.b.c");
  EXPECT_FALSE(exists(address("a")));
  EXPECT_FALSE(exists(address("a.b")));
  EXPECT_FALSE(exists(address("A.b.c")));
  post(dotted, {"1"});
  EXPECT_THAT(alive(dotted), ElementsAre("1"));
  EXPECT_THAT(queue_names(dotted.project), ElementsAre("a.b.c"));
}

TEST_P(StoreContract, a_name_may_be_64_characters_long) {
  const auto queue = new_queue(std::string(64, 'n'));
  post(queue, {"1"});
  EXPECT_THAT(queue_names(queue.project), ElementsAre(std::string(64, 'n')));
  EXPECT_THAT(alive(queue), ElementsAre("1"));
}

TEST_P(StoreContract, pages_of_queues_join_without_gap_or_overlap) {
  std::vector<std::string> names;
  for (int i = 10; i < 33; ++i) names.push_back("q" + std::to_string(i));
  for (const auto& name : names) new_queue(name);
  std::vector<std::string> seen;
  for (;;) {
    const auto page = queue_names(ProjectId("project"), seen.empty() ? "" : seen.back(), 5);
    if (page.empty()) break;
    ASSERT_LE(page.size(), 5U);
    seen.insert(seen.end(), page.begin(), page.end());
    ASSERT_LE(seen.size(), names.size()) << "pages overlap";
  }
  EXPECT_EQ(seen, names);
}

TEST_P(StoreContract, a_listing_goes_on_after_a_name_that_no_longer_exists) {
  for (const auto* name : {"a", "b", "c"}) new_queue(name);
  remove_queue(address("b"));
  EXPECT_THAT(queue_names(ProjectId("project"), "b"), ElementsAre("c"));
  EXPECT_THAT(queue_names(ProjectId("project"), "aa"), ElementsAre("c"));
  EXPECT_THAT(queue_names(ProjectId("project"), "c"), IsEmpty());
}

TEST_P(StoreContract, a_listing_can_start_after_what_is_no_queue_name) {
  for (const auto* name : {"a", "b"}) new_queue(name);
  EXPECT_THAT(queue_names(ProjectId("project"), "a b/\xff"), ElementsAre("b"));
  EXPECT_THAT(queue_names(ProjectId("project"), std::string("a\0", 2)), ElementsAre("b"));
  EXPECT_THAT(queue_names(ProjectId("project"), std::string(1000, 'b')), IsEmpty());
}

TEST_P(StoreContract, a_listing_shows_metadata_only_when_asked) {
  new_queue("a", R"({"n": 1})");
  new_queue("b");
  const auto list_queues = [&](bool with_metadata) {
    return read([&](Call& call) {
      return store().queues().list(
          call, ProjectId("project"),
          {.after = "", .limit = 10, .with_metadata = with_metadata, .filter = {}});
    });
  };
  const auto with = list_queues(true);
  ASSERT_EQ(with.size(), 2U);
  EXPECT_EQ(with[0].name, "a");
  ASSERT_TRUE(with[0].metadata);
  EXPECT_EQ(with[0].metadata->json(), json_text(R"({"n": 1})"));
  ASSERT_TRUE(with[1].metadata);
  EXPECT_EQ(with[1].metadata->json(), "{}");
  for (const auto& entry : list_queues(false)) EXPECT_FALSE(entry.metadata) << entry.name;
}

TEST_P(StoreContract, the_limit_of_a_listing_counts_after_the_name_filter) {
  for (int i = 100; i < 150; ++i) new_queue("dull" + std::to_string(i));
  for (const auto* name : {"e.nice", "f-nice-f", "nice", "Nice"}) new_queue(name);
  const domain::QueueFilter nice{.name_contains = "nice", .metadata = {}};
  EXPECT_THAT(queue_names(ProjectId("project"), "", 2, nice), ElementsAre("e.nice", "f-nice-f"));
  EXPECT_THAT(queue_names(ProjectId("project"), "f-nice-f", 2, nice), ElementsAre("nice"));
}

TEST_P(StoreContract, the_limit_of_a_listing_counts_after_the_metadata_filter) {
  for (int i = 100; i < 130; ++i) new_queue("q" + std::to_string(i), R"({"owner": "x"})");
  for (int i = 130; i < 133; ++i) new_queue("q" + std::to_string(i), R"({"owner": "y"})");
  const domain::QueueFilter filter{.name_contains = "q",
                                   .metadata = {{.key = "owner", .values = {"y"}}}};
  EXPECT_THAT(queue_names(ProjectId("project"), "", 2, filter), ElementsAre("q130", "q131"));
  EXPECT_THAT(queue_names(ProjectId("project"), "q131", 2, filter), ElementsAre("q132"));
}

TEST_P(StoreContract, projects_do_not_see_each_others_queues) {
  const auto projects = tricky_projects();
  for (std::size_t i = 0; i < projects.size(); ++i) {
    EXPECT_TRUE(create(address("q", projects[i]), R"({"n": )" + std::to_string(i) + "}")) << i;
    EXPECT_TRUE(create(address("own" + std::to_string(i), projects[i]))) << i;
  }
  for (std::size_t i = 0; i < projects.size(); ++i) {
    EXPECT_THAT(queue_names(projects[i]), ElementsAre("own" + std::to_string(i), "q")) << i;
    EXPECT_EQ(queue_count(projects[i]), 2U) << i;
    EXPECT_EQ(metadata_of(address("q", projects[i])),
              json_text(R"({"n": )" + std::to_string(i) + "}"))
        << i;
  }
}

TEST_P(StoreContract, projects_do_not_see_each_others_messages) {
  const auto projects = tricky_projects();
  for (std::size_t i = 0; i < projects.size(); ++i) {
    create(address("q", projects[i]));
    post(address("q", projects[i]), {std::to_string(i)});
  }
  for (std::size_t i = 0; i < projects.size(); ++i) {
    EXPECT_THAT(alive(address("q", projects[i])), ElementsAre(std::to_string(i)));
  }
  for (std::size_t i = 0; i < projects.size(); i += 2) remove_queue(address("q", projects[i]));
  for (std::size_t i = 0; i < projects.size(); ++i) {
    EXPECT_EQ(exists(address("q", projects[i])), i % 2 == 1) << i;
    EXPECT_EQ(alive(address("q", projects[i])).size(), i % 2) << i;
  }
}

TEST_P(StoreContract, project_and_name_do_not_run_into_each_other) {
  const auto one = address("bc", ProjectId("a"));
  const auto other = address("c", ProjectId("ab"));
  create(one);
  EXPECT_FALSE(exists(other));
  create(other);
  const auto id = post_one(one, "1");
  EXPECT_THAT(alive(other), IsEmpty());
  EXPECT_THAT(get(other, {id}), IsEmpty());
  remove_queue(other);
  EXPECT_THAT(alive(one), ElementsAre("1"));
}

TEST_P(StoreContract, a_project_without_queues_lists_none) {
  new_queue("q");
  EXPECT_THAT(queue_names(ProjectId("other")), IsEmpty());
  EXPECT_THAT(queue_names(ProjectId()), IsEmpty());
  EXPECT_EQ(queue_count(ProjectId("other")), 0U);
}

TEST_P(StoreContract, a_store_that_works_answers_a_ping) {
  read([&](Call& call) { return store().ping(call); });
}

}  // namespace

}  // namespace marconi::storage::contract
