// The proof that dead letters keep the order of the queue they go to and are taken from nobody, and
// that each protection is needed for it.
#include "mongodb/model/moving_model.h"

#include <gtest/gtest.h>

#include <string>

#include "mongodb/model/scenarios.h"

namespace marconi::mongodb::model {
namespace {

using Named = NamedScenario<MovingScenario>;

class MovingKeepsThePromise : public testing::TestWithParam<Named> {};

TEST_P(MovingKeepsThePromise, WhateverHappens) {
  expect_no_violation(MovingModel(GetParam().scenario));
}

INSTANTIATE_TEST_SUITE_P(
    Moving, MovingKeepsThePromise,
    testing::Values(Named{"two_movers", {.crashes = 1, .holds_ended = 1}},
                    Named{"beside_a_poster", {.poster = true, .crashes = 1}},
                    Named{"beside_a_poster_without_index",
                          {.unique_markers = false, .poster = true, .crashes = 1}},
                    Named{"answer_to_commit_is_lost", {.lost_answers = 1, .holds_ended = 1}},
                    Named{"letters_are_deleted", {.crashes = 1, .deletions = 1}},
                    Named{"worker_takes_letters", {.claims = 1, .holds_ended = 2}}),
    name_of_test<MovingScenario>);

class MovingMisses : public testing::TestWithParam<Named> {};

TEST_P(MovingMisses, TheProtection) { expect_violation(MovingModel(GetParam().scenario)); }

Named without(MoveProtection protection, MovingScenario scenario) {
  scenario.without = protection;
  return {std::string(name_of(protection)), scenario};
}

INSTANTIATE_TEST_SUITE_P(
    Moving, MovingMisses,
    testing::Values(without(MoveProtection::hold_names_freedom, {.claims = 1}),
                    without(MoveProtection::hold_descending, {.lost_answers = 1}),
                    without(MoveProtection::fresh_tag_each_attempt,
                            {.poster = true, .lost_answers = 1}),
                    without(MoveProtection::commit_names_value, {.poster = true}),
                    without(MoveProtection::mover_helps, {.crashes = 1, .holds_ended = 1}),
                    without(MoveProtection::move_names_hold, {.claims = 1, .holds_ended = 1}),
                    without(MoveProtection::blocked_are_let_go, {.poster = true}),
                    without(MoveProtection::let_go_descending, {.poster = true})),
    name_of_test<MovingScenario>);

}  // namespace
}  // namespace marconi::mongodb::model
