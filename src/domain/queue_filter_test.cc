#include "domain/queue_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace marconi::domain {
namespace {

bool keeps(const std::string& key, const std::vector<std::string>& values, std::string_view json) {
  return QueueFilter{.name_contains = {}, .metadata = {{key, values}}}.matches_metadata(json);
}

TEST(QueueFilter, KeepsEveryQueueIfNothingIsAsked) {
  EXPECT_TRUE(QueueFilter{}.matches_name("orders"));
  EXPECT_TRUE(QueueFilter{}.matches_metadata("{}"));
}

TEST(QueueFilter, MatchesAnyPartOfANameLiterally) {
  const QueueFilter filter{.name_contains = "a.b", .metadata = {}};
  EXPECT_TRUE(filter.matches_name("a.b"));
  EXPECT_TRUE(filter.matches_name("xa.by"));
  EXPECT_FALSE(filter.matches_name("axb"));
  EXPECT_FALSE(filter.matches_name("A.B"));
  EXPECT_FALSE(filter.matches_name("a."));
  for (const auto* pattern : {".*", "^orders$", "ord[e]rs", "("}) {
    EXPECT_FALSE((QueueFilter{.name_contains = pattern, .metadata = {}}.matches_name("orders")));
  }
}

TEST(MetadataFilter, MatchesTheSameString) {
  EXPECT_TRUE(keeps("team", {"shop"}, R"({"team": "shop"})"));
  EXPECT_TRUE(keeps("team", {"café"}, R"({"team": "caf\u00e9"})"));
  EXPECT_TRUE(keeps("team", {"10"}, R"({"team": "10"})"));
  EXPECT_TRUE(keeps("te\"am", {"shop"}, R"({"te\"am": "shop"})"));
  EXPECT_FALSE(keeps("team", {"shop"}, R"({"team": "Shop"})"));
  EXPECT_FALSE(keeps("team", {"shop"}, R"({"team": "shops"})"));
  EXPECT_FALSE(keeps("team", {"shop"}, R"({"name": "shop"})"));
  EXPECT_FALSE(keeps("team", {"shop"}, "{}"));
}

TEST(MetadataFilter, MatchesTheSameIntegerIfTheValueReadsAsOne) {
  for (const auto* value : {"10", "+10", " 10 ", "010", "1_0", "\t10\n"}) {
    EXPECT_TRUE(keeps("size", {value}, R"({"size": 10})")) << value;
  }
  EXPECT_TRUE(keeps("size", {"-7"}, R"({"size": -7})"));
  EXPECT_TRUE(keeps("size", {"0"}, R"({"size": -0})"));
  EXPECT_TRUE(keeps("size", {"-9223372036854775808"}, R"({"size": -9223372036854775808})"));
  for (const auto* value : {"11", "10.0", "1e1", "0xa", "+-10", "--10", "1__0", "_10", "10_", "1 0",
                            "ten", "-", "+", " ", "18446744073709551626", "+_10"}) {
    EXPECT_FALSE(keeps("size", {value}, R"({"size": 10})")) << value;
  }
}

TEST(MetadataFilter, ComparesStringsByteForByteEvenIfTheyLookLikeIntegers) {
  EXPECT_FALSE(keeps("size", {"+10"}, R"({"size": "10"})"));
  EXPECT_FALSE(keeps("size", {"10"}, R"({"size": " 10"})"));
}

TEST(MetadataFilter, MatchesNoOtherKind) {
  for (const auto* stored : {"true", "null", "1.0", "[1]", "{\"1\": 1}"}) {
    EXPECT_FALSE(
        keeps("a", {"1", "true", "null", "1.0", "[1]", ""}, std::string("{\"a\": ") + stored + "}"))
        << stored;
  }
}

TEST(MetadataFilter, MatchesAnyOfItsValues) {
  EXPECT_TRUE(keeps("team", {"a", "b"}, R"({"team": "b"})"));
  EXPECT_TRUE(keeps("team", {"a", "1"}, R"({"team": 1})"));
  EXPECT_FALSE(keeps("team", {"a", "b"}, R"({"team": "c"})"));
  EXPECT_FALSE(keeps("team", {}, R"({"team": "c"})"));
}

TEST(MetadataFilter, ReachesNestedMembersThroughDots) {
  EXPECT_TRUE(keeps("a.b.c", {"1"}, R"({"x": {}, "a": {"y": 2, "b": {"c": 1}}})"));
  EXPECT_TRUE(keeps("a.b", {"1"}, R"({"a.b": 1})"));
  EXPECT_TRUE(keeps("a.b.c", {"1"}, R"({"a": {"b.c": 1}})"));
  EXPECT_TRUE(keeps("a.b", {"1"}, R"({"a": 5, "a.b": 1})"));
  for (const auto* key : {"a", "a.", ".a", "a..b", "b", "a.b.", "ab", "a.b.c", ""}) {
    EXPECT_FALSE(keeps(key, {"1"}, R"({"a": {"b": 1}})")) << key;
  }
  EXPECT_FALSE(keeps("a.0", {"1"}, R"({"a": [1]})"));
}

TEST(MetadataFilter, LooksNoDeeperThanItsBound) {
  const auto nested = [](int depth) {
    std::string json = "1";
    for (int i = 0; i < depth; ++i) json = R"({"a": )" + json + "}";
    return json;
  };
  const auto key = [](int parts) {
    std::string text = "a";
    for (int i = 1; i < parts; ++i) text += ".a";
    return text;
  };
  EXPECT_TRUE(keeps(key(32), {"1"}, nested(32)));
  EXPECT_FALSE(keeps(key(500), {"1"}, nested(500)));
}

TEST(QueueFilter, KeepsQueuesThatSatisfyAllOfItsFilters) {
  const QueueFilter filter{.name_contains = {}, .metadata = {{"a", {"1"}}, {"b", {"x"}}}};
  EXPECT_TRUE(filter.matches_metadata(R"({"b": "x", "a": 1})"));
  EXPECT_FALSE(filter.matches_metadata(R"({"a": 1})"));
  EXPECT_FALSE(filter.matches_metadata(R"({"a": 1, "b": "y"})"));
}

}  // namespace
}  // namespace marconi::domain
