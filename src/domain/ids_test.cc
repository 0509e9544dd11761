#include "domain/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace marconi::domain {
namespace {

using namespace std::string_literals;
using testing::Optional;

TEST(Marker, ReadsItsOwnTextForm) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10},
                                    std::uint64_t{9007199254740993}, UINT64_MAX}) {
    EXPECT_THAT(Marker::from(Marker{value}.to_string()), Optional(Marker{value}));
  }
  EXPECT_EQ(Marker{42}.to_string(), "42");
}

TEST(Marker, RefusesEveryOtherText) {
  for (const std::string& text : {""s,
                                  " "s,
                                  "-1"s,
                                  "+1"s,
                                  "-0"s,
                                  "00"s,
                                  "01"s,
                                  " 1"s,
                                  "1 "s,
                                  "1\n"s,
                                  "1.0"s,
                                  "1e3"s,
                                  "0x1"s,
                                  "a"s,
                                  "1a"s,
                                  "1_0"s,
                                  "1\0"s,
                                  "18446744073709551616"s,
                                  "99999999999999999999999"s,
                                  "orders"s,
                                  "\xD9\xA1"s}) {
    EXPECT_EQ(Marker::from(text), std::nullopt) << text;
  }
}

TEST(Marker, OrdersByValueNotByText) { EXPECT_LT(Marker{9}, Marker{10}); }

TEST(Ids, CompareAsText) {
  EXPECT_EQ(MessageId{"a"}, MessageId{"a"});
  EXPECT_NE(MessageId{"a"}, MessageId{"A"});
  EXPECT_LT(ClaimId{"a"}, ClaimId{"b"});
}

}  // namespace
}  // namespace marconi::domain
