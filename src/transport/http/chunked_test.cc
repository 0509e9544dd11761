#include "transport/http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace marconi::transport::http {
namespace {

constexpr std::string_view kBody =
    "5\r\nhello\r\nA;name=value\r\n, world !!\r\n0\r\nTrailer: x\r\n\r\n";

/// Feeds a body in pieces of a size, as a session would, and returns what was decoded.
std::string decode_in_pieces(std::string_view body, std::size_t piece, ChunkedDecoder& decoder) {
  std::string buffer;
  std::size_t decoded = 0;
  for (std::size_t at = 0; at < body.size() && !decoder.is_done(); at += piece) {
    buffer += body.substr(at, piece);
    const auto step = decoder.decode(std::span(buffer).subspan(decoded));
    if (!step) return "(refused)";
    decoded += step->decoded;
    buffer.erase(decoded, step->consumed - step->decoded);
  }
  return buffer.substr(0, decoded);
}

TEST(ChunkedDecoder, decodes_alike_wherever_the_pieces_are_cut) {
  for (std::size_t piece = 1; piece <= kBody.size(); ++piece) {
    ChunkedDecoder decoder(100);
    EXPECT_EQ(decode_in_pieces(kBody, piece, decoder), "hello, world !!") << piece;
    EXPECT_TRUE(decoder.is_done()) << piece;
  }
}

TEST(ChunkedDecoder, leaves_alone_what_follows_the_body) {
  std::string input = "1\r\nx\r\n0\r\n\r\nGET /";
  ChunkedDecoder decoder(1);
  const auto step = decoder.decode(input);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->decoded, 1);
  EXPECT_EQ(input.substr(step->consumed), "GET /");
}

TEST(ChunkedDecoder, stops_at_the_limit_before_the_data_arrives) {
  std::string input = "65\r\n";
  ChunkedDecoder decoder(100);
  ASSERT_TRUE(decoder.decode(input));
  EXPECT_TRUE(decoder.is_too_large());
}

TEST(ChunkedDecoder, bounds_the_trailer) {
  std::string input = "0\r\n";
  for (int i = 0; i < 100; ++i) input += "X: " + std::string(100, 'x') + "\r\n";
  ChunkedDecoder decoder(100);
  EXPECT_FALSE(decoder.decode(input));
}

TEST(ChunkedDecoder, refuses_whatever_is_not_to_the_letter) {
  for (const char* text :
       {"\r\n", "g\r\n", " 1\r\n", "1 \r\n", "+1\r\n", "1\n", "1\r\nabc", "1\r\na\n", "1;\x01\r\n",
        "0\r\n\n", "0\r\n: x\r\n", "0\r\n x: y\r\n", "1000000000000000\r\n"}) {
    std::string input = text;
    ChunkedDecoder decoder(~std::uint64_t{0} >> 1);
    EXPECT_FALSE(decoder.decode(input)) << text;
  }
}

}  // namespace
}  // namespace marconi::transport::http
