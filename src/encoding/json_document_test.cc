#include "encoding/json_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace marconi::encoding {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

JsonValue parsed(std::string_view text) {
  const auto value = parse_json(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(JsonValue{});
}

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string nested_objects(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += R"({"a":)";
  return text + "1" + std::string(depth, '}');
}

std::vector<std::string_view> raws(const std::vector<JsonValue>& values) {
  std::vector<std::string_view> result;
  for (const auto& value : values) result.push_back(value.raw);
  return result;
}

// ---------------------------------------------------------------- what is refused

class MalformedJson : public testing::TestWithParam<std::string> {};

TEST_P(MalformedJson, IsRefused) {
  const auto value = parse_json(GetParam());
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error(), JsonError::malformed);
}

TEST_P(MalformedJson, IsRefusedWithinAMessage) {
  const auto value = parse_json(R"([{"body": )" + GetParam() + R"(, "ttl": 60}])");
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error(), JsonError::malformed);
}

TEST_P(MalformedJson, StaysMalformedBesideAnIntegerThatIsTooLarge) {
  const auto value = parse_json("[99999999999999999999999, " + GetParam() + "]");
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error(), JsonError::malformed);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MalformedJson,
    testing::Values(
        // nothing, or not enough
        ""s, " \n\t\r"s, "{"s, "["s, "\""s, "\"abc"s, "{\"a\""s, "{\"a\":"s, "[1"s, "tru"s, "-"s,
        // too much
        "{} x"s, "{}{}"s, "[1 2]"s, "1]"s, "{}}"s, "[]\0"s, "\0"s,
        // other dialects
        "\xEF\xBB\xBF{}"s, "[1,]"s, "[,1]"s, "{\"a\":1,}"s, "{'a':1}"s, "'a'"s, "{a:1}"s,
        "/* */ 1"s, "1 // one"s, "undefined"s, "True"s, "None"s, "\v1"s, "\xC2\xA0 1"s,
        // numbers
        "NaN"s, "Infinity"s, "-Infinity"s, "nan"s, "1e400"s, "-1e400"s, "01"s, "-01"s, "00"s, "+1"s,
        "1."s, ".5"s, "1.e5"s, "1e"s, "1e+"s, "1.5e"s, "0x10"s, "1_000"s, "--1"s, "- 1"s,
        "012345678901234567890123"s, "99999999999999999999x"s, "99999999999999999999-1"s,
        "99999999999999999999."s, "99999999999999999999e"s,
        // strings
        "\"a\tb\""s, "\"a\nb\""s, "\"\0\""s, "\"\\x\""s, "\"\\u12\""s, "\"\\u12g4\""s,
        "\"\\U0041\""s, "\"\\ud800\""s, "\"\\udc00\""s, "\"\\ud800\\u0041\""s,
        "\"\\ud800\\ud800\""s, "\"\\udc00\\ud800\""s, "\"\\ud83dx\""s, "\"\\ud83d\\n\""s,
        "{\"\\ud800\": 1}"s,
        // not UTF-8
        "\"\xff\""s, "\"\x80\""s, "\"\xc3\""s, "\"\xc0\xaf\""s, "\"\xe0\x80\xaf\""s,
        "\"\xed\xa0\x80\""s, "\"\xf5\x80\x80\x80\""s, "\"\xf4\x90\x80\x80\""s, "\xff"s,
        // the wrong bracket
        "[}"s, "{]"s, "[{]}"s, "{\"a\" 1}"s, "{\"a\",1}"s, "{1:2}"s, "{\"a\":1 \"b\":2}"s));

TEST(ParseJson, RefusesAnUnboundedNestingButTakesAtLeast500Levels) {
  for (const int depth : {1, 500, 1000}) {
    EXPECT_TRUE(parse_json(nested(depth))) << depth;
    EXPECT_TRUE(parse_json(nested_objects(depth))) << depth;
  }
  for (const int depth : {20'000, 1'000'000}) {
    EXPECT_EQ(parse_json(nested(depth)), std::unexpected(JsonError::malformed)) << depth;
    EXPECT_EQ(parse_json(std::string(depth, '[')), std::unexpected(JsonError::malformed));
    EXPECT_EQ(parse_json(nested_objects(depth)), std::unexpected(JsonError::malformed)) << depth;
  }
}

TEST(ParseJson, TellsAnIntegerThatIsTooLargeFromAMalformedText) {
  for (const std::string literal :
       {"9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "99999999999999999999", "-100000000000000000000"}) {
    for (const std::string& text :
         {literal, " " + literal + "\n", "[" + literal + "]",
          R"([{"body": {"x": [)" + literal + "]}}]", R"({"a": "\"", "b": )" + literal + "}",
          "[1.5, " + literal + ", " + literal + "]"}) {
      EXPECT_EQ(parse_json(text), std::unexpected(JsonError::integer_too_large)) << text;
    }
  }
  const std::string hundreds(700, '7');
  EXPECT_EQ(parse_json(hundreds), std::unexpected(JsonError::integer_too_large));
  EXPECT_EQ(parse_json("{\"a\": -" + hundreds + "}"),
            std::unexpected(JsonError::integer_too_large));
}

