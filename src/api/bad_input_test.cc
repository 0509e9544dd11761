// Bodies and parameters of every wrong kind: each gets its 4xx, none a 5xx, and what is right
// leaves as the bytes it came in.
#include <gtest/gtest.h>

#include <string>

#include "api/api_assertions.h"
#include "api/api_harness.h"

namespace marconi::api {
namespace {

constexpr std::string_view kPatchType = "application/openstack-messaging-v2.0-json-patch";

/// Operations that read a document, with a function that puts a value where a client may put any.
struct Reader {
  std::string method;
  std::string target;
  std::string before;
  std::string after;
  int accepted;

  [[nodiscard]] Ask with_document(const std::string& document) const {
    return Ask(method, target, document).with("Content-Type", kPatchType);
  }
  [[nodiscard]] Ask with_value(const std::string& value) const {
    return with_document(before + value + after);
  }
};

const std::vector<Reader> kReaders = {
    {"PUT", "/v1/queues/orders/metadata", "{\"a\": ", "}", 204},
    {"POST", "/v1/queues/orders/messages", R"([{"ttl": 60, "body": )", "}]", 201},
    {"POST", "/v1/queues/orders/claims", R"({"ttl": 60, "grace": 60, "x": )", "}", 201},
    {"PUT", "/v1.1/queues/orders", "{\"a\": ", "}", 204},
    {"POST", "/v1.1/queues/orders/messages", R"({"messages": [{"body": )", "}]}", 201},
    {"POST", "/v1.1/queues/orders/claims", "{\"x\": ", "}", 201},
    {"PUT", "/v2/queues/orders", "{\"a\": ", "}", 204},
    {"PATCH", "/v2/queues/orders", R"([{"op": "add", "path": "/metadata/a", "value": )", "}]", 200},
    {"POST", "/v2/queues/orders/messages", R"({"messages": [{"body": )", "}]}", 201},
    {"POST", "/v2/queues/orders/claims", "{\"x\": ", "}", 201},
    {"POST", "/v2/queues/orders/purge", R"({"resource_types": [], "x": )", "}", 204},
};

class BadInput : public testing::TestWithParam<Reader> {
 protected:
  BadInput() {
    api(Ask("PUT", "/v2/queues/orders"));
    api(Ask("POST", "/v2/queues/orders/messages", R"({"messages": [{"body": 1}]})"));
  }
  MemoryApi api;
};

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_P(BadInput, malformed_documents) {
  for (const std::string& value : std::vector<std::string>{"NaN",
                                                           "Infinity",
                                                           "-Infinity",
                                                           "1e400",
                                                           "-1e999",
                                                           "nope",
                                                           "01",
                                                           "1.",
                                                           ".5",
                                                           "+1",
                                                           "'a'",
                                                           "\"a",
                                                           "\"\\q\"",
                                                           "\"\\u12\"",
                                                           "\"\\ud800\"",
                                                           "\"\\udc00\"",
                                                           "\"\\ud800x\"",
                                                           "\"\xFF\"",
                                                           "\"\xC0\xAF\"",
                                                           "\"\xED\xA0\x80\"",
                                                           "\"\n\"",
                                                           "[1,]",
                                                           "{\"a\":1,}",
                                                           "{a:1}",
                                                           "[1 2]",
                                                           "/**/1",
                                                           "",
                                                           ",",
                                                           nested(20000),
                                                           std::string("\"\0\"", 3)}) {
    SCOPED_TRACE(value.substr(0, 20));
    expect_error(api(GetParam().with_value(value)), wire::body_parse());
  }
}

TEST_P(BadInput, malformed_around_a_value) {
  const std::string good = GetParam().before + "1" + GetParam().after;
  for (const std::string& document :
       {"\xEF\xBB\xBF" + good, good + "x", good + good, good + "}", std::string("{"),
        std::string("["), std::string(" "), std::string("5"), std::string("null"),
        std::string("true"), std::string("\"messages\""), good.substr(0, good.size() - 1)}) {
    SCOPED_TRACE(document);
    expect_error(api(GetParam().with_document(document)), wire::body_parse());
  }
}

TEST_P(BadInput, integers_beyond_64_bits) {
  for (const std::string value :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999",
        "[{\"deep\": [123456789012345678901234567890]}]"}) {
    SCOPED_TRACE(value);
    expect_error(api(GetParam().with_value(value)), wire::body_bigint());
  }
}

TEST_P(BadInput, what_is_fine_is_taken) {
  for (const std::string& value :
       std::vector<std::string>{"9223372036854775807", "-9223372036854775808", "1e308", "null",
                                "\"\\ud83d\\ude00\"", "\"\\u0000\"", nested(400), " [ 1 , 2 ] "}) {
    SCOPED_TRACE(value.substr(0, 20));
    const Answer answer = api(GetParam().with_value(value));
    // What was claimed by the value before this one is no longer there to be claimed.
    if (GetParam().target.ends_with("/claims") && answer.status() == 204) continue;
    EXPECT_EQ(answer.status(), GetParam().accepted) << answer.body();
  }
}

TEST_P(BadInput, a_body_the_transport_did_not_read_is_refused_by_its_size) {
  const Answer answer = api(Ask(GetParam().method, GetParam().target)
                                .with("Content-Type", kPatchType)
                                .announcing(10'000'000));
  EXPECT_EQ(answer.status(), 400);
  EXPECT_NE(answer.body().find("too large"), std::string::npos) << answer.body();
}

INSTANTIATE_TEST_SUITE_P(AllReaders, BadInput, testing::ValuesIn(kReaders));

// ---- messages -----------------------------------------------------------------------------------

class MessageInput : public testing::Test {
 protected:
  MessageInput() { api(Ask("PUT", "/v2/queues/orders")); }
  Answer v1(const std::string& messages) {
    return api(Ask("POST", "/v1/queues/orders/messages", messages));
  }
  Answer v2(const std::string& messages) {
    return api(Ask("POST", "/v2/queues/orders/messages", "{\"messages\": " + messages + "}"));
  }
  MemoryApi api;
};

TEST_F(MessageInput, shapes_at_every_level) {
  for (const std::string element : {"1", "null", "\"x\"", "[]", "true", "1.5"}) {
    expect_error(v1("[" + element + "]"), wire::doctype());
    expect_error(v2("[" + element + "]"), wire::doctype());
  }
  for (const std::string value : {"1", "null", "\"x\"", "{}", "true"}) {
    expect_error(v2(value), wire::doctype());
  }
  expect_error(v1(R"({"messages": []})"), wire::doctype());
  // The first offending element is the one reported.
  expect_error(v1(R"([{"ttl": 60, "body": 1}, 5, {}])"), wire::doctype());
  expect_error(v1(R"([{"ttl": 60, "body": 1}, {}, 5])"), wire::field_missing("ttl"));
  expect_error(v1(R"([{"ttl": 1, "body": 1}, {"ttl": 60}])"), wire::field_missing("body"));
}

TEST_F(MessageInput, ttls) {
  const auto post = [&](const std::string& ttl) {
    return v2("[{\"body\": 1, \"ttl\": " + ttl + "}]");
  };
  for (const std::string fine : {"60", "1209600"}) EXPECT_EQ(post(fine).status(), 201) << fine;
  for (const std::string out_of_range :
       {"59", "1209601", "0", "-1", "2147483647", "2147483648", "4294967296", "9223372036854775807",
        "-9223372036854775808", "true", "false"}) {
    SCOPED_TRACE(out_of_range);
    expect_error(post(out_of_range), wire::msg_ttl());
  }
  for (const std::string wrong : {"60.0", "1e2", "\"60\"", "null", "[60]", "{}"}) {
    SCOPED_TRACE(wrong);
    expect_error(post(wrong), wire::field_type("ttl"));
  }
  expect_error(post("9223372036854775808"), wire::body_bigint());
}

TEST_F(MessageInput, delays) {
  api(Ask("PUT", "/v2/queues/late", R"({"_default_message_delay": 1})"));
  const auto post = [&](const std::string& delay) {
    return api(Ask("POST", "/v2/queues/late/messages",
                   "{\"messages\": [{\"body\": 1, \"delay\": " + delay + "}]}"));
  };
  for (const std::string fine : {"0", "900", "true"}) EXPECT_EQ(post(fine).status(), 201) << fine;
  for (const std::string wrong : {"-1", "901", "2147483648", "9223372036854775807"}) {
    expect_error(post(wrong), wire::msg_delay());
  }
  for (const std::string wrong : {"0.0", "\"1\"", "null"}) {
    expect_error(post(wrong), wire::field_type("delay"));
  }
}

TEST_F(MessageInput, duplicate_members_take_the_last) {
  const Answer posted = v2(R"([{"body": 1, "ttl": 5, "body": 2, "ttl": 60}])");
  ASSERT_EQ(posted.status(), 201);
  const Answer got = api(Ask("GET", between(posted.body(), "[\"", "\"")));
  EXPECT_NE(got.body().find(R"("ttl": 60, "age": 0, "body": 2})"), std::string::npos);
}

TEST_F(MessageInput, sizes_at_the_limit_and_one_over) {
  const std::string before = R"({"messages": [{"body": ")";
  const std::string after = "\"}]}";
  const std::string fits = before + std::string(262144 - before.size() - after.size(), 'x') + after;
  EXPECT_EQ(api(Ask("POST", "/v2/queues/orders/messages", fits)).status(), 201);
  EXPECT_EQ(api(Ask("POST", "/v1.1/queues/orders/messages", fits)).status(), 201);
  for (const std::string version : {"v1", "v1.1", "v2"}) {
    expect_error(api(Ask("POST", "/" + version + "/queues/orders/messages", fits + " ")),
                 wire::size_msg());
    expect_error(api(Ask("POST", "/" + version + "/queues/orders/messages").announcing(262145)),
                 wire::size_msg());
    expect_error(api(Ask("POST", "/" + version + "/queues/orders/messages")), wire::body_empty());
    expect_error(api(Ask("POST", "/" + version + "/queues/orders/messages", "")),
                 wire::body_parse());
  }
}

