#include "domain/metadata_change.h"

#include <gtest/gtest.h>

#include <vector>

namespace marconi::domain {
namespace {

using Kind = MetadataOperation::Kind;

TEST(MetadataChange, steps_build_on_each_other) {
  const std::vector<MetadataOperation> operations = {{Kind::add, "b", "[1.50]"},
                                                     {Kind::replace, "b", "2"},
                                                     {Kind::add, "c", "null"},
                                                     {Kind::remove, "a", ""}};
  EXPECT_EQ(apply_operations(operations, R"({"a": 1})").value(), R"({"b": 2, "c": null})");
}

TEST(MetadataChange, absent_members_can_be_neither_replaced_nor_removed) {
  const std::vector<MetadataOperation> replace = {{Kind::replace, "x", "1"}};
  const std::vector<MetadataOperation> remove = {{Kind::remove, "x", ""}};
  EXPECT_EQ(apply_operations(replace, "{}").error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(apply_operations(remove, "{}").error().kind, base::ErrorKind::conflict);
}

TEST(MetadataChange, attributes_with_a_default_are_always_there) {
  const std::vector<MetadataOperation> operations = {{Kind::remove, "_max_claim_count", ""},
                                                     {Kind::replace, "_default_message_ttl", "60"}};
  EXPECT_EQ(apply_operations(operations, "{}").value(), R"({"_default_message_ttl": 60})");
}

TEST(MetadataChange, other_reserved_names_are_not) {
  const std::vector<MetadataOperation> operations = {{Kind::remove, "_flavor", ""}};
  EXPECT_EQ(apply_operations(operations, "{}").error().description,
            "Can't remove non-existent object _flavor.");
}

}  // namespace
}  // namespace marconi::domain
