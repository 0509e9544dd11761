// What the server refuses to guess about: everything by which two servers in a row could come to
// see different requests in the same bytes.
#include <gtest/gtest.h>

#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using testing::get;
using testing::Reply;
using testing::Rig;

struct Case {
  const char* name;
  std::string request;
  int status;
  const char* counted_as;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class RefusedRequest : public ::testing::TestWithParam<Case> {};

TEST_P(RefusedRequest, is_answered_counted_and_the_connection_closed) {
  Rig rig;
  rig.start();
  const auto client = rig.connect();
  ASSERT_TRUE(client->send(get("/before")));
  ASSERT_EQ(client->read_reply().status, 200);
  // A request hidden behind the refused one must never be served.
  ASSERT_TRUE(client->send(GetParam().request + get("/hidden")));
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  EXPECT_EQ(reply.header("Vary"), "Accept");
  EXPECT_TRUE(reply.has_header("X-Request-Id"));
  EXPECT_TRUE(reply.body.starts_with(R"({"title": ")")) << reply.body;
  EXPECT_NE(reply.body.find(R"(", "description": ")"), std::string::npos) << reply.body;
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(rig.count("requests"), 1);
  EXPECT_EQ(rig.count(GetParam().counted_as), 1);
}

std::string with(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n\r\n";
}

std::string chunked(const std::string& body) { return with("Transfer-Encoding: chunked") + body; }

const char* const kBadRequest = "refused_bad_request";
const char* const kBadLength = "refused_bad_content_length";
const char* const kBadFraming = "refused_bad_framing";
const char* const kBadHost = "refused_bad_host";

INSTANTIATE_TEST_SUITE_P(
    RequestLines, RefusedRequest,
    ::testing::Values(
        Case{"no_version", "GET /\r\n\r\n", 400, kBadRequest},
        Case{"version_only", "HTTP/1.1\r\n\r\n", 400, kBadRequest},
        Case{"two_blanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"blank_at_end", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"blank_in_target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"tab_in_target", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"blank_first", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"two_empty_lines_first", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400,
             kBadRequest},
        Case{"method_no_token", "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"target_without_slash", "GET v1 HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"asterisk_without_options", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"scheme_without_authority", "GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n", 400,
             kBadRequest},
        Case{"bare_line_feed", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"bare_carriage_return", "GET / HTTP/1.1\rHost: h\r\n\r\n", 400, kBadRequest},
        Case{"lower_case_version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400, kBadRequest},
        Case{"version_2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, "refused_version"},
        Case{"version_1_2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505, "refused_version"},
        Case{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "refused_version"},
        Case{"tls", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400, kBadRequest}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    HeaderFields, RefusedRequest,
    ::testing::Values(
        Case{"bare_line_feed", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400, kBadRequest},
        Case{"bare_line_feeds_at_end", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, kBadRequest},
        Case{"folded", with("X: a\r\n b"), 400, kBadRequest},
        Case{"folded_first", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, kBadRequest},
        Case{"nul", with(std::string("X: a\0b", 6)), 400, kBadRequest},
        Case{"control_character", with("X: a\x01"), 400, kBadRequest},
        Case{"delete_character", with("X: a\x7f"), 400, kBadRequest},
        Case{"carriage_return_in_value", with("X: a\rb"), 400, kBadRequest},
        Case{"blank_before_colon", with("X : a"), 400, kBadRequest},
        Case{"no_colon", with("X"), 400, kBadRequest},
        Case{"no_name", with(": a"), 400, kBadRequest},
        Case{"name_no_token", with("X(y): a"), 400, kBadRequest},
        Case{"name_not_ascii", with("X\xC3\xA9: a"), 400, kBadRequest},
        Case{"no_host", "GET / HTTP/1.1\r\nX: y\r\n\r\n", 400, kBadHost},
        Case{"two_hosts", with("Host: h"), 400, kBadHost},
        Case{"host_with_path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400, kBadHost},
        Case{"unknown_expectation", with("Expect: miracles"), 417, "refused_expectation"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Lengths, RefusedRequest,
    ::testing::Values(
        Case{"word", with("Content-Length: x"), 400, kBadLength},
        Case{"empty", with("Content-Length:"), 400, kBadLength},
        Case{"negative", with("Content-Length: -1"), 400, kBadLength},
        Case{"plus", with("Content-Length: +1"), 400, kBadLength},
        Case{"hexadecimal", with("Content-Length: 0x1"), 400, kBadLength},
        Case{"fraction", with("Content-Length: 1.0"), 400, kBadLength},
        Case{"list", with("Content-Length: 1, 1"), 400, kBadLength},
        Case{"beyond_63_bits", with("Content-Length: 9223372036854775808"), 400, kBadLength},
        Case{"beyond_64_bits", with("Content-Length: 18446744073709551617"), 400, kBadLength},
        Case{"repeated", with("Content-Length: 1\r\nContent-Length: 1"), 400, kBadLength},
        Case{"conflicting", with("Content-Length: 1\r\ncontent-length: 2"), 400, kBadLength},
        Case{"with_chunked", with("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400,
             kBadFraming},
        Case{"chunked_with", with("Transfer-Encoding: chunked\r\nContent-Length: 1"), 400,
             kBadFraming}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    TransferCodings, RefusedRequest,
    ::testing::Values(
        Case{"gzip", with("Transfer-Encoding: gzip"), 501, kBadFraming},
        Case{"gzip_chunked", with("Transfer-Encoding: gzip, chunked"), 501, kBadFraming},
        Case{"identity", with("Transfer-Encoding: identity"), 501, kBadFraming},
        Case{"empty", with("Transfer-Encoding:"), 501, kBadFraming},
        Case{"vertical_tab",
             with("Transfer-Encoding: \x0b"
                  "chunked"),
             400, kBadRequest},
        Case{"chunked_twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400,
             kBadFraming},
        Case{"http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, kBadFraming},
        Case{"size_no_number", chunked("x\r\n"), 400, kBadFraming},
        Case{"size_negative", chunked("-1\r\n"), 400, kBadFraming},
        Case{"size_with_prefix", chunked("0x1\r\na\r\n0\r\n\r\n"), 400, kBadFraming},
        Case{"size_empty", chunked("\r\n"), 400, kBadFraming},
        Case{"size_enormous", chunked("fffffffffffffffff\r\n"), 400, kBadFraming},
        Case{"size_with_blank", chunked("1 \r\na\r\n0\r\n\r\n"), 400, kBadFraming},
        Case{"size_bare_line_feed", chunked("1\na\r\n0\r\n\r\n"), 400, kBadFraming},
        Case{"chunk_longer_than_size", chunked("1\r\nab\r\n0\r\n\r\n"), 400, kBadFraming},
        Case{"chunk_ends_in_bare_line_feed", chunked("1\r\na\n0\r\n\r\n"), 400, kBadFraming},
        Case{"extension_endless", chunked("1;" + std::string(300, 'e')), 400, kBadFraming},
        Case{"trailer_without_colon", chunked("0\r\nx\r\n\r\n"), 400, kBadFraming}),
    [](const auto& test) { return test.param.name; });

TEST(Refusals, a_content_length_that_is_no_number_is_told_in_the_api_s_words) {
  Rig rig;
  rig.start();
  const auto client = rig.connect();
  ASSERT_TRUE(client->send(with("Content-Length: x")));
  EXPECT_EQ(client->read_reply().body,
            R"({"title": "Invalid header value", "description": )"
            R"("The value provided for the \"Content-Length\" header is invalid. )"
            R"(The value of the header must be a number."})");
  const auto other = rig.connect();
  ASSERT_TRUE(other->send(with("Content-Length: -5")));
  EXPECT_EQ(other->read_reply().body,
            R"({"title": "Invalid header value", "description": )"
            R"("The value provided for the \"Content-Length\" header is invalid. )"
            R"(The value of the header must be a positive number."})");
}

TEST(Refusals, to_head_requests_have_no_body) {
  Rig rig;
  rig.start();
  const auto client = rig.connect();
  ASSERT_TRUE(client->send("HEAD / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(client->read_reply(true).status, 400);
  EXPECT_TRUE(client->is_closed_by_server());
}

TEST(Refusals, a_request_cut_off_by_the_client_is_told_so) {
  for (const std::string& part :
       {std::string("GET / HT"), with("Content-Length: 5") + "abc", chunked("5\r\nabc")}) {
    Rig rig;
    rig.start();
    const auto client = rig.connect();
    ASSERT_TRUE(client->send(part));
    client->close_sending();
    EXPECT_EQ(client->read_reply().status, 400) << part;
    EXPECT_TRUE(client->is_closed_by_server());
    EXPECT_EQ(rig.count("refused_incomplete"), 1);
    EXPECT_EQ(rig.count("requests"), 0);
  }
}

}  // namespace
}  // namespace marconi::transport::http
