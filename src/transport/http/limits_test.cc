// Everything a client can have too much of: bytes, time, connections.
#include <gtest/gtest.h>

#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::get;
using testing::post;
using testing::Reply;
using testing::response;
using testing::Rig;

class Limits : public ::testing::Test {
 protected:
  Limits() {
    rig_.handler.limit = 10;
    rig_.handler.script = [](const api::Request& request, base::Patience) {
      const std::string length =
          request.content_length ? std::to_string(*request.content_length) : "none";
      return response(200, length + ":" + std::string(request.body));
    };
  }

  Rig rig_;
};

TEST_F(Limits, a_body_of_just_the_limit_is_read) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(post("/", "0123456789") + get("/")));
  EXPECT_EQ(client->read_reply().body, "10:0123456789");
  EXPECT_EQ(client->read_reply().body, "none:");
}

TEST_F(Limits, a_larger_body_is_passed_over_and_the_connection_goes_on) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(post("/", std::string(300'000, 'x')) + get("/")));
  EXPECT_EQ(client->read_reply().body, "300000:");
  EXPECT_EQ(client->read_reply().body, "none:");
  EXPECT_EQ(rig_.count("bodies_too_large"), 1);
}

TEST_F(Limits, a_larger_body_is_answered_before_it_is_sent) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "11:");
  ASSERT_TRUE(client->send("0123456789x" + get("/")));
  EXPECT_EQ(client->read_reply().body, "none:");
}

TEST_F(Limits, an_enormous_body_is_answered_and_the_connection_closed) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" +
                           std::string(200'000, 'x')));
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.body, "2000000:");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client->is_closed_by_server());
}

TEST_F(Limits, a_chunked_body_is_decoded_up_to_the_limit) {
  rig_.start();
  const auto client = rig_.connect();
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n";
  ASSERT_TRUE(
      client->send(head + "4\r\nabcd\r\n6;a=\"b\"\r\nefghij\r\n000\r\nX: y\r\n\r\n" + get("/")));
  EXPECT_EQ(client->read_reply().body, "10:abcdefghij");
  EXPECT_EQ(client->read_reply().body, "none:");
  ASSERT_TRUE(client->send(head + "0\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "0:");
  ASSERT_TRUE(client->send(head + "a\r\n0123456789\r\n1\r\n"));
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.body, "11:");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client->is_closed_by_server());
}

/// Some requests may have larger bodies than all may.
class LeastLimit : public Limits {
 protected:
  LeastLimit() {
    rig_.handler.least_limit = 5;
    rig_.start();
    client_ = rig_.connect();
  }

  static std::string chunked(std::string_view first, std::string_view second) {
    std::string request = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string_view chunk : {first, second}) {
      request.append(std::to_string(chunk.size())).append("\r\n").append(chunk).append("\r\n");
    }
    return request + "0\r\n\r\n";
  }

  std::unique_ptr<Client> client_;
};

TEST_F(LeastLimit, does_not_keep_out_a_body_that_its_own_limit_allows) {
  for (const std::string body : {"01234", "012345", "0123456789"}) {
    const std::string answer = std::to_string(body.size()) + ":" + body;
    ASSERT_TRUE(client_->send(post("/", body)));
    EXPECT_EQ(client_->read_reply().body, answer);
    ASSERT_TRUE(client_->send(chunked(body.substr(0, 4), body.substr(4))));
    EXPECT_EQ(client_->read_reply().body, answer);
  }
  EXPECT_EQ(rig_.count("bodies_too_large"), 0);
}

TEST_F(LeastLimit, does_not_let_in_a_body_beyond_its_own_limit) {
  ASSERT_TRUE(client_->send(post("/", "0123456789x") + get("/")));
  EXPECT_EQ(client_->read_reply().body, "11:");
  EXPECT_EQ(client_->read_reply().body, "none:") << "the connection goes on";
  ASSERT_TRUE(client_->send(chunked("01234", "56789x") + get("/")));
  const Reply reply = client_->read_reply();
  EXPECT_EQ(reply.body, "11:");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client_->is_closed_by_server());
  EXPECT_EQ(rig_.count("bodies_too_large"), 2);
}

