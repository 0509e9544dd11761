// The conformance vectors of http-v2 §18, and what only v2 does.
#include <gtest/gtest.h>

#include <string>

#include "api/api_assertions.h"
#include "api/api_harness.h"

namespace marconi::api {
namespace {

constexpr std::string_view kPatchType = "application/openstack-messaging-v2.0-json-patch";

/// The reserved attributes behind `before`, as every v2 answer shows them by default.
std::string with_defaults(const std::string& before = "") {
  return "{" + before + (before.empty() ? "" : ", ") +
         R"("_max_messages_post_size": 262144, "_default_message_ttl": 3600, )"
         R"("_default_message_delay": 0, "_dead_letter_queue": null, )"
         R"("_dead_letter_queue_messages_ttl": null, "_max_claim_count": null, )"
         R"("_enable_encrypt_messages": false})";
}

class V2 : public testing::Test {
 protected:
  V2() { EXPECT_EQ(api(Ask("PUT", kQueue)).status(), 201); }

  std::string post(const std::string& body = "1") {
    const Answer answer = api(Ask("POST", kMessages, "{\"messages\": [{\"body\": " + body + "}]}"));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return between(answer.body(), "/messages/", "\"");
  }

  std::string claim(const std::string& query = "") {
    const Answer answer = api(Ask("POST", kClaims + query));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return last_segment(answer.header("Location").value_or(""));
  }

  Answer patch(const std::string& body, const std::string& queue = "/v2/queues/orders") {
    return api(Ask("PATCH", queue, body).with("Content-Type", kPatchType));
  }

