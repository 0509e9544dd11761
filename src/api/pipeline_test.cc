// The checks that every request goes through, in their order (http-v1 §1.3 to §1.6, http-v2 §1.2
// to §1.5, auth §6 and §7).
#include <gtest/gtest.h>

#include <string>

#include "api/api_assertions.h"
#include "api/api_harness.h"

namespace marconi::api {
namespace {

class Pipeline : public testing::Test {
 protected:
  MemoryApi api;
};

// ---- order --------------------------------------------------------------------------------------

TEST_F(Pipeline, checks_come_in_their_order) {
  Ask ask("POST", "/v2/nope/x", "");
  ask.with("URL-Signature", "")
      .with("Content-Type", "application/x-www-form-urlencoded")
      .with("Accept", "text/html")
      .without("Client-ID")
      .without("X-Project-Id")
      .with("Extra-Spec", "nobody:1");
  expect_error(api(ask), wire::route());
  ask = Ask("FETCH", "/v2/queues/a%20b", "");
  ask.with("URL-Signature", "")
      .with("Content-Type", "application/x-www-form-urlencoded")
      .with("Accept", "text/html")
      .without("Client-ID")
      .without("X-Project-Id")
      .with("Extra-Spec", "nobody:1");
  expect_error(api(ask), wire::route());
  ask.without("URL-Signature");
  expect_error(api(ask), wire::ctype());
  ask.without("Content-Type");
  EXPECT_EQ(api(ask).status(), 406);
  ask.without("Accept");
  expect_error(api(ask), wire::cid_missing());
  ask.with("Client-ID", "xyz");
  expect_error(api(ask), wire::cid_format());
  ask.with("Client-ID", kClient);
  expect_error(api(ask), wire::proj_missing());
  ask.with("X-Project-Id", "  ");
  expect_error(api(ask), wire::proj_empty());
  ask.with("X-Project-Id", "acme");
  expect_error(api(ask), wire::qname());
}

TEST_F(Pipeline, checks_after_the_name) {
  Ask ask("FETCH", "/v2/queues/q");
  ask.with("Extra-Spec", "nobody:1");
  expect_error(api(ask), wire::request("Extra-Spec names an unknown scheme: nobody"));
  ask.with("Extra-Spec", "messagecode:1");
  expect_error(api(ask), wire::bad_method());
  expect_error(api(Ask("get", "/v2/queues/q")), wire::bad_method());
  expect_error(api(Ask("PROPFIND", "/v2/queues/q")), wire::method());
  expect_error(api(Ask("WEBSOCKET", "/nope")), {400, "400 Bad Request", ""});
}

TEST_F(Pipeline, extra_specifications) {
  for (const std::string spec : {"", "messagecode", "messagecode:123", ":abc"}) {
    EXPECT_EQ(api(Ask("GET", "/v2/queues").with("Extra-Spec", spec)).status(), 200) << spec;
  }
  EXPECT_EQ(api(Ask("GET", "/v1/queues").with("Extra-Spec", "nobody")).status(), 204);
}

TEST_F(Pipeline, a_signature_is_never_valid) {
  for (const std::string target : {"/v1/queues", "/v1.1/queues", "/v2/queues", "/"}) {
    for (const std::string signature : {"", "x"}) {
      expect_error(api(Ask("GET", target).with("URL-Signature", signature)), wire::route());
    }
  }
}

TEST_F(Pipeline, versions_can_be_switched_off) {
  ApiOptions options;
  options.enable_v1 = false;
  options.enable_v1_1 = false;
  MemoryApi newest(options);
  expect_error(newest(Ask("GET", "/v1/queues")), wire::route());
  expect_error(newest(Ask("GET", "/v1.1/queues")), wire::route());
  EXPECT_EQ(newest(Ask("GET", "/v2/queues")).status(), 200);
  EXPECT_NE(newest(Ask("GET", "/")).body().find("\"/v1/\""), std::string::npos);
}

// ---- paths --------------------------------------------------------------------------------------

struct PathCase {
  std::string target;
  int status;
};

class Paths : public Pipeline, public testing::WithParamInterface<PathCase> {};

TEST_P(Paths, lead_where_they_should) {
  api(Ask("PUT", "/v2/queues/ab"));
  EXPECT_EQ(api(Ask("GET", GetParam().target)).status(), GetParam().status) << GetParam().target;
}

INSTANTIATE_TEST_SUITE_P(
    Routing, Paths,
    testing::Values(PathCase{"/v1", 404}, PathCase{"/v1/", 200}, PathCase{"/v1.1", 404},
                    PathCase{"/v1.1/", 200}, PathCase{"/v2", 404}, PathCase{"/v2/", 200},
                    PathCase{"/", 300}, PathCase{"/?", 300}, PathCase{"/v1/health/", 404},
                    PathCase{"/v2/ping/", 404}, PathCase{"/v1/queues/ab/", 404},
                    PathCase{"/v1/queues/ab/stats/", 404}, PathCase{"/v1/queues/", 400},
                    PathCase{"/v1/queues//stats", 400}, PathCase{"/v2/queues//stats", 400},
                    PathCase{"/v1/queues/ab/messages/", 404},
                    PathCase{"/v1/queues/ab/claims/", 404}, PathCase{"//v1/queues", 404},
                    PathCase{"//v1.1/queues", 404}, PathCase{"//v2/queues", 404},
                    PathCase{"///", 404}, PathCase{"//", 404}, PathCase{"/V1/queues", 404},
                    PathCase{"/v1/shards", 404}, PathCase{"/v1/./queues", 200},
                    PathCase{"/v1/queues/../queues", 200}, PathCase{"/v1/queues/..", 200},
                    PathCase{"/v1/queues/.", 400}, PathCase{"/v1/../../../v1/queues", 200},
                    PathCase{"/v1/..", 300}, PathCase{"/v2/queues/%2E%2E", 200},
                    PathCase{"/v1/queues/%61%62", 204}, PathCase{"/%76%31/queues", 200},
                    PathCase{"/v1%2Fqueues", 200}, PathCase{"/v2/queues/ab%2Fstats", 200},
                    PathCase{"/v2/queues/ab%2fstats", 200}, PathCase{"/v2/queues?", 200},
                    PathCase{"/v2/queues?&&=&a", 200}, PathCase{"/v2/queues/ab/messages/a/b", 404},
                    PathCase{"*", 404}, PathCase{"", 404}, PathCase{"v2/queues", 404},
                    PathCase{"?x", 404}, PathCase{"/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", 404}));

INSTANTIATE_TEST_SUITE_P(
    Names, Paths,
    testing::Values(PathCase{"/v2/queues/a%0A", 400}, PathCase{"/v2/queues/a%00b", 400},
                    PathCase{"/v2/queues/%00", 400}, PathCase{"/v2/queues/%FF", 400},
                    PathCase{"/v2/queues/%C3%A9", 400}, PathCase{"/v2/queues/\xC3\xA9", 400},
                    PathCase{"/v2/queues/\xFF", 400}, PathCase{"/v2/queues/a+b", 400},
                    PathCase{"/v2/queues/a%20b", 400}, PathCase{"/v2/queues/a~b", 400},
                    PathCase{"/v2/queues/a@b", 400}, PathCase{"/v2/queues/a%zzb", 400},
                    PathCase{"/v2/queues/a%", 400}, PathCase{"/v2/queues/a%4", 400},
                    PathCase{"/v2/queues/%252F", 400}, PathCase{"/v2/queues/a.b-c_D9", 200},
                    PathCase{"/v2/queues/...", 200}, PathCase{"/v2/queues/messages", 200},
                    PathCase{"/v2/queues/" + std::string(64, 'x'), 200},
                    PathCase{"/v2/queues/" + std::string(65, 'x'), 400},
                    PathCase{"/v2/queues/" + std::string(100000, 'x'), 400}));

TEST_F(Pipeline, empty_items_are_ids_like_others) {
  api(Ask("PUT", "/v2/queues/q"));
  expect_no_content(api(Ask("DELETE", "/v2/queues/q/messages/")));
  expect_no_content(api(Ask("DELETE", "/v2/queues/q/claims/")));
  EXPECT_EQ(api(Ask("POST", "/v2/queues/q/messages/")).status(), 405);
  EXPECT_EQ(api(Ask("PATCH", "/v2/queues/q/claims/", "{}")).status(), 404);
}

TEST_F(Pipeline, strange_ids_come_back_readable) {
  api(Ask("PUT", "/v2/queues/q"));
  EXPECT_EQ(api(Ask("GET", "/v2/queues/q/messages/%FF%22%0A")).body(),
            "{\"title\": \"Not found\", \"description\": \"Message \xEF\xBF\xBD\\\"\\n does not "
            "exist in queue q for project acme\"}");
}

// ---- methods ------------------------------------------------------------------------------------

TEST_F(Pipeline, options_names_the_methods) {
  const Answer answer = api(Ask("OPTIONS", "/v2/queues/q/messages"));
  expect_json(answer, 200, "");
  EXPECT_EQ(answer.header("Allow"), "DELETE, GET, POST");
  EXPECT_EQ(api(Ask("OPTIONS", "/v1/queues/q")).header("Allow"), "DELETE, GET, HEAD, PUT");
  EXPECT_EQ(api(Ask("OPTIONS", "/")).header("Allow"), "GET");
}

TEST_F(Pipeline, options_never_fails) {
  for (const Ask& ask : {Ask("OPTIONS", "/nope"), Ask("OPTIONS", "*"),
                         Ask("OPTIONS", "/v2/queues").without("Client-ID"),
                         Ask("OPTIONS", "/v2/queues").with("URL-Signature", "x"),
                         Ask("OPTIONS", "/v2/queues/a%20b")}) {
    const Answer answer = api(ask);
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body(), "");
    EXPECT_TRUE(answer.response.headers.empty());
    EXPECT_FALSE(answer.response.omit_content_length);
  }
}

TEST_F(Pipeline, head_where_there_is_none) {
  const Answer answer = api(Ask("HEAD", "/v2/queues"));
  EXPECT_EQ(answer.status(), 405);
  EXPECT_EQ(answer.body(), "");
  EXPECT_EQ(answer.response.announced_length, 35U);
  EXPECT_EQ(answer.header("Allow"), "GET, OPTIONS");
}

// ---- headers ------------------------------------------------------------------------------------

TEST_F(Pipeline, accept) {
  const auto status = [&](const std::string& accept) {
    return api(Ask("GET", "/v2/queues").with("Accept", accept)).status();
  };
  for (const std::string fine :
       {"", "*/*", "*", "application/*", "application/json", "application/json;charset=utf-8",
        "APPLICATION/JSON", "text/html, */*;q=0.1", "application/json;q=7", "application/json;q=x",
        "text/html;q=1, application/json;q=0.001", " application/json ; q=1 "}) {
    EXPECT_EQ(status(fine), 200) << fine;
  }
  for (const std::string wrong :
       {"text/html", "application/json-home", "*/*, application/json;q=0", "json", "*/*;q=0",
        "application/json/x", "application/json,", ",", ";", "application/xml"}) {
    EXPECT_EQ(status(wrong), 406) << wrong;
  }
  EXPECT_EQ(
      api(Ask("GET", "/v2/queues").with("Accept", "text/html").also("accept", "application/json"))
          .status(),
      200);
}

TEST_F(Pipeline, not_acceptable_has_a_link) {
  const Answer answer = api(Ask("GET", "/v2/").with("Accept", "application/json-home"));
  expect_json(answer, 406,
              R"({"title": "\nEndpoint only serves `application/json`; specify client-side\nmedia )"
              R"(type support with the \"Accept\" header.", "link": {"text": "14.1 Accept, )"
              R"(Hypertext Transfer Protocol -- HTTP/1.1", "href": )"
              R"("http://www.w3.org/Protocols/rfc2616/rfc2616-sec14.html", "rel": "help"}})");
  EXPECT_EQ(answer.header("Vary"), "Accept");
}

TEST_F(Pipeline, client_ids) {
  const auto status = [&](const std::string& client) {
    return api(Ask("GET", "/v2/queues").with("client-id", client)).status();
  };
  for (const std::string fine :
       {"3381af92-2b9e-11e3-b191-71861300734c", "3381AF922B9E11E3B19171861300734C",
        "{3381af92-2b9e-11e3-b191-71861300734c}",
        "urn:uuid:3381af92-2b9e-11e3-b191-71861300734c"}) {
    EXPECT_EQ(status(fine), 200) << fine;
  }
  for (const std::string wrong : {"", " ", "{}", "-", "3381af92-2b9e-11e3-b191-71861300734",
                                  "urn:uuid:", "3381af92-2b9e-11e3-b191-71861300734g", "\xFF\xFF",
                                  "3381af92-2b9e-11e3-b191-71861300734c0"}) {
    EXPECT_EQ(status(wrong), 400) << wrong;
  }
  expect_error(api(Ask("GET", "/v2/queues").also("Client-ID", kOtherClient)), wire::cid_format());
}

TEST_F(Pipeline, projects) {
  const std::string longest(256, 'p');
  const std::string too_long(257, 'p');
  EXPECT_EQ(api(Ask("PUT", "/v2/queues/q").with("X-Project-Id", longest)).status(), 201);
  for (const std::string version : {"v1", "v1.1", "v2"}) {
    expect_error(api(Ask("GET", "/" + version + "/queues/q/stats").with("X-Project-Id", too_long)),
                 wire::qname());
    EXPECT_LT(api(Ask("GET", "/" + version + "/queues").with("X-Project-Id", too_long)).status(),
              300);
  }
  EXPECT_EQ(api(Ask("PUT", "/v2/queues/q").with("X-Project-Id", "a\xFF/b c")).status(), 201);
  // Repeated headers make one project.
  EXPECT_EQ(api(Ask("PUT", "/v2/queues/q").also("X-Project-Id", "b")).status(), 201);
  EXPECT_EQ(api(Ask("PUT", "/v2/queues/q").with("X-Project-Id", "acme, b")).status(), 204);
}

TEST_F(Pipeline, projects_do_not_see_each_other) {
  const auto theirs = [](Ask ask) { return ask.with("X-Project-Id", "other"); };
  const std::string messages = "/v2/queues/q/messages";
  const Answer posted = api(Ask("POST", messages, R"({"messages": [{"body": 1}]})"));
  const std::string id = between(posted.body(), "/messages/", "\"");
  api(theirs(Ask("PUT", "/v2/queues/q")));
  EXPECT_EQ(api(theirs(Ask("GET", messages + "/" + id))).status(), 404);
  EXPECT_EQ(api(theirs(Ask("GET", messages + "?ids=" + id))).status(), 404);
  expect_no_content(api(theirs(Ask("DELETE", messages + "/" + id))));
  expect_no_content(api(theirs(Ask("DELETE", messages + "?ids=" + id))));
  expect_no_content(api(theirs(Ask("POST", "/v2/queues/q/claims"))));
  EXPECT_EQ(api(Ask("GET", messages + "/" + id)).status(), 200);
  EXPECT_EQ(api(Ask("GET", "/v2/queues/other/messages/" + id)).status(), 404);
}

// ---- CORS ---------------------------------------------------------------------------------------

class Cors : public testing::Test {
 protected:
  static ApiOptions options() {
    ApiOptions options;
    options.cors.allowed_origins = {"https://shop.example"};
    return options;
  }
  static Ask preflight(std::string_view method, std::string_view headers) {
    return Ask("OPTIONS", "/v2/queues/q")
        .without("Client-ID")
        .with("Origin", "https://shop.example")
        .with("Access-Control-Request-Method", method)
        .with("Access-Control-Request-Headers", headers);
  }

