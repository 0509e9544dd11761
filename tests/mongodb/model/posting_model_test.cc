// The proof of posting without transactions, by going through everything that can happen, within
// small bounds. And the proof that the proof means something: each protection, left out, must be
// missed.
#include "mongodb/model/posting_model.h"

#include <gtest/gtest.h>

#include <string>

#include "mongodb/model/scenarios.h"

namespace marconi::mongodb::model {
namespace {

using Named = NamedScenario<Scenario>;

/// Without a unique index the markers of invisible documents may collide, which is another course
/// of events.
Scenario without_index(Scenario scenario) {
  scenario.unique_markers = false;
  return scenario;
}

class KeepsThePromise : public testing::TestWithParam<Named> {};

TEST_P(KeepsThePromise, WhateverHappens) { expect_no_violation(PostingModel(GetParam().scenario)); }

INSTANTIATE_TEST_SUITE_P(
    Posting, KeepsThePromise,
    testing::Values(
        Named{"batch_and_single", {.posts = {{2}, {1}}}},
        Named{"batch_and_single_without_index", without_index({.posts = {{2}, {1}}})},
        Named{"two_posts_and_one", {.posts = {{1, 1}, {1}}, .crashes = 0}},
        Named{"two_batches_without_index", without_index({.posts = {{2}, {2}}, .crashes = 0})},
        Named{"documents_expire", {.posts = {{1}, {1}}, .expiry = true}},
        Named{"batch_expires", {.posts = {{3}}, .expiry = true}},
        Named{"remembering", {.posts = {{1, 1}, {1}}, .remembering = true}},
        Named{"remembering_batches_without_index",
              without_index({.posts = {{2}, {2}}, .crashes = 0, .remembering = true})},
        Named{"remembering_batch_and_single", {.posts = {{2}, {1}}, .remembering = true}},
        Named{"remembering_while_answers_are_lost",
              without_index(
                  {.posts = {{1}, {1}}, .crashes = 0, .unknown_commits = 1, .remembering = true})},
        Named{"remembering_while_documents_expire",
              {.posts = {{1}, {1}}, .expiry = true, .remembering = true}},
        Named{"remembering_while_the_queue_is_removed",
              without_index({.posts = {{1}, {1}}, .queue_removal = true, .remembering = true})},
        Named{"remembering_beside_transactions",
              {.posts = {{1, 1}, {2}}, .transactional = 1, .remembering = true}},
        Named{"remembering_and_a_reader_of_another_service",
              {.posts = {{1, 1}, {1}}, .plain_reader = true, .remembering = true}},
        Named{"a_letter_beyond_the_counter",
              without_index({.posts = {{2}, {1}}, .remembering = true, .letter = 6})},
        Named{"a_letter_beyond_the_counter_while_answers_are_lost",
              without_index({.posts = {{1}, {1}},
                             .crashes = 0,
                             .unknown_commits = 1,
                             .remembering = true,
                             .letter = 6})},
        Named{"a_letter_beside_transactions",
              without_index(
                  {.posts = {{2}, {1}}, .transactional = 1, .remembering = true, .letter = 6})},
        Named{"sweeper", without_index({.posts = {{1}, {1}}, .sweeper = true})},
        Named{"queue_is_removed", without_index({.posts = {{1}, {1}}, .queue_removal = true})},
        Named{"queue_is_removed_under_a_batch", {.posts = {{3}}, .queue_removal = true}},
        Named{"answer_to_commit_is_lost",
              without_index({.posts = {{1}, {1}}, .crashes = 0, .unknown_commits = 1})},
        Named{"answer_to_commit_of_batch_is_lost",
              {.posts = {{3}}, .crashes = 1, .unknown_commits = 1}},
        Named{"transactions", {.posts = {{1, 1}, {2}}, .transactional = 2}},
        Named{"one_host_with_transactions", {.posts = {{2}, {1, 1}}, .transactional = 1}},
        Named{"one_host_with_transactions_without_index",
              without_index({.posts = {{2}, {2}}, .transactional = 1})},
        Named{"queue_is_removed_under_transactions",
              {.posts = {{1}, {1, 1}}, .transactional = 1, .crashes = 0, .queue_removal = true}},
        Named{"reader_of_another_service",
              {.posts = {{2}, {1}}, .unknown_commits = 0, .plain_reader = true}},
        Named{"two_posts_and_a_reader_of_another_service",
              without_index({.posts = {{1, 1}, {1}}, .plain_reader = true})},
        Named{"answer_is_lost_and_a_reader_of_another_service",
              {.posts = {{1}, {1}}, .unknown_commits = 1, .plain_reader = true}}),
    name_of_test<Scenario>);

class Misses : public testing::TestWithParam<Named> {};

TEST_P(Misses, TheProtection) { expect_violation(PostingModel(GetParam().scenario)); }

Named without(Protection protection, Scenario scenario) {
  scenario.without = protection;
  return {std::string(name_of(protection)), scenario};
}

INSTANTIATE_TEST_SUITE_P(
    Posting, Misses,
    testing::Values(
        without(Protection::poster_helps, {.posts = {{2}, {1}}, .plain_reader = true}),
        without(Protection::commit_names_value, {.posts = {{1}, {1}}}),
        without(Protection::commit_is_one_change, {.posts = {{2}}}),
        without(Protection::base_from_counter, {.posts = {{1}, {1}}}),
        without(Protection::base_from_documents, {.posts = {{1}, {1}}}),
        without(Protection::publish_ascending, {.posts = {{2}}, .plain_reader = true}),
        without(Protection::publish_names_tag,
                without_index({.posts = {{2}, {1}}, .crashes = 0, .unknown_commits = 1})),
        without(Protection::pull_after_publishing, {.posts = {{2}}}),
        without(Protection::acknowledge_at_the_end, {.posts = {{1}}}),
        without(Protection::renumber_descending, {.posts = {{2}}, .unknown_commits = 1}),
        without(Protection::renumber_names_tag, {.posts = {{1}}, .unknown_commits = 1}),
        without(Protection::fresh_tag_each_attempt,
                without_index({.posts = {{2}, {1}}, .crashes = 0, .unknown_commits = 1})),
        without(Protection::reader_helps, {.posts = {{2}}}),
        without(Protection::scan_below_counter, {.posts = {{2}}}),
        without(Protection::reads_what_it_moved,
                without_index({.posts = {{1}}, .remembering = true, .letter = 6})),
        without(Protection::transaction_helps,
                {.posts = {{1}, {1}}, .transactional = 1, .plain_reader = true}),
        without(Protection::remembers_settled, {.posts = {{1}, {1}}, .remembering = true}),
        without(Protection::recalls_once, {.posts = {{1}, {1}}, .remembering = true}),
        without(Protection::removal_names_value, {.posts = {{1}}, .queue_removal = true})),
    name_of_test<Scenario>);

}  // namespace
}  // namespace marconi::mongodb::model