  const std::string kQueue = "/v2/queues/orders";
  const std::string kMessages = kQueue + "/messages";
  const std::string kClaims = kQueue + "/claims";
  MemoryApi api;
};

TEST_F(V2, routes) {
  const auto bare = [](const std::string& target) {
    return Ask("GET", target).without("Client-ID").without("X-Project-Id");
  };
  expect_error(api(bare("/v2")), wire::route());
  expect_error(api(bare("/v2/nope")), wire::route());
  for (const std::string path :
       {"/share", "/subscriptions", "/subscriptions/x", "/subscriptions/x/confirm"}) {
    expect_error(api(Ask("POST", kQueue + path, "{}")), wire::route());
  }
  for (const std::string path : {"/v2/topics", "/v2/pools", "/v2/flavors", "/v2/health"}) {
    expect_error(api(Ask("GET", path)), wire::route());
  }
  expect_error(api(Ask("GET", "/v2/ping").without("Client-ID")), wire::cid_missing());
  expect_error(api(Ask("GET", "/v2/ping").without("X-Project-Id")), wire::proj_missing());
  expect_error(api(Ask("PUT", "/v2/queues").without("Client-ID")), wire::cid_missing());
  EXPECT_EQ(api(Ask("PUT", "/v2/queues")).header("Allow"), "GET, OPTIONS");
  EXPECT_EQ(api(Ask("POST", kQueue)).header("Allow"), "DELETE, GET, PATCH, PUT, OPTIONS");
}

TEST_F(V2, form_content_is_refused) {
  expect_error(
      api(Ask("PUT", "/v2/queues/x", "").with("Content-Type", "Application/X-WWW-Form-Urlencoded")),
      wire::ctype());
  EXPECT_EQ(api(Ask("PUT", "/v2/queues/x", "")
                    .with("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))
                .status(),
            201);
  EXPECT_EQ(
      api(Ask("PUT", "/v2/queues/y").with("Content-Type", "application/x-www-form-urlencoded"))
          .status(),
      201);
}

TEST_F(V2, health_is_for_administrators) {
  ApiOptions options;
  options.admin_mode = true;
  options.counters = [] { return Counters{{"requests", 7}, {"posts", 3}}; };
  MemoryApi admin(options);
  expect_error(admin(Ask("GET", "/v2/health")), wire::forbidden());
  expect_error(admin(Ask("GET", "/v2/health").with("X-Roles", "member,administrator")),
               wire::forbidden());
  const Answer answer = admin(Ask("GET", "/v2/health").with("X-Roles", "member, Admin"));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.body().starts_with(R"({"storage_reachable": true, "operation_status": {)"));
  EXPECT_TRUE(answer.body().ends_with(R"(, "counters": {"requests": 7, "posts": 3}})"));
}

TEST_F(V2, home_lists_what_is_there) {
  const Answer answer = api(Ask("GET", "/v2/"));
  EXPECT_EQ(answer.header("Content-Type"), "application/json-home");
  EXPECT_TRUE(
      answer.body().starts_with("{\n    \"resources\": {\n        \"rel/queues\": {\n"
                                "            \"href-template\": "
                                "\"/v2/queues{?marker,limit,detailed}\",\n"));
  EXPECT_NE(answer.body().find("rel/queue_purge"), std::string::npos);
  for (const std::string absent : {"share", "subscription", "pools", "flavors", "topic"}) {
    EXPECT_EQ(answer.body().find(absent), std::string::npos) << absent;
  }
}

TEST_F(V2, metadata_with_defaults) {
  EXPECT_EQ(api(Ask("PUT", "/v2/queues/new", R"({"a": 1})")).status(), 201);
  expect_no_content(api(Ask("PUT", "/v2/queues/new", R"({"a": 2})")));
  expect_json(api(Ask("GET", "/v2/queues/new")), 200, with_defaults(R"("a": 1)"));
  expect_json(api(Ask("GET", "/v2/queues/absent")), 200, with_defaults());
}

struct MetadataCase {
  std::string_view metadata;
  std::string_view fault;  ///< empty: accepted
};

class V2Metadata : public V2, public testing::WithParamInterface<MetadataCase> {};

TEST_P(V2Metadata, is_judged_the_same_by_put_and_patch) {
  const auto& [metadata, fault] = GetParam();
  const Answer put = api(Ask("PUT", "/v2/queues/judged", std::string(metadata)));
  const std::string member = between(metadata, "{\"", "\"");
  const std::string value(
      metadata.substr(metadata.find(": ") + 2, metadata.size() - metadata.find(": ") - 3));
  const Answer patched =
      patch(R"([{"op": "add", "path": "/metadata/)" + member + R"(", "value": )" + value + "}]");
  if (fault.empty()) {
    EXPECT_EQ(put.status(), 201) << put.body();
    EXPECT_EQ(patched.status(), 200) << patched.body();
  } else {
    expect_error(put, wire::request(std::string(fault)));
    expect_error(patched, wire::body(std::string(fault)));
  }
}

constexpr std::string_view kTtlRange =
    "_default_message_ttl can not exceed 1209600 seconds, and must be at least 60 seconds long.";
constexpr std::string_view kTtlType = "_default_message_ttl must be integer.";
constexpr std::string_view kSizeRange =
    "_max_messages_post_size can not exceed 262144,  and must be at least greater than 0.";
constexpr std::string_view kDelayRange =
    "The TTL can not exceed 900 seconds, and must be at least 0 seconds long.";
constexpr std::string_view kDeadTtlRange =
    "The TTL for a message may not exceed 1209600 seconds, and must be at least 60 seconds long.";
constexpr std::string_view kNoEncryption =
    "Message encryption is not available: _enable_encrypt_messages can not be true.";

INSTANTIATE_TEST_SUITE_P(
    Rules, V2Metadata,
    testing::Values(MetadataCase{R"({"_default_message_ttl": 59})", kTtlRange},
                    MetadataCase{R"({"_default_message_ttl": 60})", ""},
                    MetadataCase{R"({"_default_message_ttl": 1209600})", ""},
                    MetadataCase{R"({"_default_message_ttl": 1209601})", kTtlRange},
                    MetadataCase{R"({"_default_message_ttl": true})", kTtlRange},
                    MetadataCase{R"({"_default_message_ttl": "60"})", kTtlType},
                    MetadataCase{R"({"_default_message_ttl": 60.0})", kTtlType},
                    MetadataCase{R"({"_default_message_ttl": ""})", kTtlType},
                    MetadataCase{R"({"_default_message_ttl": []})", kTtlType},
                    MetadataCase{R"({"_default_message_ttl": {}})", kTtlType},
                    MetadataCase{R"({"_default_message_ttl": 0.0})", kTtlRange},
                    MetadataCase{R"({"_default_message_ttl": false})", kTtlRange},
                    MetadataCase{R"({"_default_message_ttl": null})", ""},
                    MetadataCase{R"({"_max_messages_post_size": 0})", kSizeRange},
                    MetadataCase{R"({"_max_messages_post_size": 262144})", ""},
                    MetadataCase{R"({"_max_messages_post_size": 262145})", kSizeRange},
                    MetadataCase{R"({"_max_messages_post_size": "x"})",
                                 "_max_messages_post_size must be integer."},
                    MetadataCase{R"({"_max_claim_count": -5})", ""},
                    MetadataCase{R"({"_max_claim_count": ""})", ""},
                    MetadataCase{R"({"_max_claim_count": "5"})",
                                 "_max_claim_count must be integer."},
                    MetadataCase{R"({"_dead_letter_queue_messages_ttl": 59})", kDeadTtlRange},
                    MetadataCase{R"({"_dead_letter_queue_messages_ttl": [1]})",
                                 "_dead_letter_queue_messages_ttl must be integer."},
                    MetadataCase{R"({"_default_message_delay": 900})", ""},
                    MetadataCase{R"({"_default_message_delay": 901})", kDelayRange},
                    MetadataCase{R"({"_default_message_delay": -1})", kDelayRange},
                    MetadataCase{R"({"_default_message_delay": 0.0})", ""},
                    MetadataCase{R"({"_default_message_delay": "x"})",
                                 "_default_message_delay must be integer."},
                    MetadataCase{R"({"_enable_encrypt_messages": 1})",
                                 "_enable_encrypt_messages must be boolean."},
                    MetadataCase{R"({"_enable_encrypt_messages": 0})", ""},
                    MetadataCase{R"({"_enable_encrypt_messages": false})", ""},
                    MetadataCase{R"({"_enable_encrypt_messages": true})", kNoEncryption},
                    MetadataCase{R"({"_flavor": 7})", ""},
                    MetadataCase{R"({"_anything": [1]})", ""}));

INSTANTIATE_TEST_SUITE_P(
    RetryPolicy, V2Metadata,
    testing::Values(MetadataCase{R"({"_retry_policy": 5})", "retry_policy must be a dict."},
                    MetadataCase{R"({"_retry_policy": []})", ""},
                    MetadataCase{R"({"_retry_policy": {}})", ""},
                    MetadataCase{R"({"_retry_policy": {"minimum_delay": "x"}})",
                                 "Retry policy: minimum_delay must be a integer."},
                    MetadataCase{R"({"_retry_policy": {"minimum_delay": ""}})",
                                 "Retry policy: minimum_delay must be a integer."},
                    MetadataCase{R"({"_retry_policy": {"maximum_delay": null}})",
                                 "Retry policy: maximum_delay must be a integer."},
                    MetadataCase{R"({"_retry_policy": {"retries_with_no_delay": ""}})", ""},
                    MetadataCase{R"({"_retry_policy": {"retry_backoff_function": 5}})",
                                 "retry_backoff_function must be a string."},
                    MetadataCase{R"({"_retry_policy": {"retry_backoff_function": "x"}})",
                                 "invalid retry_backoff_function."},
                    MetadataCase{R"({"_retry_policy": {"retry_backoff_function": "linear"}})", ""},
                    MetadataCase{R"({"_retry_policy": {"ignore_subscription_override": 1}})",
                                 "ignore_subscription_override must be a boolean."},
                    MetadataCase{R"({"_retry_policy": {"minimum_delay": 31}})",
                                 "minimum_delay must less than maximum_delay."},
                    MetadataCase{R"({"_retry_policy": {"minimum_delay": 21}})",
                                 "invalid minimum_delay and maximum_delay."},
                    MetadataCase{R"({"_retry_policy": {"minimum_delay": -9223372036854775808}})",
                                 ""},
                    MetadataCase{R"({"_retry_policy": {"minimum_delay": 9223372036854775807, )"
                                 R"("maximum_delay": 9223372036854775807}})",
                                 "invalid minimum_delay and maximum_delay."}));

TEST_F(V2, the_first_broken_rule_is_reported) {
  expect_error(
      api(Ask("PUT", "/v2/queues/x", R"({"_max_claim_count": "x", "_default_message_ttl": 1})")),
      wire::request(std::string(kTtlRange)));
  // Asking for encryption is only looked at when everything else is right.
  expect_error(
      api(Ask("PUT", "/v2/queues/x", R"({"_enable_encrypt_messages": true, "_retry_policy": 1})")),
      wire::request("retry_policy must be a dict."));
}

// ---- PATCH --------------------------------------------------------------------------------------

TEST_F(V2, patch_order_of_checks) {
  expect_error(api(Ask("PATCH", kQueue, "[]").with("Content-Type", "application/json")),
               wire::patch_ctype());
  expect_error(api(Ask("PATCH", kQueue, "[]")), wire::patch_ctype());
  expect_error(api(Ask("PATCH", kQueue, "[]")
                       .with("Content-Type", std::string(kPatchType) + "; charset=utf-8")),
               wire::patch_ctype());
  auto too_large = wire::size_meta();
  too_large.title = "Invalid request body";
  expect_error(api(Ask("PATCH", kQueue, "[]").announcing(65537)), too_large);
  expect_error(patch(""), wire::body("PATCH body could not be empty for update."));
  expect_error(api(Ask("PATCH", kQueue).with("Content-Type", kPatchType)),
               wire::body("PATCH body could not be empty for update."));
  expect_error(patch("{bad"), wire::body_parse());
  expect_error(patch("{}"), wire::doctype());
  expect_error(patch("[]", "/v2/queues/absent"), wire::nf_queue("absent"));
  expect_error(patch("[1]", "/v2/queues/absent"), wire::body("Operations must be JSON objects."));
  expect_json(patch("[]"), 200, with_defaults());
}

TEST_F(V2, patch_semantics) {
  expect_error(patch(R"([{"op": "replace", "path": "/metadata/x", "value": 1}])"),
               wire::conflict("Can't replace non-existent object x."));
  expect_error(patch(R"([{"op": "remove", "path": "/metadata/x"}])"),
               wire::conflict("Can't remove non-existent object x."));
  expect_json(patch(R"([{"op": "replace", "path": "/metadata/_max_claim_count", "value": 3}])"),
              200,
              R"({"_max_claim_count": 3, "_max_messages_post_size": 262144, )"
              R"("_default_message_ttl": 3600, "_default_message_delay": 0, )"
              R"("_dead_letter_queue": null, "_dead_letter_queue_messages_ttl": null, )"
              R"("_enable_encrypt_messages": false})");
  expect_json(patch(R"([{"op": "remove", "path": "/metadata/_max_claim_count"}])"), 200,
              with_defaults());
  expect_json(patch(R"([{"op": "remove", "path": "/metadata/_max_claim_count"}])"), 200,
              with_defaults());
  expect_json(patch(R"([{"op": "add", "path": "/Metadata/a~1b~0c", "value": {"x": [1, 1.50]}}])"),
              200, with_defaults(R"("a/b~c": {"x": [1, 1.50]})"));
  // Removing does not look at the root.
  expect_json(patch(R"([{"op": "remove", "path": "/whatever/a~1b~0c"}])"), 200, with_defaults());
}

TEST_F(V2, pointers_are_trimmed_of_all_white_space) {
  EXPECT_EQ(
      patch("[{\"op\": \"add\", \"path\": \"/metadata/\\u00a0b\\u2003\", \"value\": 1}]").status(),
      200);
  expect_json(api(Ask("GET", kQueue)), 200, with_defaults(R"("b": 1)"));
  expect_error(patch("[{\"op\": \"add\", \"path\": \"/metadata/\\u2003/b\", \"value\": 1}]"),
               wire::body("Pointer `/metadata/\u2003/b` contains adjacent \"/\"."));
}

TEST_F(V2, a_failing_step_leaves_everything_as_it_was) {
  expect_error(patch(R"([{"op": "add", "path": "/metadata/a", "value": 1},
                         {"op": "remove", "path": "/metadata/b"}])"),
               wire::conflict("Can't remove non-existent object b."));
  expect_json(api(Ask("GET", kQueue)), 200, with_defaults());
}

TEST_F(V2, metadata_does_not_grow_without_end) {
  int accepted = 0;
  Answer answer;
  for (; accepted < 40; ++accepted) {
    answer = patch(R"([{"op": "add", "path": "/metadata/k)" + std::to_string(accepted) +
                   R"(", "value": ")" + std::string(60000, 'x') + R"("}])");
    if (answer.status() != 200) break;
  }
  EXPECT_EQ(accepted, 2);
  expect_error(answer, wire::body("Queue metadata is too large. Max size: 131072"));
}

