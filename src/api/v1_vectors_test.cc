// The conformance vectors of http-v1 §15, and what only v1 does.
#include <gtest/gtest.h>

#include <string>

#include "api/api_assertions.h"
#include "api/api_harness.h"

namespace marconi::api {
namespace {

class V1 : public testing::Test {
 protected:
  V1() { EXPECT_EQ(api(Ask("PUT", "/v1/queues/orders")).status(), 201); }

  /// Posts one message and returns its id.
  std::string post(const std::string& body = "{\"sku\": 42}") {
    const Answer answer = api(Ask("POST", kMessages, "[{\"ttl\": 300, \"body\": " + body + "}]"));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return between(answer.body(), "/messages/", "\"");
  }

  /// Claims and returns the claim's id.
  std::string claim(const std::string& query = "") {
    const Answer answer = api(Ask("POST", kClaims + query, R"({"ttl": 60, "grace": 60})"));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return last_segment(answer.header("Location").value_or(""));
  }

  const std::string kQueue = "/v1/queues/orders";
  const std::string kMessages = kQueue + "/messages";
  const std::string kClaims = kQueue + "/claims";
  MemoryApi api;
};

TEST_F(V1, root_tolerates_an_empty_project) {
  const Answer answer = api(Ask("GET", "/").with("X-Project-Id", ""));
  EXPECT_EQ(answer.status(), 300);
  EXPECT_EQ(answer.header("Location"), std::nullopt);
  EXPECT_TRUE(answer.body().starts_with(R"({"versions": [{"id": "1", "status": "DEPRECATED", )"
                                        R"("updated": "2014-9-11T17:47:05Z", "media-types": )"
                                        R"([{"base": "application/json", "type": )"
                                        R"("application/vnd.openstack.messaging-v1+json"}], )"
                                        R"("links": [{"href": "/v1/", "rel": "self"}]})"));
}

TEST_F(V1, root_checks_a_client_id_that_is_sent) {
  expect_error(api(Ask("GET", "/").with("Client-ID", "xyz")), wire::cid_format());
  EXPECT_EQ(api(Ask("GET", "/").without("Client-ID").without("X-Project-Id")).status(), 300);
}

TEST_F(V1, home_has_the_size_and_head_of_the_reference) {
  const Answer answer = api(Ask("GET", "/v1/").without("Client-ID").without("X-Project-Id"));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json-home");
  EXPECT_EQ(answer.header("Cache-Control"), "max-age=86400");
  EXPECT_EQ(answer.body().size(), 3424U);
}

TEST_F(V1, health_answers_without_a_body) {
  expect_no_content(api(Ask("GET", "/v1/health").without("Client-ID").without("X-Project-Id")));
  expect_no_content(api(Ask("HEAD", "/v1/health")));
  expect_error(api(Ask("GET", "/v1/health").with("X-Project-Id", "")), wire::proj_empty());
}

TEST_F(V1, headers_are_optional_on_queues) {
  EXPECT_EQ(api(Ask("GET", "/v1/queues").without("Client-ID")).status(), 200);
  expect_no_content(api(Ask("GET", "/v1/queues").without("Client-ID").without("X-Project-Id")));
  expect_error(api(Ask("GET", "/v1/queues").with("Client-ID", "xyz")), wire::cid_format());
  expect_error(api(Ask("GET", "/v1/queues").with("Client-ID", "")), wire::cid_format());
}

TEST_F(V1, the_anonymous_project_is_a_name_space_of_its_own) {
  const auto anonymous = [](Ask ask) { return ask.without("X-Project-Id"); };
  EXPECT_EQ(api(anonymous(Ask("PUT", kQueue))).status(), 201);
  EXPECT_EQ(api(anonymous(Ask("DELETE", kQueue))).status(), 204);
  expect_error(api(anonymous(Ask("GET", kQueue + "/stats"))),
               wire::not_found("Queue orders does not exist for project None"));
  EXPECT_EQ(api(Ask("GET", kQueue)).status(), 204);
}

TEST_F(V1, wrong_method_names_the_right_ones) {
  const Answer answer = api(Ask("POST", "/v1/queues"));
  expect_error(answer, wire::method());
  EXPECT_EQ(answer.header("Allow"), "GET, OPTIONS");
  EXPECT_EQ(api(Ask("POST", kQueue)).header("Allow"), "DELETE, GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(api(Ask("PUT", kClaims + "/x")).header("Allow"), "DELETE, GET, PATCH, OPTIONS");
}

TEST_F(V1, create_ignores_the_body_altogether) {
  const Answer again = api(Ask("PUT", kQueue, "{bad"));
  expect_no_content(again);
  EXPECT_EQ(again.header("Location"), kQueue);
  const Answer created = api(Ask("PUT", "/v1/queues/new", R"({"a": 1})"));
  expect_json(created, 201, "");
  EXPECT_EQ(created.header("Location"), "/v1/queues/new");
  expect_json(api(Ask("GET", "/v1/queues/new/metadata")), 200, "{}");
  EXPECT_EQ(api(Ask("PUT", "/v1/queues/big").announcing(1'000'000)).status(), 201);
}

TEST_F(V1, existence_is_asked_by_get_and_head) {
  for (const std::string method : {"GET", "HEAD"}) {
    const Answer there = api(Ask(method, kQueue + "?x=1"));
    expect_no_content(there);
    EXPECT_EQ(there.header("Content-Location"), kQueue);
    const Answer absent = api(Ask(method, "/v1/queues/absent"));
    EXPECT_EQ(absent.status(), 404);
    EXPECT_EQ(absent.body(), "");
    EXPECT_EQ(absent.header("Content-Type"), "application/json");
    EXPECT_EQ(absent.header("Vary"), std::nullopt);
    EXPECT_EQ(absent.header("Content-Location"), "/v1/queues/absent");
    EXPECT_EQ(absent.response.announced_length, std::nullopt);
  }
}

TEST_F(V1, queue_list_pages) {
  api(Ask("PUT", "/v1/queues/invoices"));
  api(Ask("PUT", kQueue + "/metadata", R"({"owner": "ops"})"));
  const Answer page = api(Ask("GET", "/v1/queues?limit=2&detailed=yes"));
  expect_json(page, 200,
              R"({"queues": [{"name": "invoices", "metadata": {}, "href": "/v1/queues/invoices"}, )"
              R"({"name": "orders", "metadata": {"owner": "ops"}, "href": "/v1/queues/orders"}], )"
              R"("links": [{"rel": "next", "href": )"
              R"("/v1/queues?limit=2&detailed=true&marker=orders"}]})");
  EXPECT_EQ(page.header("Content-Location"), "/v1/queues?limit=2&detailed=yes");
  expect_no_content(api(Ask("GET", "/v1/queues?limit=2&detailed=true&marker=orders")));
}

TEST_F(V1, queue_list_pages_one_by_one) {
  api(Ask("PUT", "/v1/queues/a.b"));
  const Answer first = api(Ask("GET", "/v1/queues?limit=1"));
  EXPECT_EQ(between(first.body(), "\"name\": \"", "\""), "a.b");
  const Answer second = api(Ask("GET", between(first.body(), "next\", \"href\": \"", "\"")));
  EXPECT_EQ(between(second.body(), "\"name\": \"", "\""), "orders");
  EXPECT_EQ(between(second.body(), "next\", \"href\": \"", "\""),
            "/v1/queues?marker=orders&limit=1");
}

TEST_F(V1, queue_list_limits) {
  expect_error(api(Ask("GET", "/v1/queues?limit=0")), wire::limit_q());
  expect_error(api(Ask("GET", "/v1/queues?limit=21")), wire::limit_q());
  expect_error(api(Ask("GET", "/v1/queues?detailed=TRUE")), wire::param_bool("detailed"));
  EXPECT_EQ(api(Ask("GET", "/v1/queues?limit=")).status(), 200);
  EXPECT_EQ(api(Ask("GET", "/v1/queues?detailed")).status(), 200);
}

TEST_F(V1, metadata_is_replaced_as_a_whole) {
  const Answer put = api(Ask("PUT", kQueue + "/metadata", R"( {"owner":  "ops"} )"));
  expect_no_content(put);
  EXPECT_EQ(put.header("Location"), kQueue + "/metadata");
  const Answer got = api(Ask("GET", kQueue + "/metadata?x=1"));
  expect_json(got, 200, R"({"owner": "ops"})");
  EXPECT_EQ(got.header("Content-Location"), kQueue + "/metadata");
  expect_error(api(Ask("PUT", kQueue + "/metadata", R"({"_a": 1})")), wire::meta_reserved());
  expect_no_content(api(Ask("PUT", kQueue + "/metadata", R"({"a": {"_b": 1}})")));
  expect_error(api(Ask("PUT", kQueue + "/metadata", "[]")), wire::doctype());
  expect_error(api(Ask("PUT", kQueue + "/metadata")), wire::body_empty());
  expect_error(api(Ask("PUT", kQueue + "/metadata", "")), wire::body_parse());
  expect_error(api(Ask("PUT", "/v1/queues/absent/metadata", "{}")), wire::nf_queue("absent"));
  expect_error(api(Ask("GET", "/v1/queues/absent/metadata")), wire::nf_queue("absent"));
}

TEST_F(V1, metadata_size_is_that_of_the_bytes) {
  const std::string fits = "{\"a\": \"" + std::string(65536 - 9, 'x') + "\"}";
  ASSERT_EQ(fits.size(), 65536U);
  expect_no_content(api(Ask("PUT", kQueue + "/metadata", fits)));
  expect_error(api(Ask("PUT", kQueue + "/metadata", fits + " ")), wire::size_meta());
}

TEST_F(V1, posting_checks) {
  expect_error(api(Ask("POST", kMessages, "[]")), wire::no_msg());
  expect_error(api(Ask("POST", kMessages, "{}")), wire::doctype());
  expect_error(api(Ask("POST", kMessages, R"([{"body": 1}])")), wire::field_missing("ttl"));
  expect_error(api(Ask("POST", kMessages, R"([{"ttl": 60}])")), wire::field_missing("body"));
  expect_error(api(Ask("POST", kMessages, R"([{"ttl": 59, "body": 1}])")), wire::msg_ttl());
  expect_error(api(Ask("POST", kMessages, R"([{"ttl": 60, "body": null}])").without("Client-ID")),
               wire::cid_missing());
  expect_error(api(Ask("POST", "/v1/queues/absent/messages", R"([{"ttl": 60, "body": 1}])")),
               wire::nf_queue("absent"));
}

TEST_F(V1, posting_answers_ids_in_order) {
  const Answer answer =
      api(Ask("POST", kMessages, R"([{"ttl": 60, "body": null}, {"ttl": 70, "body": 2}])"));
  const std::string location = answer.header("Location").value_or("");
  const std::string first = between(location, "?ids=", ",");
  const std::string second = between(location, ",", " ");
  EXPECT_EQ(location, kMessages + "?ids=" + first + "," + second);
  expect_json(answer, 201,
              R"({"resources": [")" + kMessages + "/" + first + R"(", ")" + kMessages + "/" +
                  second + R"("], "partial": false})");
}