TEST_F(MessageInput, bodies_leave_as_the_bytes_they_came_in) {
  for (const std::string& body : std::vector<std::string>{
           "1.10", "1E2", "-0", "1e-7", "123456789.12345678901234567890",
           R"({"b": 1,   "a":2, "b" :3})", R"("\u00e9\/\ud83d\ude00")", "\"\xC3\xA9\"", "[ ]",
           "{\t}", "null", "false", "\"\"", "[[[1,2],\n3]]"}) {
    SCOPED_TRACE(body);
    const Answer posted = v2("[{\"body\":  " + body + "  , \"ttl\": 100}]");
    ASSERT_EQ(posted.status(), 201) << posted.body();
    const std::string item = between(posted.body(), "[\"", "\"");
    const std::string shown = "\"body\": " + body;
    const auto shows = [&](const Answer& answer, const std::string& end) {
      return answer.body().find(shown + end) != std::string::npos;
    };
    EXPECT_TRUE(shows(api(Ask("GET", item)), "}"));
    EXPECT_TRUE(shows(api(Ask("GET", "/v2/queues/orders/messages?echo=true")), "}]"));
    EXPECT_TRUE(shows(api(Ask("GET", "/v1/queues/orders/messages?echo=true")), "}]"));
    EXPECT_TRUE(
        shows(api(Ask("GET", "/v2/queues/orders/messages?ids=" + last_segment(item))), "}]"));
    const Answer claimed = api(Ask("POST", "/v2/queues/orders/claims"));
    EXPECT_TRUE(shows(claimed, "}]"));
    EXPECT_TRUE(shows(api(Ask("GET", *claimed.header("Location"))), "}]"));
    api(Ask("DELETE", *claimed.header("Location")));
    EXPECT_TRUE(shows(api(Ask("DELETE", "/v2/queues/orders/messages?pop=1")), ", \"claim_id\""));
  }
}