struct PatchCase {
  std::string_view operation;
  std::string_view fault;
};

class V2Patch : public V2, public testing::WithParamInterface<PatchCase> {};

TEST_P(V2Patch, is_refused_with_the_right_words) {
  const auto& [operation, fault] = GetParam();
  expect_error(patch("[" + std::string(operation) + "]"), wire::body(std::string(fault)));
}

INSTANTIATE_TEST_SUITE_P(
    Faults, V2Patch,
    testing::Values(
        PatchCase{"5", "Operations must be JSON objects."},
        PatchCase{"{}",
                  "Unable to find `op` in JSON Schema change. It must be one of the "
                  "following: add, remove, replace."},
        PatchCase{R"({"op": null})",
                  "Unable to find `op` in JSON Schema change. It must be one of "
                  "the following: add, remove, replace."},
        PatchCase{R"({"op": "test"})",
                  "Invalid operation: `test`. It must be one of the "
                  "following: add, remove, replace."},
        PatchCase{R"({"op": {"a": 1}})",
                  "Invalid operation: `{\"a\": 1}`. It must be one of the "
                  "following: add, remove, replace."},
        PatchCase{R"({"op": "add"})", "Unable to find 'path' in JSON Schema change"},
        PatchCase{R"({"op": "add", "path": 5})", "Pointer `5` does not start with \"/\"."},
        PatchCase{R"({"op": "add", "path": ""})", "Pointer `` does not start with \"/\"."},
        PatchCase{R"({"op": "add", "path": "m/a"})", "Pointer `m/a` does not start with \"/\"."},
        PatchCase{R"({"op": "add", "path": "/m//a"})", "Pointer `/m//a` contains adjacent \"/\"."},
        PatchCase{R"({"op": "add", "path": "/m/ /a"})",
                  "Pointer `/m/ /a` contains adjacent \"/\"."},
        PatchCase{R"({"op": "add", "path": "/m/"})", "Pointer `/m/` end with \"/\"."},
        PatchCase{R"({"op": "add", "path": "// "})",
                  "Pointer `// ` does not contains valid token."},
        PatchCase{R"({"op": "add", "path": "/m/a~2"})",
                  "Pointer `/m/a~2` contains \"~\" not part of a recognized escape sequence."},
        PatchCase{R"({"op": "add", "path": "/m/a~"})",
                  "Pointer `/m/a~` contains \"~\" not part of a recognized escape sequence."},
        PatchCase{R"({"op": "add", "path": "/"})",
                  "Invalid JSON pointer for this resource: '/, e.g /metadata/key'"},
        PatchCase{R"({"op": "add", "path": "/metadata/{a}/b"})",
                  "Invalid JSON pointer for this resource: '/metadata/{a}/b, e.g /metadata/key'"},
        PatchCase{R"({"op": "add", "path": "/metadata/a"})",
                  "Operation \"add\" requires a member named \"value\"."},
        PatchCase{R"({"op": "replace", "path": "/metadata/a"})",
                  "Operation \"replace\" requires a member named \"value\"."},
        PatchCase{R"({"op": "add", "path": "/meta/a", "value": 1})",
                  "The root of path must be metadata, e.g /metadata/key."}));

// ---- lists of queues ----------------------------------------------------------------------------

TEST_F(V2, queue_list_filters_and_counts) {
  api(Ask("PUT", "/v2/queues/invoices", R"({"team": "shop", "size": 5})"));
  api(Ask("PUT", "/v2/queues/inventory", R"({"team": "stock", "size": "5"})"));
  const auto names = [&](const std::string& query) {
    const std::string body = api(Ask("GET", "/v2/queues?" + query)).body();
    std::string found;
    for (const std::string name : {"inventory", "invoices", "orders"}) {
      if (body.find("\"name\": \"" + name) != std::string::npos) found += name + " ";
    }
    return found;
  };
  EXPECT_EQ(names(""), "inventory invoices orders ");
  EXPECT_EQ(names("name=inv"), "inventory invoices ");
  EXPECT_EQ(names("name=i.v"), "");
  EXPECT_EQ(names("team=shop"), "invoices ");
  EXPECT_EQ(names("team=shop,stock"), "inventory invoices ");
  EXPECT_EQ(names("team=shop&team=stock&size=5"), "inventory invoices ");
  EXPECT_EQ(names("team=,"), "inventory invoices orders ");
  EXPECT_EQ(names("team=none"), "");
  expect_json(api(Ask("GET", "/v2/queues?limit=1&with_count=true&name=inv&team=shop,stock")), 200,
              R"({"queues": [{"name": "inventory", "href": "/v2/queues/inventory"}], )"
              R"("links": [{"rel": "next", "href": )"
              R"("/v2/queues?limit=1&name=inv&with_count=true&team=shop&team=stock&)"
              R"(marker=inventory"}], "count": 3})");
  expect_json(api(Ask("GET", "/v2/queues?with_count=1").with("X-Project-Id", "unused")), 200,
              R"({"queues": [], "links": []})");
  expect_error(api(Ask("GET", "/v2/queues?with_count=x")), wire::param_bool("with_count"));
}