TEST_F(Limits, a_client_that_asks_is_told_to_continue_only_if_its_body_is_wanted) {
  rig_.start();
  const auto client = rig_.connect();
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n";
  ASSERT_TRUE(client->send(head + "Content-Length: 5\r\n\r\n"));
  EXPECT_EQ(client->read_reply().head, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client->send("hello"));
  EXPECT_EQ(client->read_reply().body, "5:hello");
  ASSERT_TRUE(client->send(head + "Transfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(client->read_reply().status, 100);
  ASSERT_TRUE(client->send("1\r\nx\r\n0\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "1:x");
  ASSERT_TRUE(client->send(head + "Content-Length: 0\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "0:");
  ASSERT_TRUE(client->send(head + "Content-Length: 11\r\n\r\n"));
  const Reply reply = client->read_reply();
  EXPECT_EQ(reply.body, "11:");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client->is_closed_by_server());
}

TEST_F(Limits, too_long_a_target_is_414) {
  rig_.options.max_target_bytes = 100;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/" + std::string(99, 'x'))));
  EXPECT_EQ(client->read_reply().status, 200);
  ASSERT_TRUE(client->send(get("/" + std::string(100, 'x'))));
  EXPECT_EQ(client->read_reply().status, 414);
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(rig_.count("refused_target_too_long"), 1);
}

TEST_F(Limits, an_endless_request_line_is_414) {
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET /" + std::string(20'000, 'x')));
  EXPECT_EQ(client->read_reply().status, 414);
  EXPECT_TRUE(client->is_closed_by_server());
}

TEST_F(Limits, too_large_a_header_is_431) {
  rig_.options.max_header_bytes = 1000;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(1000, 'x')));
  EXPECT_EQ(client->read_reply().status, 431);
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(rig_.count("refused_header_too_large"), 1);
}

TEST_F(Limits, a_header_larger_than_the_usual_buffer_is_read_if_allowed) {
  rig_.options.max_header_bytes = 100'000;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nX: " +
                           std::string(90'000, 'x') + "\r\n\r\nhi"));
  EXPECT_EQ(client->read_reply().body, "2:hi");
}

TEST_F(Limits, too_many_header_fields_are_431) {
  rig_.options.max_header_fields = 3;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: h\r\nA: a\r\nB: b\r\n\r\n"));
  EXPECT_EQ(client->read_reply().status, 200);
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: h\r\nA: a\r\nB: b\r\nC: c\r\n\r\n"));
  EXPECT_EQ(client->read_reply().status, 431);
}

TEST_F(Limits, connections_of_one_address_are_limited) {
  rig_.options.max_connections_per_peer = 1;
  rig_.start();
  const auto first = rig_.connect();
  ASSERT_TRUE(rig_.wait_for_count("connections_active", 1));
  const auto second = rig_.connect();
  EXPECT_EQ(second->read_reply().status, 503);
  EXPECT_EQ(rig_.count("connections_refused_peer_limit"), 1);
}

TEST_F(Limits, a_slow_header_is_answered_408) {
  rig_.options.header_timeout = 50ms;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(client->read_reply().status, 408);
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(rig_.count("timeouts_header"), 1);
}

TEST_F(Limits, a_slow_body_is_answered_408) {
  rig_.options.body_timeout = 50ms;
  rig_.start();
  for (const std::string& framing :
       {std::string("Content-Length: 5"), std::string("Transfer-Encoding: chunked")}) {
    const auto client = rig_.connect();
    ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n1"));
    EXPECT_EQ(client->read_reply().status, 408);
    EXPECT_TRUE(client->is_closed_by_server());
  }
  EXPECT_EQ(rig_.count("timeouts_body"), 2);
}

TEST_F(Limits, a_body_that_is_not_wanted_and_not_sent_ends_the_connection) {
  rig_.options.body_timeout = 50ms;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n"));
  EXPECT_EQ(client->read_reply().body, "100:");
  EXPECT_TRUE(client->is_closed_by_server());
  EXPECT_EQ(rig_.count("timeouts_body"), 1);
}

TEST_F(Limits, an_idle_connection_is_closed) {
  rig_.options.idle_timeout = 50ms;
  rig_.start();
  const auto silent = rig_.connect();
  const auto served = rig_.connect();
  ASSERT_TRUE(served->send(get("/")));
  EXPECT_EQ(served->read_reply().status, 200);
  EXPECT_TRUE(silent->is_closed_by_server());
  EXPECT_TRUE(served->is_closed_by_server());
  EXPECT_EQ(rig_.count("timeouts_idle"), 2);
}

TEST_F(Limits, an_answer_may_wait_longer_than_any_timeout_for_its_commit) {
  rig_.options.header_timeout = rig_.options.body_timeout = rig_.options.idle_timeout =
      rig_.options.write_timeout = 1ms;
  rig_.handler.script = [](const api::Request&, base::Patience) {
    api::Response result = response(201);
    result.ticket = {1};
    return result;
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  // Another connection that does time out shows that deadlines have been looked at meanwhile.
  ASSERT_TRUE(rig_.wait_for_count("answers_held_back", 1));
  EXPECT_TRUE(rig_.connect()->is_closed_by_server());
  rig_.feed.announce(1);
  EXPECT_EQ(client->read_reply().status, 201);
}

TEST_F(Limits, a_client_that_does_not_take_its_answer_is_cut_off) {
  rig_.options.write_timeout = 50ms;
  rig_.handler.script = [](const api::Request&, base::Patience) {
    return response(200, std::string(50'000'000, 'x'));
  };
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_TRUE(rig_.wait_for_count("timeouts_write", 1));
  EXPECT_TRUE(rig_.wait_for_count("connections_ended_by_timeout", 1));
  EXPECT_TRUE(rig_.wait_for_count("connections_active", 0));
  EXPECT_EQ(rig_.count("responses_2xx"), 0);
}

TEST_F(Limits, a_client_that_never_closes_does_not_keep_a_closed_connection) {
  rig_.options.linger_timeout = 50ms;
  rig_.start();
  const auto client = rig_.connect();
  ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(client->read_reply().status, 200);
  EXPECT_TRUE(rig_.wait_for_count("connections_active", 0));
}

}  // namespace
}  // namespace marconi::transport::http