TEST_F(V1, listing_hides_own_messages_until_asked) {
  const std::string id = post();
  const Answer own = api(Ask("GET", kMessages + "?limit=5"));
  expect_no_content(own);
  EXPECT_EQ(own.header("Content-Location"), kMessages + "?limit=5");
  api.clock().advance(std::chrono::seconds(17));
  const Answer others = api(Ask("GET", kMessages).with("Client-ID", kOtherClient));
  const std::string marker = between(others.body(), "marker=", "\"");
  expect_json(others, 200,
              R"({"messages": [{"href": ")" + kMessages + "/" + id +
                  R"(", "ttl": 300, "age": 17, "body": {"sku": 42}}], )"
                  R"("links": [{"rel": "next", "href": ")" +
                  kMessages + "?marker=" + marker + R"("}]})");
  EXPECT_EQ(others.header("Content-Location"), kMessages);
  expect_error(api(Ask("GET", kMessages).without("Client-ID")), wire::cid_missing());
}

TEST_F(V1, the_same_client_in_another_spelling_is_the_same_client) {
  post();
  expect_no_content(
      api(Ask("GET", kMessages).with("Client-ID", "urn:uuid:{3381AF922B9E11E3B19171861300734C}")));
}

TEST_F(V1, next_link_leads_on) {
  post();
  const Answer page = api(Ask("GET", kMessages + "?echo=true&limit=1"));
  const std::string next = between(page.body(), "\"rel\": \"next\", \"href\": \"", "\"");
  const std::string marker = between(next + "|", "marker=", "|");
  EXPECT_EQ(next, kMessages + "?limit=1&echo=true&marker=" + marker);
  expect_no_content(api(Ask("GET", next)));
  post();
  const Answer more = api(Ask("GET", next));
  EXPECT_EQ(more.status(), 200);
  EXPECT_TRUE(
      between(more.body(), "next\", \"href\": \"", "\"").starts_with(kMessages + "?marker="));
}

