#include "transport/http/head.h"

#include <gtest/gtest.h>

namespace marconi::transport::http {
namespace {

constexpr std::string_view kHead = "GET /v1?x HTTP/1.1\r\nHost: h\r\nA:  b c \t\r\n\r\n";

TEST(HeadScanner, finds_the_end_wherever_the_pieces_are_cut) {
  for (std::size_t first = 1; first < kHead.size(); ++first) {
    HeadScanner scanner(HeadLimits{});
    EXPECT_EQ(scanner.scan(kHead.substr(0, first)), std::size_t{0});
    const std::string more = std::string(kHead) + "GET / HTTP/1.1\r\n\r\n";
    EXPECT_EQ(scanner.scan(more), kHead.size());
  }
}

TEST(HeadScanner, takes_a_head_of_just_the_limit) {
  HeadScanner exact(HeadLimits{.bytes = kHead.size()});
  EXPECT_EQ(exact.scan(kHead), kHead.size());
  HeadScanner below(HeadLimits{.bytes = kHead.size() - 1});
  EXPECT_EQ(below.scan(kHead), std::unexpected(Refusal::head_too_large));
}

TEST(HeadScanner, does_not_look_beyond_the_limit) {
  const std::string text = "GET / HTTP/1.1\r\nA: " + std::string(20, 'b') + "\nC";
  for (const std::size_t arrived : {text.size() - 2, text.size()}) {
    HeadScanner scanner(HeadLimits{.bytes = 30});
    EXPECT_EQ(scanner.scan(std::string_view(text).substr(0, arrived)),
              std::unexpected(Refusal::head_too_large));
  }
}

TEST(ParseHead, leaves_the_parts_where_they_are) {
  RequestHead head;
  ASSERT_TRUE(parse_head(kHead, HeadLimits{}, head));
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/v1?x");
  ASSERT_EQ(head.headers.size(), 2);
  EXPECT_EQ(head.headers[1].name, "A");
  EXPECT_EQ(head.headers[1].value, "b c");
  EXPECT_EQ(head.headers[1].value.data(), kHead.data() + kHead.find("b c"));
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.content_length.has_value());
}

TEST(ParseHead, forgets_the_head_before) {
  RequestHead head;
  ASSERT_TRUE(parse_head("POST / HTTP/1.0\r\nContent-Length: 7\r\nB: c\r\n\r\n", {}, head));
  EXPECT_EQ(head.content_length, 7u);
  ASSERT_TRUE(parse_head("PUT / HTTP/1.1\r\nHost: h\r\n\r\n", {}, head));
  EXPECT_FALSE(head.content_length.has_value());
  EXPECT_FALSE(head.is_http_1_0);
  EXPECT_EQ(head.headers.size(), 1);
}

TEST(ParseHead, keeps_leading_zeros_of_a_length_out_of_account) {
  RequestHead head;
  ASSERT_TRUE(parse_head("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0005\r\n\r\n", {}, head));
  EXPECT_EQ(head.content_length, 5u);
}

}  // namespace
}  // namespace marconi::transport::http
