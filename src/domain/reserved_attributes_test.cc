#include "domain/reserved_attributes.h"

#include <gtest/gtest.h>

namespace marconi::domain {
namespace {

TEST(ReservedAttributes, rules_follow_the_configured_limits) {
  Limits limits;
  limits.max_message_ttl_seconds = 100;
  EXPECT_EQ(find_reserved_attribute_fault(R"({"_default_message_ttl": 100})", limits),
            std::nullopt);
  EXPECT_EQ(find_reserved_attribute_fault(R"({"_default_message_ttl": 101})", limits),
            "_default_message_ttl can not exceed 100 seconds, and must be at least 60 seconds "
            "long.");
}

TEST(ReservedAttributes, other_names_are_free) {
  EXPECT_EQ(find_reserved_attribute_fault(R"({"default_message_ttl": 1, "_x": "y"})", Limits()),
            std::nullopt);
}

TEST(ReservedAttributes, defaults_stand_in_for_falsy_values_in_place) {
  EXPECT_EQ(with_default_values(R"({"_max_claim_count": 0, "a": 0, "_default_message_ttl": 70,)"
                                R"( "_dead_letter_queue": "dead"})",
                                Limits()),
            R"({"_max_claim_count": null, "a": 0, "_default_message_ttl": 70, )"
            R"("_dead_letter_queue": "dead", "_max_messages_post_size": 262144, )"
            R"("_default_message_delay": 0, "_dead_letter_queue_messages_ttl": null, )"
            R"("_enable_encrypt_messages": false})");
}

}  // namespace
}  // namespace marconi::domain
