// The conformance vectors of http-v1.1 §15, and what only v1.1 does.
#include <gtest/gtest.h>

#include <string>

#include "api/api_assertions.h"
#include "api/api_harness.h"

namespace marconi::api {
namespace {

class V11 : public testing::Test {
 protected:
  V11() { EXPECT_EQ(api(Ask("PUT", kQueue)).status(), 201); }

  std::string post(const std::string& body = "{\"sku\": 42}") {
    const Answer answer = api(Ask("POST", kMessages, "{\"messages\": [{\"body\": " + body + "}]}"));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return between(answer.body(), "/messages/", "\"");
  }

  std::string claim(const std::string& query = "") {
    const Answer answer = api(Ask("POST", kClaims + query));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return last_segment(answer.header("Location").value_or(""));
  }

  const std::string kQueue = "/v1.1/queues/orders";
  const std::string kMessages = kQueue + "/messages";
  const std::string kClaims = kQueue + "/claims";
  MemoryApi api;
};

TEST_F(V11, ping_needs_client_and_project) {
  expect_error(api(Ask("GET", "/v1.1/ping").without("Client-ID")), wire::cid_missing());
  expect_error(api(Ask("GET", "/v1.1/ping").without("X-Project-Id")), wire::proj_missing());
  expect_error(api(Ask("GET", "/v1.1/ping").with("X-Project-Id", "")), wire::proj_empty());
  expect_no_content(api(Ask("GET", "/v1.1/ping")));
  expect_no_content(api(Ask("HEAD", "/v1.1/ping")));
  EXPECT_EQ(api(Ask("PUT", "/v1.1/ping")).header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(V11, accept_comes_before_client_id) {
  EXPECT_EQ(
      api(Ask("GET", "/v1.1/queues").with("Client-ID", "xyz").with("Accept", "text/html")).status(),
      406);
}

TEST_F(V11, an_unused_project_lists_no_queues) {
  const Answer answer = api(Ask("GET", "/v1.1/queues").with("X-Project-Id", "unused"));
  expect_json(answer, 200, R"({"queues": [], "links": []})");
  EXPECT_EQ(answer.header("Content-Location"), std::nullopt);
}

TEST_F(V11, wrong_methods) {
  EXPECT_EQ(api(Ask("POST", "/v1.1/queues")).header("Allow"), "GET, OPTIONS");
  const Answer head = api(Ask("HEAD", kQueue));
  EXPECT_EQ(head.status(), 405);
  EXPECT_EQ(head.header("Allow"), "DELETE, GET, PUT, OPTIONS");
  EXPECT_EQ(head.body(), "");
  EXPECT_EQ(head.response.announced_length, 35U);
  EXPECT_EQ(api(Ask("GET", "/v1.1/queues/orders/metadata")).status(), 404);
}

TEST_F(V11, metadata_is_set_once) {
  expect_json(api(Ask("PUT", "/v1.1/queues/new", R"({"a": 1})")), 201, "");
  expect_no_content(api(Ask("PUT", "/v1.1/queues/new", R"({"a": 2})")));
  expect_json(api(Ask("GET", "/v1.1/queues/new")), 200, R"({"a": 1})");
  expect_error(api(Ask("PUT", "/v1.1/queues/new", "[1]")), wire::doctype());
  expect_error(api(Ask("PUT", "/v1.1/queues/new", "{bad")), wire::body_parse());
  expect_error(api(Ask("PUT", "/v1.1/queues/new2", R"({"_default_message_ttl": 59})")),
               wire::request("_default_message_ttl can not exceed 1209600 seconds, and must be at "
                             "least 60 seconds long."));
  EXPECT_EQ(api(Ask("PUT", "/v1.1/queues/empty", "")).status(), 201);
}

TEST_F(V11, a_missing_queue_reads_as_empty) {
  expect_json(api(Ask("GET", "/v1.1/queues/absent")), 200, "{}");
  expect_json(api(Ask("GET", "/v1.1/queues/absent/stats")), 200,
              R"({"messages": {"claimed": 0, "free": 0, "total": 0}})");
  expect_json(api(Ask("GET", "/v1.1/queues/absent/messages")), 200,
              R"({"messages": [], "links": []})");
}

TEST_F(V11, queue_list) {
  expect_json(api(Ask("GET", "/v1.1/queues?limit=1")), 200,
              R"({"queues": [{"name": "orders", "href": "/v1.1/queues/orders"}], "links": )"
              R"([{"rel": "next", "href": "/v1.1/queues?limit=1&marker=orders"}]})");
  expect_error(api(Ask("GET", "/v1.1/queues?limit=21")), wire::limit_q());
  EXPECT_EQ(api(Ask("GET", "/v1.1/queues?limit=")).status(), 200);
}

TEST_F(V11, posting_checks) {
  expect_error(api(Ask("POST", kMessages, "{}")), wire::no_msg_key());
  expect_error(api(Ask("POST", kMessages, "[]")), wire::no_msg_key());
  expect_error(api(Ask("POST", kMessages, R"({"messages": []})")), wire::no_msg());
  expect_error(api(Ask("POST", kMessages, R"({"messages": {}})")), wire::doctype());
  expect_error(api(Ask("POST", kMessages, R"({"messages": [{}]})")), wire::field_missing("body"));
  expect_error(api(Ask("POST", kMessages, R"({"messages": [{"ttl": "x"}]})")),
               wire::field_type("ttl"));
}

TEST_F(V11, posting_creates_the_queue) {
  const std::string absent = "/v1.1/queues/absent/messages";
  const Answer answer = api(Ask("POST", absent, R"({"messages": [{"body": 1}]})"));
  const std::string id = between(answer.body(), "/messages/", "\"");
  expect_json(answer, 201, R"({"resources": [")" + absent + "/" + id + R"("]})");
  EXPECT_EQ(answer.header("Location"), absent + "?ids=" + id);
  EXPECT_NE(api(Ask("GET", "/v1.1/queues")).body().find("\"absent\""), std::string::npos);
  expect_json(api(Ask("GET", absent + "/" + id)), 200,
              R"({"id": ")" + id + R"(", "href": ")" + absent + "/" + id +
                  R"(", "ttl": 3600, "age": 0, "body": 1})");
}

TEST_F(V11, a_refused_post_creates_nothing) {
  expect_error(api(Ask("POST", "/v1.1/queues/absent/messages",
                       R"({"messages": [{"body": 1}, {"body": 1, "ttl": 1}]})")),
               wire::msg_ttl());
  EXPECT_EQ(api(Ask("GET", "/v1.1/queues")).body().find("absent"), std::string::npos);
}

TEST_F(V11, queue_options_are_for_v2_alone) {
  api(Ask("PUT", "/v1.1/queues/own",
          R"({"_default_message_ttl": 100, "_max_messages_post_size": 10})"));
  const Answer posted =
      api(Ask("POST", "/v1.1/queues/own/messages", R"({"messages": [{"body": 1, "delay": "x"}]})"));
  EXPECT_EQ(posted.status(), 201);
  const std::string href = between(posted.body(), "[\"", "\"");
  EXPECT_NE(api(Ask("GET", href)).body().find("\"ttl\": 3600"), std::string::npos);
}

TEST_F(V11, listing) {
  expect_json(api(Ask("GET", kMessages)), 200, R"({"messages": [], "links": []})");
  const std::string id = post();
  expect_json(api(Ask("GET", kMessages)), 200, R"({"messages": [], "links": []})");
  const Answer page = api(Ask("GET", kMessages + "?echo=true&limit=1"));
  const std::string marker = between(page.body(), "marker=", "\"");
  expect_json(page, 200,
              R"({"messages": [{"id": ")" + id + R"(", "href": ")" + kMessages + "/" + id +
                  R"(", "ttl": 3600, "age": 0, "body": {"sku": 42}}], "links": [{"rel": "next", )"
                  R"("href": ")" +
                  kMessages + "?limit=1&echo=true&marker=" + marker + R"("}]})");
  expect_json(api(Ask("GET", between(page.body(), "next\", \"href\": \"", "\""))), 200,
              R"({"messages": [], "links": []})");
  expect_json(api(Ask("GET", kMessages + "?echo=true&marker=nonsense")), 200,
              R"({"messages": [], "links": []})");
}