TEST_F(V1, a_missing_queue_lists_as_empty) {
  const Answer answer = api(Ask("GET", "/v1/queues/absent/messages"));
  expect_no_content(answer);
  EXPECT_EQ(answer.header("Content-Location"), "/v1/queues/absent/messages");
}

TEST_F(V1, errors_of_the_message_list_carry_content_location) {
  const Answer answer = api(Ask("GET", kMessages + "?limit=x"));
  expect_error(answer, wire::param_int("limit"));
  EXPECT_EQ(answer.header("Content-Location"), kMessages + "?limit=x");
}

TEST_F(V1, get_many_answers_a_bare_array) {
  const std::string id = post("1");
  const Answer answer =
      api(Ask("GET", kMessages + "?ids=" + id + ",bogus," + id).without("Client-ID"));
  const std::string message =
      R"({"href": ")" + kMessages + "/" + id + R"(", "ttl": 300, "age": 0, "body": 1})";
  expect_json(answer, 200, "[" + message + ", " + message + "]");
  expect_no_content(api(Ask("GET", kMessages + "?ids=bogus")));
  expect_no_content(api(Ask("GET", "/v1/queues/absent/messages?ids=bogus")));
  std::string many = kMessages + "?ids=a";
  for (int i = 1; i < 21; ++i) many += ",a";
  expect_error(api(Ask("GET", many)), wire::limit_m());
  expect_error(api(Ask("GET", kMessages + "?ids=,")), wire::limit_m());
}