 public:
  MemoryApi api{options()};
};

TEST_F(Cors, marks_answers_for_an_allowed_origin) {
  const Answer answer = api(Ask("GET", "/v2/queues").with("Origin", "https://shop.example"));
  EXPECT_EQ(answer.header("Vary"), "Origin");
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(answer.header("Access-Control-Expose-Headers"),
            "X-Auth-Token,X-Subject-Token,X-Service-Token,X-OpenStack-Request-ID");
  const Answer error = api(Ask("GET", "/nope").with("Origin", "https://shop.example"));
  EXPECT_EQ(error.header("Vary"), "Accept,Origin");
  EXPECT_EQ(error.header("Access-Control-Allow-Origin"), "https://shop.example");
}

TEST_F(Cors, leaves_other_origins_alone) {
  const Answer other = api(Ask("GET", "/v2/queues").with("Origin", "https://evil.example"));
  EXPECT_EQ(other.header("Vary"), std::nullopt);
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), std::nullopt);
  EXPECT_EQ(api(Ask("GET", "/v2/queues")).header("Vary"), std::nullopt);
  MemoryApi without;
  EXPECT_EQ(without(Ask("GET", "/v2/queues").with("Origin", "https://shop.example")).header("Vary"),
            std::nullopt);
}

TEST_F(Cors, admits_everybody_by_a_star) {
  ApiOptions everybody = options();
  everybody.cors.allowed_origins.push_back("*");
  everybody.cors.allow_credentials = false;
  MemoryApi open(everybody);
  const Answer answer = open(Ask("GET", "/v2/queues").with("Origin", "https://evil.example"));
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), std::nullopt);
}