TEST_F(V11, get_many) {
  expect_error(
      api(Ask("GET", kMessages + "?ids=bogus,it's")),
      wire::not_found(
          R"(No messages with IDs: ['bogus', "it's"] found in the queue orders for project acme.)"));
  const std::string id = post("1");
  expect_json(api(Ask("GET", kMessages + "?ids=" + id + ",bogus")), 200,
              R"({"messages": [{"id": ")" + id + R"(", "href": ")" + kMessages + "/" + id +
                  R"(", "ttl": 3600, "age": 0, "body": 1}]})");
}

TEST_F(V11, collection_delete_checks) {
  expect_error(api(Ask("DELETE", kMessages)), wire::del_neither());
  expect_error(api(Ask("DELETE", kMessages + "?pop=0&ids=a")), wire::del_both());
  expect_error(api(Ask("DELETE", kMessages + "?pop=0")), wire::pop_range());
  expect_error(api(Ask("DELETE", kMessages + "?pop=21")), wire::pop_range());
  expect_error(api(Ask("DELETE", kMessages + "?pop=x")), wire::param_int("pop"));
  expect_error(api(Ask("DELETE", kMessages + "?ids=,")), wire::ids_range());
  expect_no_content(api(Ask("DELETE", kMessages + "?ids=bogus")));
  expect_no_content(api(Ask("DELETE", "/v1.1/queues/absent/messages?ids=bogus")));
}