TEST(ParseJson, TakesLargeNumbersThatAreNoIntegersAndDigitsInStrings) {
  for (const std::string text :
       {"99999999999999999999.0", "99999999999999999999e0", "1e308", "1e-400", "-1E+20",
        "\"99999999999999999999\"", R"(["\"99999999999999999999", 1])",
        R"({"99999999999999999999": 1})", "9223372036854775807", "-9223372036854775808"}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->raw, text);
  }
}

TEST(ParseJson, GivesTheSameAnswerWithPadding) {
  for (const std::string text : {"{\"a\": [1, 2]}", "[1", "18446744073709551615",
                                 "99999999999999999999999999", "\"abc\"", "{} }"}) {
    std::string with_padding = text + std::string(64, ']');
    const auto padded = parse_json(std::string_view(with_padding).substr(0, text.size()), true);
    const auto plain = parse_json(text);
    ASSERT_EQ(padded.has_value(), plain.has_value()) << text;
    if (plain) {
      EXPECT_EQ(padded->raw, plain->raw);
    } else {
      EXPECT_EQ(padded.error(), plain.error());
    }
  }
}

TEST(ParseJson, ReadsATextLargerThanWhatAThreadKeepsMemoryFor) {
  const std::string large = "[\"" + std::string(3 << 20, 'x') + "\"]";
  EXPECT_EQ(parsed(large).elements().front().raw.size(), (3u << 20) + 2);
  EXPECT_EQ(parsed("[1]").elements().size(), 1u);
}

// ---------------------------------------------------------------- values

struct ValueCase {
  std::string text;
  JsonKind kind;
  bool falsy;
};

class JsonValues : public testing::TestWithParam<ValueCase> {};

TEST_P(JsonValues, HaveAKindAndTheirBytesWithoutTheSpaceAround) {
  const std::string text = " \t\r\n" + GetParam().text + "\n\r\t ";
  const JsonValue value = parsed(text);
  EXPECT_EQ(value.kind, GetParam().kind);
  EXPECT_EQ(value.raw, GetParam().text);
  EXPECT_EQ(value.is_falsy(), GetParam().falsy);
}

TEST_P(JsonValues, AreTheSameInsideContainers) {
  const std::string array = "[ 0 ," + GetParam().text + "\n, {}]";
  EXPECT_EQ(parsed(array).elements().at(1).raw, GetParam().text);
  EXPECT_EQ(parsed(array).elements().at(1).kind, GetParam().kind);
  const std::string object = R"({"a" : "]}" , "b" :)" + GetParam().text + R"(,"c":[]})";
  EXPECT_EQ(parsed(object).members().at(1).value.raw, GetParam().text);
  EXPECT_EQ(parsed(object).members().at(1).value.kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonValues,
    testing::Values(
        ValueCase{"null", JsonKind::null, true}, ValueCase{"true", JsonKind::boolean, false},
        ValueCase{"false", JsonKind::boolean, true}, ValueCase{"0", JsonKind::integer, true},
        ValueCase{"-0", JsonKind::integer, true}, ValueCase{"10", JsonKind::integer, false},
        ValueCase{"-7", JsonKind::integer, false},
        ValueCase{"9223372036854775807", JsonKind::integer, false},
        ValueCase{"1.10", JsonKind::real, false}, ValueCase{"1e2", JsonKind::real, false},
        ValueCase{"1E+2", JsonKind::real, false}, ValueCase{"0.0", JsonKind::real, true},
        ValueCase{"-0.00e7", JsonKind::real, true}, ValueCase{"0.01", JsonKind::real, false},
        ValueCase{"\"\"", JsonKind::string, true}, ValueCase{"\" \"", JsonKind::string, false},
        ValueCase{R"("\u0000")", JsonKind::string, false},
        ValueCase{R"("\\")", JsonKind::string, false},
        ValueCase{R"("\"}],{[\\\"")", JsonKind::string, false},
        ValueCase{R"("\ud83d\ude00\/")", JsonKind::string, false},
        ValueCase{"\"\xF0\x9F\x98\x80 \xC3\xA9\"", JsonKind::string, false},
        ValueCase{"[]", JsonKind::array, true}, ValueCase{"[ \n]", JsonKind::array, true},
        ValueCase{"[[]]", JsonKind::array, false}, ValueCase{"[0]", JsonKind::array, false},
        ValueCase{"{}", JsonKind::object, true}, ValueCase{"{\t}", JsonKind::object, true},
        ValueCase{R"({"":null})", JsonKind::object, false},
        ValueCase{R"({ "a" : [ 1.50 , {"}":"]"} ] })", JsonKind::object, false}));