TEST_F(V2, filters_are_bounded_in_number) {
  std::string target = "/v2/queues?";
  for (int i = 0; i < 16; ++i) target += "k" + std::to_string(i) + "=1&";
  EXPECT_EQ(api(Ask("GET", target)).status(), 200);
  expect_error(api(Ask("GET", target + "one=more")),
               wire::request("No more than 16 metadata filters can be given."));
}

TEST_F(V2, detailed_list_shows_defaults) {
  expect_json(api(Ask("GET", "/v2/queues?detailed=true")), 200,
              R"({"queues": [{"name": "orders", "metadata": )" + with_defaults() +
                  R"(, "href": "/v2/queues/orders"}], "links": [{"rel": "next", "href": )"
                  R"("/v2/queues?detailed=true&marker=orders"}]})");
}

// ---- messages -----------------------------------------------------------------------------------

TEST_F(V2, posting_checks) {
  expect_error(api(Ask("POST", kMessages, "{}")), wire::no_msg_key());
  expect_error(api(Ask("POST", kMessages, R"(["messages"])")), wire::no_msg_key());
  expect_error(api(Ask("POST", kMessages, R"({"messages": []})")), wire::no_msg());
  expect_error(api(Ask("POST", kMessages, R"({"messages": {}})")), wire::doctype());
  expect_error(api(Ask("POST", kMessages, R"({"messages": [1]})")), wire::doctype());
  expect_error(api(Ask("POST", kMessages, R"({"messages": [{}]})")), wire::field_missing("body"));
}

