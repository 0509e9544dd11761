#include "transport/http/admission.h"

#include <gtest/gtest.h>

namespace marconi::transport::http {
namespace {

using Verdict = Admission::Verdict;

TEST(Admission, a_place_given_up_goes_to_the_one_it_was_given_up_for) {
  Admission admission(1, 0);
  ASSERT_EQ(admission.enter("first"), Verdict::admitted);
  ASSERT_EQ(admission.enter("second"), Verdict::too_many);
  EXPECT_EQ(admission.enter_instead("second"), Verdict::admitted);
  EXPECT_EQ(admission.enter("third"), Verdict::too_many);
  admission.leave("first", true);
  EXPECT_EQ(admission.enter("third"), Verdict::too_many);
  admission.leave("second", false);
  EXPECT_EQ(admission.enter("third"), Verdict::admitted);
}

TEST(Admission, a_place_given_up_does_not_help_a_peer_that_has_too_many) {
  Admission admission(2, 1);
  ASSERT_EQ(admission.enter("one"), Verdict::admitted);
  ASSERT_EQ(admission.enter("other"), Verdict::admitted);
  EXPECT_EQ(admission.enter_instead("one"), Verdict::too_many_of_peer);
  admission.leave("other", true);
  EXPECT_EQ(admission.enter("third"), Verdict::admitted);
}

}  // namespace
}  // namespace marconi::transport::http
