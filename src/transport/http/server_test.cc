#include "transport/http/server.h"

#include <gtest/gtest.h>

#include <set>

#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using testing::Client;
using testing::get;
using testing::post;
using testing::Reply;
using testing::response;
using testing::Rig;

class HttpServer : public ::testing::Test {
 protected:
  Rig rig_;
};

TEST_F(HttpServer, serves_several_requests_on_one_connection) {
  rig_.start();
  const auto client = rig_.connect();
  for (const char* target : {"/one", "/two", "/three"}) {
    ASSERT_TRUE(client->send(get(target)));
    const Reply reply = client->read_reply();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, target);
    EXPECT_FALSE(reply.has_header("Connection"));
  }
  EXPECT_EQ(rig_.count("connections_accepted"), 1);
}

TEST_F(HttpServer, answers_pipelined_requests_in_order) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/1") + post("/2", "xyz") + get("/3")));
  EXPECT_EQ(client->read_reply().body, "/1");
  EXPECT_EQ(client->read_reply().body, "/2");
  EXPECT_EQ(client->read_reply().body, "/3");
}

TEST_F(HttpServer, answers_more_pipelined_requests_than_its_buffer_holds) {
  rig_.start();
  const auto client = rig_.connect();
  std::string requests;
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) requests += post("/" + std::to_string(i), "0123456789");
  ASSERT_TRUE(client->send(requests));
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(client->read_reply().body, "/" + std::to_string(i));
}

TEST_F(HttpServer, understands_a_request_that_comes_byte_by_byte) {
  rig_.handler.script = [](const api::Request& request, base::Patience) {
    return response(200, std::string(request.target) + " " + std::string(request.body));
  };
  rig_.start();
  const auto client = rig_.connect();
  for (const std::string& request :
       {post("/path", "a body"), get("/next"),
        std::string("PUT /chunks HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n")}) {
    for (const char byte : request) ASSERT_TRUE(client->send({&byte, 1}));
  }
  EXPECT_EQ(client->read_reply().body, "/path a body");
  EXPECT_EQ(client->read_reply().body, "/next ");
  EXPECT_EQ(client->read_reply().body, "/chunks abcde");
}