TEST_F(V2, delay_is_read_only_where_the_queue_knows_delays) {
  EXPECT_EQ(api(Ask("POST", kMessages, R"({"messages": [{"body": 1, "delay": "x"}]})")).status(),
            201);
  api(Ask("PUT", "/v2/queues/late", R"({"_default_message_delay": 5})"));
  const std::string late = "/v2/queues/late/messages";
  expect_error(api(Ask("POST", late, R"({"messages": [{"body": 1, "delay": "x"}]})")),
               wire::field_type("delay"));
  expect_error(api(Ask("POST", late, R"({"messages": [{"body": 1, "delay": 901}]})")),
               wire::msg_delay());
  expect_error(api(Ask("POST", late, R"({"messages": [{"body": 1, "delay": -1}]})")),
               wire::msg_delay());
  EXPECT_EQ(api(Ask("POST", late, R"({"messages": [{"body": 1}]})")).status(), 201);
  expect_json(api(Ask("GET", late + "?echo=true")), 200, R"({"messages": [], "links": []})");
  const Answer shown = api(Ask("GET", late + "?echo=true&include_delayed=true"));
  EXPECT_NE(shown.body().find("?echo=true&include_delayed=true&marker="), std::string::npos);
  expect_no_content(api(Ask("POST", "/v2/queues/late/claims")));
  api.clock().advance(std::chrono::seconds(6));
  const Answer due = api(Ask("GET", late + "?echo=true"));
  EXPECT_NE(due.body().find("\"age\": 6"), std::string::npos);
  EXPECT_EQ(due.body().find("include_delayed"), std::string::npos);
}