TEST_F(V1, delete_many_needs_ids) {
  expect_error(api(Ask("DELETE", kMessages)), wire::param_missing());
  expect_error(api(Ask("DELETE", kMessages + "?pop=1")), wire::param_missing());
  expect_error(api(Ask("DELETE", kMessages + "?ids=,")), wire::limit_m());
  const std::string id = post();
  claim();
  expect_no_content(api(Ask("DELETE", kMessages + "?ids=" + id + ",bogus")));
  EXPECT_EQ(api(Ask("GET", kMessages + "/" + id)).status(), 404);
}

TEST_F(V1, message_item) {
  const std::string id = post("[1,2]");
  const Answer answer = api(Ask("GET", kMessages + "/" + id + "?claim_id=x").without("Client-ID"));
  expect_json(
      answer, 200,
      R"({"href": ")" + kMessages + "/" + id + R"(", "ttl": 300, "age": 0, "body": [1,2]})");
  EXPECT_EQ(answer.header("Content-Location"), kMessages + "/" + id + "?claim_id=x");
  expect_error(api(Ask("GET", kMessages + "/bogus")),
               wire::not_found("Message bogus does not exist in queue orders for project acme"));
  expect_error(api(Ask("GET", "/v1/queues/absent/messages/bogus")), wire::nf_queue("absent"));
  expect_no_content(api(Ask("DELETE", kMessages + "/bogus?claim_id=bogus")));
}

TEST_F(V1, claim_checks) {
  expect_error(api(Ask("POST", kClaims)), wire::body_empty());
  expect_error(api(Ask("POST", kClaims, "[]")), wire::doctype());
  expect_error(api(Ask("POST", kClaims, R"({"grace": 60})")), wire::field_missing("ttl"));
  expect_error(api(Ask("POST", kClaims, R"({"ttl": 60})")), wire::field_missing("grace"));
  expect_error(api(Ask("POST", kClaims + "?limit=21", R"({"ttl": 1, "grace": 60})")),
               wire::claim_ttl());
  expect_error(api(Ask("POST", kClaims + "?limit=21", R"({"ttl": 60, "grace": 1})")),
               wire::limit_m());
  expect_error(api(Ask("POST", kClaims, R"({"ttl": 60, "grace": 59})")), wire::claim_grace());
  expect_no_content(api(Ask("POST", kClaims, R"({"ttl": 60, "grace": 60})")));
}