TEST(JsonValue, ReadsIntegersAndCountsBooleansAsOneAndZero) {
  EXPECT_THAT(parsed("-0").as_integer(), Optional(0));
  EXPECT_THAT(parsed("60").as_integer(), Optional(60));
  EXPECT_THAT(parsed("9223372036854775807").as_integer(), Optional(INT64_MAX));
  EXPECT_THAT(parsed("-9223372036854775808").as_integer(), Optional(INT64_MIN));
  EXPECT_THAT(parsed("true").as_integer(), Optional(1));
  EXPECT_THAT(parsed("false").as_integer(), Optional(0));
  for (const auto* text : {"60.0", "1e2", "\"60\"", "null", "[1]", "{}"}) {
    EXPECT_EQ(parsed(text).as_integer(), std::nullopt) << text;
  }
}

TEST(JsonValue, ResolvesTheEscapesOfStrings) {
  EXPECT_THAT(parsed(R"("plain")").as_string(), Optional("plain"s));
  EXPECT_THAT(parsed(R"("\"\\\/\b\f\n\r\t")").as_string(), Optional("\"\\/\b\f\n\r\t"s));
  EXPECT_THAT(parsed(R"("a\u0000b")").as_string(), Optional("a\0b"s));
  EXPECT_THAT(parsed(R"("\u007f\u0080\u00E9\u07ff\u0800\uFFFF")").as_string(),
              Optional("\x7f\xC2\x80\xC3\xA9\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"s));
  EXPECT_THAT(parsed(R"("\ud83d\uDE00\ud800\udc00\udbff\udfff!")").as_string(),
              Optional("\xF0\x9F\x98\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF!"s));
  EXPECT_THAT(parsed(R"("\\u0041\\")").as_string(), Optional("\\u0041\\"s));
  for (const auto* text : {"1", "null", "true", "[\"a\"]", "{\"a\": \"b\"}"}) {
    EXPECT_EQ(parsed(text).as_string(), std::nullopt) << text;
  }
}

TEST(JsonValue, KeepsMembersInOrderWithNamesResolved) {
  const JsonValue object = parsed(R"({"b":1,"\u0061" :2 , "":3,"\ud83d\ude00":{"b":9}})");
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& member : object.members()) members.emplace_back(member.name, member.value.raw);
  EXPECT_THAT(members, ElementsAre(std::pair("b", "1"), std::pair("a", "2"), std::pair("", "3"),
                                   std::pair("\xF0\x9F\x98\x80", R"({"b":9})")));
}

TEST(JsonValue, KeepsARepeatedNameAtItsFirstPlaceWithItsLastValue) {
  const JsonValue object = parsed(R"({"a":1,"b":2,"\u0061":3,"c":4,"b":null,"a":{"a":5}})");
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& member : object.members()) members.emplace_back(member.name, member.value.raw);
  EXPECT_THAT(members, ElementsAre(std::pair("a", R"({"a":5})"), std::pair("b", "null"),
                                   std::pair("c", "4")));
}

TEST(JsonValue, FindsAMemberByItsNameResolvedAndTheLastOfThatName) {
  const JsonValue object = parsed(R"({"a":1,"\u0062\"":2,"":3,"c":4,"\u0061":{"c":5}})");
  const auto raw = [&](std::string_view name) {
    const auto member = object.member(name);
    return member ? member->raw : "nothing";
  };
  EXPECT_EQ(raw("a"), R"({"c":5})");
  EXPECT_EQ(raw("b\""), "2");
  EXPECT_EQ(raw(""), "3");
  EXPECT_EQ(raw("c"), "4");
  EXPECT_EQ(raw("d"), "nothing");
  EXPECT_FALSE(parsed(R"([{"a":1}])").member("a").has_value());
}