TEST_F(V2, queue_options_bound_posts) {
  api(Ask("PUT", "/v2/queues/own",
          R"({"_default_message_ttl": 100, "_max_messages_post_size": 40})"));
  const std::string own = "/v2/queues/own/messages";
  const Answer posted = api(Ask("POST", own, R"({"messages": [{"body": 1}]})"));
  EXPECT_NE(api(Ask("GET", between(posted.body(), "[\"", "\""))).body().find("\"ttl\": 100"),
            std::string::npos);
  expect_error(
      api(Ask("POST", own, R"({"messages": [{"body": "0123456789012345"}]})")),
      wire::request("Message collection size is too large. The max size for current queue is 40. "
                    "It is calculated by max size = min(max_messages_post_size_config: 262144, "
                    "max_messages_post_size_queue: 40)."));
}

TEST_F(V2, listing_says_when_delays_do_not_matter) {
  const std::string id = post();
  expect_json(api(Ask("GET", kMessages)), 200, R"({"messages": [], "links": []})");
  const Answer all = api(Ask("GET", kMessages + "?echo=true&include_delayed=false"));
  const std::string marker = between(all.body(), "marker=", "\"");
  expect_json(all, 200,
              R"({"messages": [{"id": ")" + id + R"(", "href": ")" + kMessages + "/" + id +
                  R"(", "ttl": 3600, "age": 0, "body": 1}], "links": [{"rel": "next", "href": ")" +
                  kMessages + "?echo=true&include_delayed=true&marker=" + marker + R"("}]})");
}

