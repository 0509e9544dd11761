#include "config/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace marconi::config {
namespace {

using testing::HasSubstr;
using testing::Not;

Option of(Type type) { return option(type, "g", "n", "", ""); }

Value parsed(const Option& declared, std::string_view text) {
  auto value = parse_value(declared, text);
  EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error());
  return value.value_or(Value{});
}

void expect_refused(const Option& declared, std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) EXPECT_FALSE(parse_value(declared, text)) << text;
}

TEST(Value, booleans) {
  for (const auto* text : {"true", "True", "1", "yes", "ON"}) {
    EXPECT_EQ(parsed(of(Type::boolean), text), Value(true)) << text;
  }
  for (const auto* text : {"false", "0", "No", "off"}) {
    EXPECT_EQ(parsed(of(Type::boolean), text), Value(false)) << text;
  }
  expect_refused(of(Type::boolean), {"", "2", "t", "true ", "enabled"});
}

TEST(Value, integers_and_their_bounds) {
  const auto bounded = integer("g", "n", 5, "").at_least(1).at_most(10);
  EXPECT_EQ(parsed(bounded, "1"), Value(std::int64_t{1}));
  EXPECT_EQ(parsed(bounded, "+10"), Value(std::int64_t{10}));
  EXPECT_EQ(parsed(of(Type::integer), "-7"), Value(std::int64_t{-7}));
  expect_refused(bounded, {"0", "11", "5.0", "five", "", "5 ", "0x5", "99999999999999999999"});
  EXPECT_THAT(parse_value(bounded, "11").error(), HasSubstr("from 1 to 10"));
}

TEST(Value, reals) {
  EXPECT_EQ(parsed(of(Type::real), "0.5"), Value(0.5));
  EXPECT_EQ(parsed(of(Type::real), "1e3"), Value(1000.0));
  expect_refused(of(Type::real), {"nan", "inf", "1,5", "", "x"});
}

TEST(Value, ports) {
  EXPECT_EQ(parsed(of(Type::port), "65535"), Value(std::int64_t{65535}));
  expect_refused(of(Type::port), {"65536", "-1", "http"});
}

TEST(Value, hosts) {
  for (const auto* host : {"127.0.0.1", "::1", "fe80::1", "localhost", "a-b.example.org"}) {
    EXPECT_EQ(parsed(of(Type::host), host), Value(std::string(host)));
  }
  expect_refused(of(Type::host), {"", "300.1.1.1", "1.2.3", "[::1]", "a b", "-a", "a..b", "a:80"});
}

TEST(Value, choices) {
  const auto chosen = of(Type::text).one_of({"strict", "off"});
  EXPECT_EQ(parsed(chosen, "off"), Value(std::string("off")));
  expect_refused(chosen, {"Off", "", "x"});
  expect_refused(of(Type::list).one_of({"1", "1.1"}), {"1,2"});
}

TEST(Value, lists) {
  EXPECT_EQ(parsed(of(Type::list), "a, b ,c"), Value(List{"a", "b", "c"}));
  EXPECT_EQ(parsed(of(Type::list), ""), Value(List{}));
  EXPECT_EQ(parsed(of(Type::list), "a,,b,"), Value(List{"a", "b"}));
  EXPECT_EQ(parsed(of(Type::list), "a,\nb"), Value(List{"a", "b"}));
  EXPECT_EQ(parsed(of(Type::list), R"("a,b", c)"), Value(List{"a,b", "c"}));
  EXPECT_EQ(parsed(of(Type::list), R"(it's, b)"), Value(List{"it's", "b"}));
}

TEST(Value, dicts) {
  EXPECT_EQ(parsed(of(Type::dict), R"(topic:a:b, body:"x, y", sender:z)"),
            Value(Dict{{"topic", "a:b"}, {"body", "x, y"}, {"sender", "z"}}));
  EXPECT_EQ(parsed(of(Type::dict), "a:1,a:2"), Value(Dict{{"a", "2"}}));
  expect_refused(of(Type::dict), {"a", ":b", "a:b,c"});
}

TEST(Value, empty_text_leaves_an_option_without_default_unset) {
  EXPECT_EQ(parsed(option(Type::port, "g", "n", std::nullopt, ""), ""), Value{});
}

TEST(Value, errors_quote_one_short_line_and_no_secrets) {
  const auto error = parse_value(of(Type::port), "a\nb" + std::string(1000, 'x')).error();
  EXPECT_EQ(error.find('\n'), std::string::npos);
  EXPECT_LT(error.size(), 200U);
  EXPECT_THAT(parse_value(of(Type::port).as_secret(), "hunter2").error(),
              Not(HasSubstr("hunter2")));
}

TEST(Value, what_is_formatted_reads_back) {
  const auto round_trip = [](Type type, const Value& value) {
    // Dollars are halved by substitution, quotes and continuation by the file reader; none here.
    EXPECT_EQ(parsed(of(type), format_value(value)), value) << format_value(value);
  };
  round_trip(Type::boolean, true);
  round_trip(Type::integer, std::int64_t{-5});
  round_trip(Type::real, 0.005);
  round_trip(Type::list, List{"a", "b,c", "d"});
  round_trip(Type::dict, Dict{{"k", "a, b"}, {"l", "x:y"}});
  EXPECT_EQ(format_value(std::string("pa$$")), "pa$$$$");
  EXPECT_EQ(format_value(std::string(R"(pa\$$\\$)")), R"(pa\\$$$\\\$)");
  EXPECT_EQ(format_value(std::string(" a")), "\" a\"");
}

TEST(Value, quotes_protect_the_first_line_alone) {
  EXPECT_EQ(format_value(std::string("\na")), "\n  a");
  EXPECT_EQ(format_value(std::string("'a'\n'b'")), "\"'a'\"\n  'b'");
}

}  // namespace
}  // namespace marconi::config
