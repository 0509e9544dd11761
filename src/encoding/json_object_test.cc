#include "encoding/json_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marconi::encoding {
namespace {

using testing::Optional;

TEST(JsonObject, TakesObjectsOnly) {
  EXPECT_TRUE(JsonObject::from("{}"));
  EXPECT_TRUE(JsonObject::from(" {\"a\" : 1}\n"));
  for (const auto* text : {"", "[]", "null", "1", "\"{}\"", "{", "{} {}", "{\"a\": NaN}"}) {
    EXPECT_FALSE(JsonObject::from(text)) << text;
  }
}

TEST(JsonObject, WritesMembersInOrderWithTheBytesOfTheirValues) {
  const auto object = JsonObject::from(R"({"z":1.10 ,"a":{"k":[1,2]},"\u0061b\n":"\u00e9"})");
  EXPECT_EQ(object->to_string(), R"({"z": 1.10, "a": {"k":[1,2]}, "ab\n": "\u00e9"})");
  EXPECT_EQ(JsonObject::from(" { } ")->to_string(), "{}");
  EXPECT_EQ(JsonObject().to_string(), "{}");
}

TEST(JsonObject, ReadsBackWhatItWrote) {
  for (const auto* text : {R"({"": ""})", R"({"\u0000\"\\": {"a": [ ]}, "\u007f": 1e2})",
                           R"({"😀": "😀", "é": null})"}) {
    const std::string written = JsonObject::from(text)->to_string();
    EXPECT_EQ(JsonObject::from(written)->to_string(), written) << text;
  }
}

TEST(JsonObject, KeepsARepeatedNameAtItsFirstPlaceWithItsLastValue) {
  EXPECT_EQ(JsonObject::from(R"({"a":1,"b":2,"a":3})")->to_string(), R"({"a": 3, "b": 2})");
}

TEST(JsonObject, FindsMembersByTheirResolvedName) {
  const auto object = JsonObject::from(R"({"\u0061": [1], "b": {"c": 2}})");
  EXPECT_THAT(object->find("a"), Optional(std::string_view("[1]")));
  EXPECT_EQ(object->find("c"), std::nullopt);
  EXPECT_EQ(object->find(""), std::nullopt);
}

TEST(JsonObject, SettingAKnownNameKeepsItsPlace) {
  auto object = *JsonObject::from(R"({"a": 1, "b": 2})");
  object.set("a", "[3]");
  object.set("c", "null");
  EXPECT_EQ(object.to_string(), R"({"a": [3], "b": 2, "c": null})");
}

TEST(JsonObject, ErasesMembersAndSaysWhetherTheyWereThere) {
  auto object = *JsonObject::from(R"({"a": 1, "b": 2})");
  EXPECT_TRUE(object.erase("a"));
  EXPECT_FALSE(object.erase("a"));
  EXPECT_EQ(object.to_string(), R"({"b": 2})");
}

}  // namespace
}  // namespace marconi::encoding