TEST_F(V1, claiming_and_deleting) {
  const std::string id = post();
  const Answer claimed =
      api(Ask("POST", kClaims, R"({"ttl": 3600, "grace": 60})").without("Client-ID"));
  const std::string claim = last_segment(claimed.header("Location").value_or(""));
  EXPECT_EQ(claimed.header("Location"), kClaims + "/" + claim);
  const std::string message = R"({"href": ")" + kMessages + "/" + id + "?claim_id=" + claim +
                              R"(", "ttl": 3660, "age": 0, "body": {"sku": 42}})";
  expect_json(claimed, 201, "[" + message + "]");
  const Answer got = api(Ask("GET", kClaims + "/" + claim + "?q=1"));
  expect_json(got, 200,
              R"({"age": 0, "ttl": 3600, "messages": [)" + message + R"(], "href": ")" + kClaims +
                  "/" + claim + R"("})");
  EXPECT_EQ(got.header("Content-Location"), kClaims + "/" + claim + "?q=1");
  // Nowhere else does v1 name the claim.
  EXPECT_EQ(api(Ask("GET", kMessages + "/" + id)).body().find("claim_id"), std::string::npos);
  const Answer listed = api(Ask("GET", kMessages + "?echo=1&include_claimed=1"));
  EXPECT_EQ(listed.status(), 200);
  EXPECT_EQ(listed.body().find("claim_id"), std::string::npos);
  expect_no_content(api(Ask("GET", kMessages + "?echo=1")));

  expect_error(api(Ask("DELETE", kMessages + "/" + id)), wire::del_claimed());
  expect_error(api(Ask("DELETE", kMessages + "/" + id + "?claim_id=bogus")), wire::del_bad_claim());
  expect_no_content(api(Ask("DELETE", kMessages + "/" + id + "?claim_id=" + claim)));
  expect_json(
      api(Ask("GET", kClaims + "/" + claim)), 200,
      R"({"age": 0, "ttl": 3600, "messages": [], "href": ")" + kClaims + "/" + claim + R"("})");
}

TEST_F(V1, renewing_and_releasing) {
  expect_error(api(Ask("PATCH", kClaims + "/bogus", R"({"ttl": 1})")), wire::claim_ttl());
  expect_error(api(Ask("PATCH", kClaims + "/bogus", R"({"ttl": 60})")), wire::nf_claim("bogus"));
  expect_error(api(Ask("PATCH", kClaims + "/bogus", "{}")), wire::field_missing("ttl"));
  expect_error(api(Ask("PATCH", kClaims + "/bogus", R"({"ttl": 60, "grace": null})")),
               wire::field_type("grace"));
  expect_error(api(Ask("GET", kClaims + "/bogus")), wire::nf_claim("bogus"));
  expect_no_content(api(Ask("DELETE", kClaims + "/bogus")));
  expect_no_content(api(Ask("DELETE", "/v1/queues/absent/claims/bogus")));
  const std::string id = post();
  const std::string held = claim();
  api.clock().advance(std::chrono::seconds(40));
  expect_no_content(
      api(Ask("PATCH", kClaims + "/" + held, R"({"ttl": 90, "grace": 9223372036854775807})")));
  api.clock().advance(std::chrono::seconds(40));
  EXPECT_EQ(between(api(Ask("GET", kClaims + "/" + held)).body(), "{", ", \"messages"),
            R"("age": 40, "ttl": 90)");
  expect_no_content(api(Ask("DELETE", kClaims + "/" + held)));
  expect_error(api(Ask("GET", kClaims + "/" + held)), wire::nf_claim(held));
  expect_no_content(api(Ask("DELETE", kMessages + "/" + id)));
}

TEST_F(V1, stats) {
  expect_error(api(Ask("GET", "/v1/queues/absent/stats")), wire::nf_queue("absent"));
  expect_json(api(Ask("GET", kQueue + "/stats")), 200,
              R"({"messages": {"claimed": 0, "free": 0, "total": 0}})");
  const std::string first = post();
  claim();
  api.clock().advance(std::chrono::seconds(36));
  const std::string second = post();
  api.clock().advance(std::chrono::seconds(4));
  const Answer answer = api(Ask("GET", kQueue + "/stats?x"));
  expect_json(answer, 200,
              R"({"messages": {"claimed": 1, "free": 1, "total": 2, "newest": {"age": 4, )"
              R"("created": "2026-01-01T10:00:36Z", "href": ")" +
                  kMessages + "/" + second +
                  R"("}, "oldest": {"age": 40, "created": "2026-01-01T10:00:00Z", "href": ")" +
                  kMessages + "/" + first + R"("}}})");
  EXPECT_EQ(answer.header("Content-Location"), kQueue + "/stats");
}

TEST_F(V1, deleting_a_queue_is_always_fine) {
  const std::string id = post();
  const std::string held = claim();
  expect_no_content(api(Ask("DELETE", kQueue)));
  expect_no_content(api(Ask("DELETE", kQueue)));
  api(Ask("PUT", kQueue));
  expect_error(api(Ask("GET", kClaims + "/" + held)), wire::nf_claim(held));
  EXPECT_EQ(api(Ask("GET", kMessages + "/" + id)).status(), 404);
}

}  // namespace
}  // namespace marconi::api
