#include "config/ini.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace marconi::config {
namespace {

using testing::HasSubstr;
using testing::Not;

/// `group|name|text|line` of each assignment.
std::vector<std::string> read(std::string_view text) {
  const auto document = parse_ini(text, "m.conf");
  if (!document) return {"error: " + document.error().description};
  std::vector<std::string> lines;
  for (const auto& [group, name, value, origin] : document->assignments) {
    lines.push_back(group + "|" + name + "|" + value + "|" + std::to_string(origin.line));
  }
  return lines;
}

struct GrammarCase {
  const char* what;
  std::string_view text;
  std::vector<std::string> expected;
};

class IniGrammar : public testing::TestWithParam<GrammarCase> {};

TEST_P(IniGrammar, reads) {
  EXPECT_EQ(read(GetParam().text), GetParam().expected) << GetParam().what;
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    All, IniGrammar,
    testing::Values(
        GrammarCase{"nothing", "", {}}, GrammarCase{"equals", "[a]\nb = c\n", {"a|b|c|2"}},
        GrammarCase{"colon", "[a]\nb: c\n", {"a|b|c|2"}},
        GrammarCase{
            "the first sign separates", "[a]\nb = c:d=e\nf: g=h\n", {"a|b|c:d=e|2", "a|f|g=h|3"}},
        GrammarCase{"no space needed", "[a]\nb=c", {"a|b|c|2"}},
        GrammarCase{"empty value", "[a]\nb =\nc=\n", {"a|b||2", "a|c||3"}},
        GrammarCase{"group with colons and dots",
                    "[drivers:message_store:redis]\nuri = x\n[c.d]\ne=f",
                    {"drivers:message_store:redis|uri|x|2", "c.d|e|f|4"}},
        GrammarCase{
            "comments", "# [x]\n; y = z\n[a]\n#b = 1\n;c = 2\nd = 3 # kept\n", {"a|d|3 # kept|6"}},
        GrammarCase{"continuation", "[a]\nb = c\n  d\n\te\nf = g\n", {"a|b|c\nd\ne|2", "a|f|g|5"}},
        GrammarCase{"continuation of an empty value", "[a]\nb =\n  c\n", {"a|b|\nc|2"}},
        GrammarCase{"continuation may look like anything",
                    "[a]\nb = c\n  [d]\n  e = f\n  # g\n",
                    {"a|b|c\n[d]\ne = f\n# g|2"}},
        GrammarCase{"an empty line ends a value",
                    "[a]\nb = c\n\n# x\n  # indented comment\nd = e",
                    {"a|b|c|2", "a|d|e|6"}},
        GrammarCase{"quotes around a value",
                    "[a]\nb = \"c d \"\ne = 'f'\ng = \"h'\n",
                    {"a|b|c d |2", "a|e|f|3", "a|g|\"h'|4"}},
        GrammarCase{"carriage returns", "[a]\r\nb = c\r\n\r\nd = e\r\n", {"a|b|c|2", "a|d|e|4"}},
        GrammarCase{"byte order mark", "\xef\xbb\xbf[a]\nb=c\n", {"a|b|c|2"}},
        GrammarCase{"repeats are kept", "[a]\nb=1\n[a]\nb=2\n", {"a|b|1|2", "a|b|2|4"}},
        GrammarCase{"spaces inside brackets", "[ a ]\nb=c\n", {"a|b|c|2"}},
        GrammarCase{"a comment ends a value",
                    "[a]\nb = c\n# x\n  d\n",
                    {"error: m.conf:4: a line that begins with white space continues a value, but "
                     "none is open"}},
        GrammarCase{"no group", "b = c\n", {"error: m.conf:1: a value before the first [group]"}},
        GrammarCase{"open group", "\n[a\n", {"error: m.conf:2: a group heading must end with ']'"}},
        GrammarCase{
            "nameless group", "[a]\n[ ]\n", {"error: m.conf:2: a group heading without a name"}},
        GrammarCase{"no sign", "[a]\nb c\n", {"error: m.conf:2: expected 'name = value'"}},
        GrammarCase{"no name", "[a]\n\n\n= c\n", {"error: m.conf:4: a value without a name"}},
        GrammarCase{
            "NUL", "[a]\nb = c\0d\n"sv, {"error: m.conf:2: a NUL byte; this is not a text file"}}));

TEST(Ini, sections_carry_their_lines) {
  const auto document = parse_ini("[a]\n\n[b:c]\n", "m.conf");
  ASSERT_TRUE(document);
  ASSERT_EQ(document->sections.size(), 2U);
  EXPECT_EQ(document->sections[1].name, "b:c");
  EXPECT_EQ(document->sections[1].origin.to_string(), "m.conf:3");
}

TEST(Ini, errors_never_quote_the_line) {
  const auto document = parse_ini("[a]\nhunter2\n", "m.conf");
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().description, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace marconi::config