TEST(JsonValue, HasMembersAndElementsOnlyIfItIsAContainerOfThem) {
  for (const auto* text : {"[1]", "\"{}\"", "1", "null", "true", "{}"}) {
    EXPECT_THAT(parsed(text).members(), IsEmpty()) << text;
  }
  for (const auto* text : {"{\"a\":1}", "\"[1]\"", "1", "null", "true", "[]"}) {
    EXPECT_THAT(parsed(text).elements(), IsEmpty()) << text;
  }
  EXPECT_THAT(JsonValue{}.members(), IsEmpty());
}

TEST(JsonValue, SplitsArraysAtTheirOwnCommasOnly) {
  const JsonValue array = parsed(R"([ "a,b" ,[1,2],{"x":[3,4],"y":"],"} , 1.10,-0 ,"\\"])");
  EXPECT_THAT(raws(array.elements()),
              ElementsAre(R"("a,b")", "[1,2]", R"({"x":[3,4],"y":"],"})", "1.10", "-0", R"("\\")"));
}

TEST(JsonValue, ReachesTheInnermostOfManyLevels) {
  const std::string text = nested_objects(500);
  JsonValue value = parsed(text);
  int depth = 0;
  for (; value.is(JsonKind::object); ++depth) value = value.members().front().value;
  EXPECT_EQ(depth, 500);
  EXPECT_EQ(value.raw, "1");
}

TEST(JsonValue, SplitsAnObjectOfManyNamesWithoutComparingEachWithEach) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"" + std::to_string(i % 150'000) + "\":1,";
  text += "\"last\":2}";
  EXPECT_EQ(parsed(text).members().size(), 150'001u);
}

// ---------------------------------------------------------------- messages

TEST(ReadMessages, PicksTheMembersOfInterestWithTheirBytes) {
  const std::string text =
      R"([{"ttl": 60, "body": {"a" :1.10}}, {"body":"\u0000","x":[{"ttl":1}],"delay":-0}, {}])";
  const auto messages = read_messages(parsed(text));
  ASSERT_EQ(messages.size(), 3u);

  EXPECT_TRUE(messages[0].is_object);
  EXPECT_EQ(messages[0].body->raw, R"({"a" :1.10})");
  EXPECT_EQ(messages[0].body->kind, JsonKind::object);
  EXPECT_EQ(messages[0].ttl->as_integer(), 60);
  EXPECT_FALSE(messages[0].delay);

  EXPECT_EQ(messages[1].body->raw, R"("\u0000")");
  EXPECT_FALSE(messages[1].ttl);
  EXPECT_EQ(messages[1].delay->raw, "-0");

  EXPECT_TRUE(messages[2].is_object);
  EXPECT_FALSE(messages[2].body);
}

TEST(ReadMessages, TellsAMissingBodyFromANullOne) {
  const auto messages = read_messages(parsed(R"([{"body": null}, {"ttl": null}])"));
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].body->kind, JsonKind::null);
  EXPECT_FALSE(messages[1].body);
  EXPECT_EQ(messages[1].ttl->kind, JsonKind::null);
}

TEST(ReadMessages, MarksElementsThatAreNoObjects) {
  const auto messages = read_messages(parsed(R"([1, "body", ["body", 1], null, {"body": 2}])"));
  ASSERT_EQ(messages.size(), 5u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(messages[i].is_object) << i;
    EXPECT_FALSE(messages[i].body) << i;
  }
  EXPECT_EQ(messages[4].body->raw, "2");
}

TEST(ReadMessages, TakesTheLastOfRepeatedMembersHoweverTheNameIsWritten) {
  const auto messages = read_messages(parsed(
      R"([{"body":1,"\u0062ody":2,"ttl":60,"tt\u006c":61,"delay":3,"d\u0065lay\u0000":4,"\\":5}])"));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].body->raw, "2");
  EXPECT_EQ(messages[0].ttl->raw, "61");
  EXPECT_EQ(messages[0].delay->raw, "3");
}

TEST(ReadMessages, FindsNoneInAnEmptyArrayOrAnotherKind) {
  EXPECT_THAT(read_messages(parsed("[ ]")), IsEmpty());
  EXPECT_THAT(read_messages(parsed(R"({"body": 1})")), IsEmpty());
  EXPECT_THAT(read_messages(parsed("\"[{}]\"")), IsEmpty());
}

}  // namespace
}  // namespace marconi::encoding