TEST_F(V11, pop_takes_the_free_ones) {
  post("0");
  claim("?limit=1");
  const std::string first = post("1");
  const std::string second = post("2");
  api.clock().advance(std::chrono::seconds(3));
  const auto popped = [](const std::string& id, const std::string& body) {
    return R"({"id": ")" + id + R"(", "age": 3, "ttl": 3600, "body": )" + body +
           R"(, "claim_id": null, "claim_count": 0})";
  };
  expect_json(api(Ask("DELETE", kMessages + "?pop=5")), 200,
              R"({"messages": [)" + popped(first, "1") + ", " + popped(second, "2") + "]}");
  expect_json(api(Ask("DELETE", kMessages + "?pop=5")), 200, R"({"messages": []})");
  expect_json(api(Ask("DELETE", "/v1.1/queues/absent/messages?pop=5")), 200, R"({"messages": []})");
}

TEST_F(V11, claims) {
  const std::string id = post();
  const Answer claimed = api(Ask("POST", kClaims));
  const std::string claim = last_segment(claimed.header("Location").value_or(""));
  const std::string message = R"({"id": ")" + id + R"(", "href": ")" + kMessages + "/" + id +
                              "?claim_id=" + claim +
                              R"(", "ttl": 3600, "age": 0, "body": {"sku": 42}})";
  expect_json(claimed, 201, R"({"messages": [)" + message + "]}");
  expect_json(api(Ask("GET", kClaims + "/" + claim)), 200,
              R"({"age": 0, "ttl": 300, "messages": [)" + message + R"(], "href": ")" + kClaims +
                  "/" + claim + R"("})");
  expect_json(api(Ask("GET", kMessages + "/" + id)), 200, message);
  expect_error(api(Ask("DELETE", kMessages + "/" + id)), wire::del_claimed());
  expect_error(api(Ask("DELETE", kMessages + "/" + id + "?claim_id=bogus")), wire::del_bad_claim());
  expect_no_content(api(Ask("DELETE", kMessages + "/" + id + "?claim_id=" + claim)));
  expect_no_content(api(Ask("POST", kClaims)));
  expect_no_content(api(Ask("POST", "/v1.1/queues/absent/claims", "")));
}

TEST_F(V11, an_expired_claim_is_no_longer_named) {
  const std::string id = post();
  const std::string held = claim();
  api.clock().advance(std::chrono::seconds(301));
  EXPECT_EQ(api(Ask("GET", kMessages + "/" + id)).body().find("claim_id"), std::string::npos);
  expect_error(api(Ask("GET", kClaims + "/" + held)), wire::nf_claim(held));
  expect_error(api(Ask("PATCH", kClaims + "/" + held, "{}")), wire::nf_claim(held));
  expect_no_content(api(Ask("DELETE", kClaims + "/" + held)));
  expect_error(api(Ask("DELETE", kMessages + "/" + id + "?claim_id=" + held)),
               wire::del_not_claimed());
}

TEST_F(V11, claim_checks) {
  expect_error(api(Ask("POST", kClaims + "?limit=21", R"({"ttl": 1})")), wire::claim_ttl());
  expect_error(api(Ask("POST", kClaims + "?limit=21", "{}")), wire::limit_m());
  expect_error(api(Ask("POST", kClaims, R"({"grace": 1})")), wire::claim_grace());
  expect_error(api(Ask("POST", kClaims + "?limit=x", "{")), wire::param_int("limit"));
  expect_error(api(Ask("POST", kClaims, "5")), wire::body_parse());
}

