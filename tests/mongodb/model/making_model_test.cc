// The proof that observers miss nothing when a queue is removed and made anew, and that each
// protection is needed for it.
#include "mongodb/model/making_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mongodb/model/scenarios.h"

namespace marconi::mongodb::model {
namespace {

using Named = NamedScenario<MakingScenario>;

class MakingKeeps : public testing::TestWithParam<Named> {};

TEST_P(MakingKeeps, WhatItPromisesWhateverHappens) {
  expect_no_violation(MakingModel(GetParam().scenario));
}

INSTANTIATE_TEST_SUITE_P(
    Making, MakingKeeps,
    testing::Values(
        Named{"two_makers", {}}, Named{"two_posts_from_memory", {.posts = {2, 1}}},
        Named{"a_collector", {.posts = {2}, .collector = true}},
        Named{"two_removers", {.removers = 2, .queue_at_start = true}},
        Named{"hours_pass", {.posts = {2}, .hours_pass = true}},
        Named{"an_answer_is_lost", {.answer_lost = true}},
        Named{"beside_the_reference_service",
              {.makers = 1, .posts_of_reference = 2, .queue_at_start = true, .hours_pass = true}}),
    name_of_test<MakingScenario>);

class MakingMisses : public testing::TestWithParam<Named> {};

TEST_P(MakingMisses, TheProtection) { expect_violation(MakingModel(GetParam().scenario)); }

Named without(MakingProtection protection, MakingScenario scenario) {
  scenario.without.push_back(protection);
  return {std::string(name_of(protection)), scenario};
}

using enum MakingProtection;

INSTANTIATE_TEST_SUITE_P(
    Making, MakingMisses,
    testing::Values(
        without(note_comes_first, {}), without(removal_names_counter, {.queue_at_start = true}),
        without(note_seen_before, {.makers = 1, .posts_of_reference = 1, .queue_at_start = true}),
        without(entry_written, {}), without(posters_settle, {}), without(readers_settle, {}),
        without(raised_before_struck, {}), without(inserted_once, {.answer_lost = true}),
        without(late_start, {.posts = {2}, .hours_pass = true})),
    name_of_test<MakingScenario>);

}  // namespace
}  // namespace marconi::mongodb::model
