// The contract as a whole: long random runs whose every answer is compared with a naive model.
#include "storage/contract/random_run.h"

namespace marconi::storage::contract {

namespace {

TEST_P(StoreContract, random_operations_are_answered_as_the_model_says) {
  RandomRun(*this, {.seed = 1}).run();
}

TEST_P(StoreContract, random_operations_on_a_long_queue_are_answered_as_the_model_says) {
  RandomRun(*this, {.seed = 8, .operations = 1000, .largest_post = 100}).run();
}

TEST_P(StoreContract, random_operations_while_the_clock_steps_are_answered_as_the_model_says) {
  RandomRun(*this, {.seed = 2, .step_wall = true}).run();
}

TEST_P(StoreContract, random_operations_with_dead_letters_are_answered_as_the_model_says) {
  RandomRun(*this, {.seed = 3, .max_claim_count = 2}).run();
}

TEST_P(StoreContract, random_operations_with_dead_letters_of_their_own_ttl_match_the_model) {
  RandomRun(*this, {.seed = 4, .max_claim_count = 1, .dead_letter_ttl_seconds = 150}).run();
}

TEST_P(StoreContract, random_operations_with_dead_letters_in_a_circle_match_the_model) {
  RandomRun(*this, {.seed = 5, .max_claim_count = 1, .both_ways = true}).run();
}

TEST_P(DurableStoreContract, random_operations_between_reopenings_are_answered_as_the_model_says) {
  RandomRun(*this, {.seed = 6, .reopen = [this] { reopen(); }}).run();
}

TEST_P(DurableStoreContract, random_operations_with_dead_letters_between_reopenings_match) {
  RandomRun(*this,
            {.seed = 7, .max_claim_count = 1, .both_ways = true, .reopen = [this] { reopen(); }})
      .run();
}

}  // namespace

}  // namespace marconi::storage::contract
