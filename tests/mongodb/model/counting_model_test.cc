// The proof of what posting beside the reference service keeps of the promise, and that each
// protection is needed for it.
#include "mongodb/model/counting_model.h"

#include <gtest/gtest.h>

#include <string>

#include "mongodb/model/scenarios.h"

namespace marconi::mongodb::model {
namespace {

using Named = NamedScenario<CountingScenario>;

class CountingKeeps : public testing::TestWithParam<Named> {};

TEST_P(CountingKeeps, WhatItPromisesWhateverHappens) {
  expect_no_violation(CountingModel(GetParam().scenario));
}

INSTANTIATE_TEST_SUITE_P(
    Counting, CountingKeeps,
    testing::Values(
        Named{"nothing_is_deleted", {.posts = {2, 1}, .posts_of_reference = 1}},
        Named{"nothing_is_deleted_and_a_reader_of_the_reference_service",
              {.posts = {2, 1}, .posts_of_reference = 1, .plain_reader = true}},
        Named{"batch_and_single",
              {.posts = {2, 1}, .consumer = true, .rude_consumer = true, .counter_host = true}},
        Named{"beside_a_poster_of_the_reference_service",
              {.posts = {2}, .posts_of_reference = 1, .consumer = true, .rude_consumer = true}},
        Named{"beside_two_posters_of_the_reference_service",
              {.posts = {1}, .posts_of_reference = 2, .consumer = true, .rude_consumer = true}},
        Named{"answers_are_lost",
              {.posts = {2}, .posts_of_reference = 1, .lost_answers = 1, .rude_consumer = true}},
        Named{"queue_is_made_anew",
              {.posts = {1, 1}, .posts_of_reference = 1, .consumer = true, .made_anew = true}},
        Named{"queue_is_made_from_one",
              {.posts = {1, 1}, .posts_of_reference = 1, .consumer = true, .made_from_one = true}},
        Named{"reader_of_the_reference_service",
              {.posts = {2, 1}, .consumer = true, .counter_host = true, .plain_reader = true}}),
    name_of_test<CountingScenario>);

class CountingMisses : public testing::TestWithParam<Named> {};

TEST_P(CountingMisses, TheProtection) { expect_violation(CountingModel(GetParam().scenario)); }

Named without(CountingProtection protection, CountingScenario scenario) {
  scenario.without = protection;
  return {std::string(name_of(protection)), scenario};
}

using enum CountingProtection;

INSTANTIATE_TEST_SUITE_P(
    Counting, CountingMisses,
    testing::Values(
        without(unique_markers, {.posts = {1, 1}}),
        without(starts_at_the_counter, {.posts = {1, 1, 1}, .posts_of_reference = 1}),
        without(counting_names_value, {.posts = {1, 1, 1}, .consumer = true}),
        without(counting_names_queue, {.posts = {1, 1}, .made_from_one = true}),
        without(answers_tell, {.posts = {2, 1}, .consumer = true}),
        without(shown_by_one_attempt, {.posts = {1}, .lost_answers = 1, .rude_consumer = true}),
        without(counts_before_answering, {.posts = {1}}),
        without(waits_for_the_living,
                {.posts = {1, 1}, .posts_of_reference = 1, .counter_host = true}),
        without(reader_below_counter, {.posts = {1, 1}, .rude_consumer = true}),
        without(deletion_counts_first, {.posts = {1, 1}, .consumer = true, .plain_reader = true})),
    name_of_test<CountingScenario>);

}  // namespace
}  // namespace marconi::mongodb::model