// ---- claims -------------------------------------------------------------------------------------

TEST_F(MessageInput, claim_terms) {
  const auto claim = [&](const std::string& document) {
    return api(Ask("POST", "/v2/queues/orders/claims", document));
  };
  for (const std::string wrong : {"59", "43201", "-1", "0", "true", "9223372036854775807"}) {
    expect_error(claim("{\"ttl\": " + wrong + "}"), wire::claim_ttl());
    expect_error(claim("{\"grace\": " + wrong + "}"), wire::claim_grace());
  }
  for (const std::string wrong : {"60.0", "\"60\"", "null", "[]"}) {
    expect_error(claim("{\"ttl\": " + wrong + "}"), wire::field_type("ttl"));
    expect_error(claim("{\"grace\": " + wrong + "}"), wire::field_type("grace"));
  }
  expect_error(claim("[]"), wire::doctype());
  for (const std::string extreme : {"9223372036854775807", "-9223372036854775808"}) {
    v2("[{\"body\": 1, \"ttl\": 60}]");
    const std::string held = *api(Ask("POST", "/v2/queues/orders/claims")).header("Location");
    expect_no_content(api(Ask("PATCH", held, R"({"ttl": 43200, "grace": )" + extreme + "}")));
    EXPECT_LT(api(Ask("GET", held)).status(), 500);
    EXPECT_LT(api(Ask("GET", "/v2/queues/orders/stats")).status(), 500);
    api(Ask("POST", "/v2/queues/orders/purge"));
  }
}