TEST_F(V2, ids_of_all_shapes) {
  expect_json(api(Ask("GET", kMessages + "?ids=")), 200, R"({"messages": [], "links": []})");
  expect_error(api(Ask("GET", kMessages + "?ids=,")), wire::limit_m());
  expect_error(api(Ask("GET", kMessages + "?ids=x")),
               wire::not_found("No messages with IDs: ['x'] found in the queue orders for project "
                               "acme."));
  const std::string id = post();
  claim();
  expect_no_content(api(Ask("DELETE", kMessages + "?ids=" + id)));
  EXPECT_EQ(api(Ask("GET", kMessages + "/" + id)).status(), 404);
}

TEST_F(V2, deleting_claimed_messages) {
  const std::string id = post();
  const std::string own = claim("?limit=1");
  post();
  const std::string other = claim("?limit=1");
  const std::string message = kMessages + "/" + id;
  expect_error(api(Ask("DELETE", message)), wire::del_claimed());
  expect_error(api(Ask("DELETE", message + "?claim_id=00000000-0000-4000-8000-000000000000")),
               wire::del_bad_claim());
  expect_error(api(Ask("DELETE", message + "?claim_id=" + other)), wire::del_claimed());
  expect_no_content(api(Ask("DELETE", message + "?claim_id=" + own)));
  const std::string free = kMessages + "/" + post();
  expect_error(api(Ask("DELETE", free + "?claim_id=bogus")), wire::del_bad_claim());
  expect_error(api(Ask("DELETE", free + "?claim_id=" + own)), wire::del_not_claimed());
}

TEST_F(V2, bulk_deletion_with_claim_ids) {
  ApiOptions options;
  options.message_delete_with_claim_id = true;
  MemoryApi strict(options);
  const auto post_one = [&] {
    return between(strict(Ask("POST", kMessages, R"({"messages": [{"body": 1}]})")).body(),
                   "/messages/", "\"");
  };
  const auto claim_one = [&] {
    return last_segment(*strict(Ask("POST", kClaims + "?limit=1")).header("Location"));
  };
  const std::string first = post_one();
  const std::string own = claim_one();
  const std::string second = post_one();
  expect_error(strict(Ask("DELETE", kMessages + "?ids=" + first)), wire::del_need_claim());
  expect_error(strict(Ask("DELETE", kMessages + "?pop=1&claim_ids=" + own)),
               wire::del_need_claim());
  expect_error(
      strict(Ask("DELETE", kMessages + "?ids=" + first + "," + second + "&claim_ids=" + own)),
      wire::del_not_claimed());
  const std::string other = claim_one();
  expect_error(strict(Ask("DELETE", kMessages + "?ids=" + first + "&claim_ids=" + other)),
               wire::del_claimed());
  expect_no_content(strict(Ask(
      "DELETE", kMessages + "?ids=" + first + "," + second + "&claim_ids=" + own + "," + other)));
  EXPECT_EQ(strict(Ask("GET", kMessages + "/" + second)).status(), 404);
}

TEST_F(V2, claims) {
  expect_error(api(Ask("POST", kClaims + "?limit=0", R"({"ttl":1})")), wire::claim_ttl());
  post();
  const std::string held = claim();
  expect_no_content(api(Ask("PATCH", kClaims + "/" + held, R"({"ttl": 600})")));
  expect_no_content(api(Ask("PATCH", kClaims + "/" + held, "{}")));
  EXPECT_NE(api(Ask("GET", kClaims + "/" + held)).body().find("\"ttl\": 300"), std::string::npos);
  expect_no_content(api(Ask("DELETE", kClaims + "/" + held)));
}