TEST_F(HttpServer, hands_the_whole_request_to_the_handler) {
  rig_.handler.script = [](const api::Request& request, base::Patience patience) {
    std::string seen(request.method);
    seen.append(" ").append(request.target).append("\n");
    for (const auto& [name, value] : request.headers) {
      seen.append(name).append("=[").append(value).append("]\n");
    }
    seen += request.content_length ? std::to_string(*request.content_length) : "no length";
    seen.append("\n").append(request.body);
    seen += patience == base::Patience::immediate ? "\nimmediate" : "\nmay wait";
    return response(200, seen);
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(
      client->send("PROPFIND /v1/a%20b?x=1&y HTTP/1.1\r\nHost: h\r\nX-Project-Id:\r\n"
                   "X-Twice:  one \t\r\nx-twice: \xC3\xA9\xFF\r\nContent-Length: 2\r\n\r\nhi"));
  EXPECT_EQ(client->read_reply().body,
            "PROPFIND /v1/a%20b?x=1&y\nHost=[h]\nX-Project-Id=[]\nX-Twice=[one]\n"
            "x-twice=[\xC3\xA9\xFF]\nContent-Length=[2]\n2\nhi\nimmediate");
  ASSERT_TRUE(client->send("get / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "get /\nHost=[h]\nno length\n\nimmediate");
}

TEST_F(HttpServer, strips_scheme_and_authority_of_the_target) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(
      client->send("GET http://example.org:80/v1/?a=b HTTP/1.1\r\nHost: h\r\n\r\n"
                   "GET HTTP://example.org HTTP/1.1\r\nHost: h\r\n\r\n"
                   "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "/v1/?a=b");
  EXPECT_EQ(client->read_reply().body, "/");
  EXPECT_EQ(client->read_reply().body, "*");
}

TEST_F(HttpServer, writes_status_headers_and_nothing_unasked_for) {
  rig_.handler.script = [](const api::Request&, base::Patience) {
    api::Response created = response(201, "{}");
    created.headers = {{"Content-Type", "application/json"}, {"Location", "/v1/x"}};
    return created;
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.head,
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nLocation: /v1/x\r\n"
            "Content-Length: 2\r\nX-Request-Id: " +
                reply.header("X-Request-Id") + "\r\n\r\n");
}

TEST_F(HttpServer, gives_every_request_an_id_of_its_own) {
  std::mutex mutex;
  std::set<std::string> seen;
  rig_.handler.script = [&](const api::Request& request, base::Patience) {
    const std::lock_guard lock(mutex);
    seen.emplace(request.request_id);
    return response(200);
  };
  rig_.start();
  std::set<std::string> sent;
  for (int i = 0; i < 3; ++i) {
    const auto client = rig_.connect();
    ASSERT_TRUE(client->send(get("/a") + get("/b")));
    sent.insert(client->read_reply().header("X-Request-Id"));
    sent.insert(client->read_reply().header("X-Request-Id"));
  }
  EXPECT_EQ(sent.size(), 6);
  EXPECT_EQ(sent, seen);
  EXPECT_TRUE(sent.begin()->starts_with("req-"));
}

TEST_F(HttpServer, answers_head_without_a_body_but_with_its_length) {
  rig_.handler.script = [](const api::Request& request, base::Patience) {
    api::Response result = response(405, "not sent");
    if (request.target == "/announced") {
      result.body.clear();
      result.announced_length = 35;
    }
    return result;
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(
      client->send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"
                   "HEAD /announced HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client->read_reply(true).header("Content-Length"), "8");
  EXPECT_EQ(client->read_reply(true).header("Content-Length"), "35");
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(client->read_reply().body, "not sent");
}

TEST_F(HttpServer, sends_204_without_length_or_body) {
  rig_.handler.script = [](const api::Request&, base::Patience) {
    api::Response result = response(204, "never sent");
    result.omit_content_length = true;
    return result;
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/") + get("/")));
  for (int i = 0; i < 2; ++i) {
    const Reply reply = client->read_reply();
    EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 204 No Content\r\n"));
    EXPECT_FALSE(reply.has_header("Content-Length"));
  }
}

TEST_F(HttpServer, tells_when_to_come_back_on_every_503) {
  rig_.options.retry_after = std::chrono::seconds(7);
  rig_.handler.script = [](const api::Request&, base::Patience) { return response(503, "later"); };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(client->read_reply().header("Retry-After"), "7");
}

TEST_F(HttpServer, closes_when_the_client_asks_for_it) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n" + get("/")));
  EXPECT_EQ(client->read_reply().header("Connection"), "close");
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(rig_.count("requests"), 1);
}

TEST_F(HttpServer, http_1_0_connections_end_unless_kept_alive) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET /kept HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_EQ(client->read_reply().header("Connection"), "keep-alive");
  ASSERT_TRUE(client->send("GET /last HTTP/1.0\r\n\r\n"));
  const Reply last = client->read_reply();
  EXPECT_EQ(last.body, "/last");
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_TRUE(client->is_closed_by_server());
}

TEST_F(HttpServer, answers_a_client_that_has_closed_its_sending_half) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/1") + get("/2")));
  client->close_sending();
  EXPECT_EQ(client->read_reply().body, "/1");
  EXPECT_EQ(client->read_reply().body, "/2");
  EXPECT_TRUE(client->is_closed_by_server());
}

TEST_F(HttpServer, passes_over_one_empty_line_between_requests) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(post("/1", "x") + "\r\n" + get("/2")));
  EXPECT_EQ(client->read_reply().body, "/1");
  EXPECT_EQ(client->read_reply().body, "/2");
}

TEST_F(HttpServer, sends_large_answers_whole) {
  std::string large(5'000'000, 'x');
  large += "end";
  rig_.handler.script = [&](const api::Request&, base::Patience) { return response(200, large); };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/") + get("/")));
  EXPECT_EQ(client->read_reply().body, large);
  EXPECT_EQ(client->read_reply().body, large);
}

TEST_F(HttpServer, takes_large_bodies_whole) {
  rig_.handler.limit = 3'000'000;
  rig_.handler.script = [](const api::Request& request, base::Patience) {
    return response(200, std::string(request.target) + std::string(request.body));
  };
  rig_.start();
  std::string large(3'000'000, 'y');
  large.back() = 'z';
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(post("/", large) + get("/next")));
  EXPECT_EQ(client->read_reply().body, "/" + large);
  EXPECT_EQ(client->read_reply().body, "/next");
}

TEST_F(HttpServer, no_header_value_can_add_a_header) {
  rig_.handler.script = [](const api::Request&, base::Patience) {
    api::Response result = response(200);
    result.headers = {{"Location", "/a\r\nEvil: yes"}};
    return result;
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  const Reply reply = client->read_reply();
  EXPECT_FALSE(reply.has_header("Evil"));
  EXPECT_EQ(reply.header("Location"), "/a  Evil: yes");
}

TEST_F(HttpServer, survives_clients_that_vanish) {
  rig_.start();
  for (const std::string& sent : {std::string(), std::string("GET"), get("/"),
                                  std::string("POST / HTTP/1.1\r\nHost: h\r\n"
                                              "Content-Length: 10\r\n\r\nabc")}) {
    const auto client = rig_.connect();
    ASSERT_TRUE(client->send(sent));
    client->reset();
  }
  EXPECT_TRUE(rig_.wait_for_count("connections_active", 0));
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/still there")));
}

TEST_F(HttpServer, listens_on_ipv6_too) {
  rig_.options.host = "::1";
  rig_.start();
  Client client(rig_.server->port(), "::1");
  ASSERT_TRUE(client.is_connected());
  ASSERT_TRUE(client.send(get("/six")));
  EXPECT_EQ(client.read_reply().body, "/six");
}

TEST_F(HttpServer, serves_on_several_loops_with_one_port) {
  rig_.options.event_loops = 4;
  rig_.start();
  for (int i = 0; i < 40; ++i) {
    const auto client = rig_.connect();
    ASSERT_TRUE(client->send(get("/")));
    ASSERT_EQ(client->read_reply().status, 200);
  }
  EXPECT_EQ(rig_.count("requests"), 40);
}

TEST_F(HttpServer, a_port_in_use_is_an_error_with_words) {
  rig_.start();
  ServerOptions options = rig_.options;
  options.port = rig_.server->port();
  const auto second = Server::start(options, rig_.handler, rig_.feed);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().description.find("127.0.0.1:" + std::to_string(options.port)),
            std::string::npos);
}

struct LoggedEntry {
  std::string request_id, peer, method, target;
  int status;
  std::uint64_t request_bytes, response_bytes;
};

class RecordingLog final : public AccessLog {
 public:
  explicit RecordingLog(std::vector<LoggedEntry>& entries) : entries_(entries) {}
  void record(const AccessEntry& entry) noexcept override {
    entries_.push_back({std::string(entry.request_id), std::string(entry.peer),
                        std::string(entry.method), std::string(entry.target), entry.status,
                        entry.request_bytes, entry.response_bytes});
  }

 private:
  std::vector<LoggedEntry>& entries_;
};

TEST_F(HttpServer, logs_every_answer) {
  std::vector<LoggedEntry> entries;
  rig_.log = std::make_unique<RecordingLog>(entries);
  rig_.start();
  const auto client = rig_.connect();
  const std::string request = post("/path", "body");
  ASSERT_TRUE(client->send(request));
  const Reply first = client->read_reply();
  ASSERT_TRUE(client->send("GET /bad HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(client->read_reply().status, 400);
  EXPECT_TRUE(rig_.server->drain_and_stop());

  ASSERT_EQ(entries.size(), 2);
  EXPECT_EQ(entries[0].request_id, first.header("X-Request-Id"));
  EXPECT_EQ(entries[0].peer, "127.0.0.1");
  EXPECT_EQ(entries[0].method, "POST");
  EXPECT_EQ(entries[0].target, "/path");
  EXPECT_EQ(entries[0].status, 200);
  EXPECT_EQ(entries[0].request_bytes, request.size());
  EXPECT_EQ(entries[0].response_bytes, first.head.size() + first.body.size());
  EXPECT_EQ(entries[1].target, "/bad");
  EXPECT_EQ(entries[1].status, 400);
}

}  // namespace
}  // namespace marconi::transport::http
