// The proof that a message never has two owners, and that each protection is needed for it.
#include "mongodb/model/claiming_model.h"

#include <gtest/gtest.h>

#include <string>

#include "mongodb/model/scenarios.h"

namespace marconi::mongodb::model {
namespace {

TEST(Claiming, GivesAMessageOneOwnerWhateverHappens) {
  expect_no_violation(ClaimingModel(std::nullopt));
}

class ClaimingMisses : public testing::TestWithParam<ClaimProtection> {};

TEST_P(ClaimingMisses, TheProtection) { expect_violation(ClaimingModel(GetParam())); }

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
