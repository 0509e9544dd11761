// The proof that a message never has two owners, and that each protection is needed for it.
#include "mongodb/model/claiming_model.h"

#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "mongodb/model/explorer.h"

namespace marconi::mongodb::model {
namespace {

TEST(Claiming, GivesAMessageOneOwnerWhateverHappens) {
  const Exploration explored = explore(ClaimingModel(std::nullopt));
  EXPECT_EQ(explored.violation, "") << listing(explored);
  std::cout << explored.states << " states\n";
}

class ClaimingMisses : public testing::TestWithParam<ClaimProtection> {};

TEST_P(ClaimingMisses, TheProtection) {
  const Exploration explored = explore(ClaimingModel(GetParam()));
  EXPECT_NE(explored.violation, "") << "nothing went wrong in " << explored.states << " states";
  std::cout << explored.states << " states to: " << listing(explored) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Claiming, ClaimingMisses,
                         testing::Values(ClaimProtection::claim_names_freedom,
                                         ClaimProtection::claim_is_read_back,
                                         ClaimProtection::renewal_names_claim,
                                         ClaimProtection::deletion_names_claim,
                                         ClaimProtection::deletion_names_freedom),
                         [](const testing::TestParamInfo<ClaimProtection>& info) {
                           return std::string(name_of(info.param));
                         });

}  // namespace
}  // namespace marconi::mongodb::model