TEST_F(V11, renewal_needs_a_body_and_falls_back_to_defaults) {
  post();
  const std::string held = claim();
  expect_error(api(Ask("PATCH", kClaims + "/" + held)), wire::body_empty());
  expect_error(api(Ask("PATCH", kClaims + "/" + held, "")), wire::body_parse());
  expect_error(api(Ask("PATCH", kClaims + "/" + held, R"({"ttl": 59})")), wire::claim_ttl());
  expect_no_content(api(Ask("PATCH", kClaims + "/" + held, R"({"ttl": 600, "grace": -5})")));
  expect_no_content(api(Ask("PATCH", kClaims + "/" + held, "{}")));
  EXPECT_NE(api(Ask("GET", kClaims + "/" + held)).body().find("\"ttl\": 300"), std::string::npos);
  expect_no_content(api(Ask("DELETE", kClaims + "/bogus")));
}

TEST_F(V11, health_exists_in_admin_mode_only) {
  expect_error(api(Ask("GET", "/v1.1/health")), wire::route());
  ApiOptions options;
  options.admin_mode = true;
  options.counters = [] { return Counters{{"requests", 7}}; };
  MemoryApi admin(options);
  const Answer answer = admin(Ask("GET", "/v1.1/health"));
  expect_json(answer, 200,
              R"({"storage_reachable": true, "operation_status": {)"
              R"("create_queue": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("post_messages": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("claim_messages": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("list_messages": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("delete_messages": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("delete_claim": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("bulk_delete_messages": {"succeeded": true, "seconds": 0.000000, "ref": null}, )"
              R"("delete_queue": {"succeeded": true, "seconds": 0.000000, "ref": null}}})");
  EXPECT_EQ(admin(Ask("HEAD", "/v1.1/health")).header("Allow"), "GET, OPTIONS");
  EXPECT_NE(admin(Ask("GET", "/v1.1/")).body().find("\"href\": \"/v1.1/health\""),
            std::string::npos);
  EXPECT_EQ(api(Ask("GET", "/v1.1/")).body().find("health"), std::string::npos);
}

TEST_F(V11, free_text_client_ids_when_allowed) {
  ApiOptions options;
  options.client_id.must_be_uuid = false;
  MemoryApi free(options);
  const auto as = [](Ask ask, std::string_view client) { return ask.with("Client-ID", client); };
  const std::string post = R"({"messages": [{"body": 1}]})";
  EXPECT_EQ(free(as(Ask("POST", kMessages, post), "worker-number-1")).status(), 201);
  expect_json(free(as(Ask("GET", kMessages), "worker-number-1")), 200,
              R"({"messages": [], "links": []})");
  EXPECT_NE(free(as(Ask("GET", kMessages), "worker-number-2")).body().find("\"body\": 1"),
            std::string::npos);
  expect_error(free(as(Ask("GET", kMessages), "too-short")), wire::cid_format());
  expect_error(free(as(Ask("GET", kMessages), std::string(37, 'x'))), wire::cid_format());
  EXPECT_EQ(free(as(Ask("GET", kMessages), std::string(36, 'x'))).status(), 200);
  // v1 wants a UUID whatever the option says.
  expect_error(free(as(Ask("GET", "/v1/queues"), "worker-number-1")), wire::cid_format());
}

TEST_F(V11, deletion_with_claim_ids_is_unknown_here) {
  ApiOptions options;
  options.message_delete_with_claim_id = true;
  MemoryApi strict(options);
  expect_error(strict(Ask("DELETE", kMessages + "?ids=a&claim_ids=b")), wire::del_need_claim());
  expect_json(strict(Ask("DELETE", kMessages + "?pop=1")), 200, R"({"messages": []})");
}

TEST_F(V11, checksums) {
  ApiOptions options;
  options.enable_checksum = true;
  MemoryApi sums(options);
  const Answer posted =
      sums(Ask("POST", kMessages, R"({"messages": [{"body": {"a":1}}, {"body": null}]})"));
  EXPECT_EQ(posted.status(), 201);
  const Answer page = sums(Ask("GET", kMessages + "?echo=true"));
  EXPECT_NE(
      page.body().find(R"("body": {"a":1}, "checksum": "MD5:42b7b4f2921788ea14dac5566e6f06d0"}, )"),
      std::string::npos);
  EXPECT_NE(page.body().find(R"("body": null}])"), std::string::npos);
  EXPECT_NE(sums(Ask("DELETE", kMessages + "?pop=1"))
                .body()
                .find(R"("claim_count": 0, "checksum": "MD5:42b7b4f2921788ea14dac5566e6f06d0"}])"),
            std::string::npos);
}

}  // namespace
}  // namespace marconi::api