TEST_F(V2, dead_letters) {
  api(Ask("PUT", "/v2/queues/tried", R"({"_max_claim_count": 1, "_dead_letter_queue": "dead"})"));
  const std::string tried = "/v2/queues/tried";
  const Answer posted = api(Ask("POST", tried + "/messages", R"({"messages": [{"body": "b"}]})"));
  const std::string id = between(posted.body(), "/messages/", "\"");
  const Answer claimed = api(Ask("POST", tried + "/claims"));
  EXPECT_EQ(claimed.status(), 201);
  expect_no_content(api(Ask("DELETE", *claimed.header("Location"))));
  expect_no_content(api(Ask("POST", tried + "/claims")));
  EXPECT_EQ(api(Ask("GET", "/v2/queues/dead/messages/" + id)).status(), 200);
}

TEST_F(V2, purging) {
  const std::string purge = kQueue + "/purge";
  const auto count = [&] {
    return between(api(Ask("GET", kQueue + "/stats")).body(), "\"total\": ", "}").substr(0, 1);
  };
  post();
  claim();
  post();
  expect_no_content(api(Ask("POST", purge, R"({"resource_types": []})")));
  expect_no_content(api(Ask("POST", purge, R"({"resource_types": ["subscriptions"]})")));
  EXPECT_EQ(count(), "2");
  expect_error(api(Ask("POST", purge, "{}")),
               wire::request("Post body must contain key \"resource_types\"."));
  expect_error(api(Ask("POST", purge, R"(["resource_types"])")),
               wire::request("Post body must contain key \"resource_types\"."));
  for (const std::string types : {R"("messages")", "5", "null", R"({"messages": 1})", R"([1])",
                                  R"(["messages", "pools"])", R"([["messages"]])"}) {
    expect_error(
        api(Ask("POST", purge, "{\"resource_types\": " + types + "}")),
        wire::request("Resource types must be a sub set of {'messages', 'subscriptions'}."));
  }
  EXPECT_EQ(count(), "2");
  expect_no_content(api(Ask("POST", purge)));
  EXPECT_EQ(count(), "0");
  post();
  expect_no_content(api(Ask("POST", purge, R"({"resource_types": ["messages"], "x": 1})")));
  EXPECT_EQ(count(), "0");
  expect_no_content(api(Ask("POST", "/v2/queues/absent/purge", "")));
}

TEST_F(V2, posts_are_bounded_and_location_too) {
  const auto post_many = [&](int n) {
    std::string body = R"({"messages": [{"body": 0})";
    for (int i = 1; i < n; ++i) body += ", {\"body\": 0}";
    return api(Ask("POST", kMessages, body + "]}"));
  };
  const auto commas = [](const std::string& text) { return std::ranges::count(text, ','); };
  EXPECT_EQ(commas(*post_many(20).header("Location")), 19);
  const Answer more = post_many(21);
  EXPECT_EQ(more.header("Location"), kMessages);
  EXPECT_EQ(commas(more.body()), 20);
  EXPECT_EQ(post_many(1000).status(), 201);
  expect_error(post_many(1001), wire::request("A request may post at most 1000 messages."));
}

TEST_F(V2, a_queue_that_wants_encryption_gets_nothing_in_the_clear) {
  // v1 refuses the attribute, v1.1 and v2 too; metadata from elsewhere may still have it.
  base::ManualClock clock(0);
  base::SystemRandom random;
  storage::memory::MemoryStore store(clock, random);
  Harness other(store, clock);
  base::Call call(base::Patience::may_wait);
  const domain::QueueAddress queue{domain::ProjectId("acme"), *domain::QueueName::from("secret")};
  const auto metadata = domain::QueueMetadata::from_json(R"({"_enable_encrypt_messages": true})");
  ASSERT_TRUE(store.queues().create(call, queue, *metadata).has_value());
  const auto refused = wire::unavailable("Messages could not be enqueued.");
  expect_error(other(Ask("POST", "/v1/queues/secret/messages", R"([{"ttl": 60, "body": 1}])")),
               refused);
  for (const std::string version : {"v1.1", "v2"}) {
    expect_error(other(Ask("POST", "/" + version + "/queues/secret/messages",
                           R"({"messages": [{"body": 1}]})")),
                 refused);
  }
}

}  // namespace
}  // namespace marconi::api