// ---- parameters
// -----------------------------------------------------------------------------------

TEST_F(MessageInput, limits) {
  const std::string messages = "/v2/queues/orders/messages?limit=";
  for (const std::string wrong : {"0", "-1", "21", "99999999999999999999", "-99999999999999999999",
                                  "2147483648", "9223372036854775808", "1&limit=0", "1,21"}) {
    SCOPED_TRACE(wrong);
    expect_error(api(Ask("GET", messages + wrong)), wire::limit_m());
    expect_error(api(Ask("GET", "/v2/queues?limit=" + wrong)), wire::limit_q());
    expect_error(api(Ask("POST", "/v2/queues/orders/claims?limit=" + wrong)), wire::limit_m());
    expect_error(api(Ask("DELETE",
                         "/v2/queues/orders/messages?pop=" + (wrong == "1&limit=0" ? "0" : wrong))),
                 wire::pop_range());
  }
  for (const std::string wrong :
       {"abc", "1.5", "1e1", "0x1", "1%002", "%FF", "--1", "+", "-", "%20", "_1", "1_", "1__0"}) {
    SCOPED_TRACE(wrong);
    expect_error(api(Ask("GET", messages + wrong)), wire::param_int("limit"));
    expect_error(api(Ask("POST", "/v2/queues/orders/claims?limit=" + wrong)),
                 wire::param_int("limit"));
  }
  for (const std::string fine :
       {"", "1", "20", "0&limit=5", "%205%20", "+5", "%2B5", "005", "1_0", ",", ",5", "5,"}) {
    SCOPED_TRACE(fine);
    EXPECT_EQ(api(Ask("GET", messages + fine)).status(), 200);
  }
  // A name with another case is another parameter.
  EXPECT_EQ(api(Ask("GET", "/v2/queues/orders/messages?Limit=0")).status(), 200);
}

TEST_F(MessageInput, limits_are_normalised_in_links) {
  v2("[{\"body\": 1}]");
  const Answer page =
      api(Ask("GET", "/v1.1/queues/orders/messages?echo=y&limit=+0_5&include_claimed=off&x=1"));
  EXPECT_TRUE(between(page.body(), "next\", \"href\": \"", "\"")
                  .starts_with("/v1.1/queues/orders/messages?limit=5&echo=true&"
                               "include_claimed=false&marker="));
}

TEST_F(MessageInput, booleans) {
  for (const std::string fine : {"true", "True", "t", "yes", "y", "1", "on", "false", "False", "f",
                                 "no", "n", "0", "off", "", "x,true", ","}) {
    EXPECT_EQ(api(Ask("GET", "/v2/queues/orders/messages?echo=" + fine)).status(), 200) << fine;
  }
  for (const std::string wrong : {"TRUE", "2", "yep", "%00", "true%20"}) {
    expect_error(api(Ask("GET", "/v2/queues/orders/messages?echo=" + wrong)),
                 wire::param_bool("echo"));
  }
  // Parameters are looked at in a fixed order, not in that of the request.
  expect_error(api(Ask("GET", "/v2/queues/orders/messages?include_claimed=x&echo=x&limit=x")),
               wire::param_int("limit"));
  expect_error(api(Ask("GET", "/v2/queues/orders/messages?include_delayed=x&limit=0")),
               wire::param_bool("include_delayed"));
}

TEST_F(MessageInput, markers_that_are_none_end_the_list) {
  v2("[{\"body\": 1}]");
  for (const std::string marker : {"bogus", "-1", "1.5", "99999999999999999999", "%00", "01"}) {
    SCOPED_TRACE(marker);
    expect_json(api(Ask("GET", "/v2/queues/orders/messages?echo=true&marker=" + marker)), 200,
                R"({"messages": [], "links": []})");
  }
}

TEST_F(MessageInput, ids_split_at_literal_commas_only) {
  const std::string id = between(v2("[{\"body\": 1}]").body(), "/messages/", "\"");
  EXPECT_EQ(api(Ask("GET", "/v2/queues/orders/messages?ids=" + id + "%2Cx")).status(), 404);
  EXPECT_EQ(api(Ask("GET", "/v2/queues/orders/messages?ids=," + id + ",,x&ids=y")).status(), 200);
}

}  // namespace
}  // namespace marconi::api
