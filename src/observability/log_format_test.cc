#include "observability/log_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace marconi::observability {
namespace {

using testing::HasSubstr;

std::string text_of(const std::vector<Field>& fields, std::string_view message = "done") {
  return format_text({Level::info, "room", message, {}, fields});
}

std::string json_of(const std::vector<Field>& fields, std::string_view message = "done") {
  return format_json_members({Level::info, "room", message, {}, fields});
}

TEST(LogFormat, text_line_has_room_message_and_fields) {
  EXPECT_EQ(text_of({{"queue", "orders"}, {"count", 3}, {"size", 7U}, {"ok", true}, {"part", 0.5}}),
            "room: done queue=orders count=3 size=7 ok=true part=0.5");
}

TEST(LogFormat, text_values_are_quoted_only_where_they_must_be) {
  EXPECT_EQ(text_of({{"a", "two words"}}), R"(room: done a="two words")");
  EXPECT_EQ(text_of({{"a", ""}}), R"(room: done a="")");
  EXPECT_EQ(text_of({{"a", R"(say "x")"}}), R"(room: done a="say \"x\"")");
  EXPECT_EQ(text_of({{"a", "b=c"}}), R"(room: done a="b=c")");
}

TEST(LogFormat, no_value_can_start_a_new_line) {
  for (const char* value : {"x\ny", "x\r\ny", "x\u2028y", "x\u0085y", "x\x1b[31m"}) {
    for (const auto& line :
         {text_of({{"a", value}}), json_of({{"a", value}}), text_of({}, value)}) {
      EXPECT_EQ(line.find_first_of("\n\r\x1b"), std::string::npos) << line;
      EXPECT_EQ(line.find("\u2028"), std::string::npos) << line;
      EXPECT_EQ(line.find("\u0085"), std::string::npos) << line;
    }
  }
  EXPECT_EQ(text_of({{"a", "x\ny"}}), R"(room: done a=x\ny)");
}

TEST(LogFormat, bytes_that_are_not_utf8_are_escaped) {
  for (const char* bad : {"\xff", "\xc0", "\x80", "\xed", "\xf5"}) {
    EXPECT_THAT(text_of({{"a", bad}}), HasSubstr("a=\\x"));
    EXPECT_EQ(json_of({{"a", bad}}), "\"room\":\"room\",\"message\":\"done\",\"a\":\"\uFFFD\"");
  }
  EXPECT_EQ(text_of({{"a", "\xc3"}}), R"(room: done a=\xc3)");
  EXPECT_EQ(text_of({{"a", "\xed\xa0\x80"}}), R"(room: done a=\xed\xa0\x80)");
}

TEST(LogFormat, well_formed_text_of_other_scripts_stays) {
  EXPECT_EQ(text_of({{"a", "grüße✓😀"}}), "room: done a=grüße✓😀");
}

TEST(LogFormat, json_members_keep_types) {
  EXPECT_EQ(json_of({{"queue", R"(a"b\c)"}, {"count", -3}, {"ok", false}, {"part", 0.5}}),
            R"("room":"room","message":"done","queue":"a\"b\\c","count":-3,"ok":false,"part":0.5)");
  EXPECT_EQ(json_of({{"x", std::numeric_limits<double>::infinity()}}),
            R"("room":"room","message":"done","x":null)");
}

TEST(LogFormat, request_id_and_suppression_come_last) {
  const Record record{Level::error, "room", "failed", "req-1", {}};
  EXPECT_EQ(format_text(record, 12), "room: failed suppressed=12 request_id=req-1");
  EXPECT_EQ(format_json_members(record, 12),
            R"("room":"room","message":"failed","suppressed":12,"request_id":"req-1")");
}

}  // namespace
}  // namespace marconi::observability