TEST_F(Cors, answers_preflights) {
  const Answer answer = api(preflight("PUT", "client-id, Content-Type"));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body(), "");
  EXPECT_EQ(answer.header("Vary"), "Origin");
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(answer.header("Access-Control-Max-Age"), "3600");
  EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), "PUT");
  EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), "client-id,Content-Type");
  for (const Ask& refused :
       {preflight("PUT", "x-project-id"), preflight("TRACE", ""), preflight("put", ""),
        preflight("PUT", "").with("Origin", "https://evil.example"),
        preflight("PUT", "").without("Access-Control-Request-Method")}) {
    const Answer plain = api(refused);
    EXPECT_EQ(plain.status(), 200);
    EXPECT_EQ(plain.header("Access-Control-Allow-Methods"), std::nullopt);
    EXPECT_EQ(plain.header("Vary"), std::nullopt);
  }
}

// ---- body limits
// ----------------------------------------------------------------------------------

TEST_F(Pipeline, body_limits_follow_the_table) {
  const Application& application = api.application();
  EXPECT_EQ(application.body_limit("POST", "/v2/queues/q/messages"), 262144U);
  EXPECT_EQ(application.body_limit("POST", "/v1/queues/q%2Fmessages?x"), 262144U);
  EXPECT_EQ(application.body_limit("GET", "/v2/queues/q/messages"), 262144U);
  EXPECT_EQ(application.body_limit("PUT", "/v2/queues/q"), 65536U);
  EXPECT_EQ(application.body_limit("POST", "/v2/queues/q/claims"), 262144U);
  EXPECT_EQ(application.body_limit("POST", "/nope"), 262144U);
  EXPECT_EQ(application.least_body_limit(), 65536U);
}

}  // namespace
}  // namespace marconi::api
