#include "siege/attack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace marconi::siege {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kInAHurry = 6000;  // connections a second
const std::string kHeadWithoutEnd = "GET /v2/queues HTTP/1.1\r\nHost: siege\r\nX-Slow: ";

std::string get(const std::string& path) {
  return fmt::format("GET {} HTTP/1.1\r\n{}\r\n", path, usual_headers());
}

std::string post_head(const std::string& path, std::string_view framing) {
  return fmt::format("POST {} HTTP/1.1\r\n{}Content-Type: application/json\r\n{}\r\n\r\n", path,
                     usual_headers(), framing);
}

std::string post(const std::string& path) {
  constexpr std::string_view kBody = R"({"messages": [{"body": 1, "ttl": 60}]})";
  return post_head(path, fmt::format("Content-Length: {}", kBody.size())).append(kBody);
}

auto always(std::string text) {
  return [text = std::move(text)](std::size_t) { return text; };
}

/// Whole copies that fill a block.
std::string repeated(const std::string& text) {
  std::string block;
  while (block.size() < kBlock) block += text;
  return block;
}

/// Requests that are each bad in a way of their own.
std::vector<std::string> bad_requests(const Target& target) {
  const std::string host = "Host: siege\r\n";
  return {
      "no request at all\r\n\r\n",
      std::string("\0\x01\x02\xff\xfe\r\n\r\n", 9),
      "GET  / HTTP/1.1\r\n" + host + "\r\n",
      "GET / HTTP/9.9\r\n" + host + "\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + host + "\r\n",
      "GET / HTTP/1.1\r\n" + host + "No colon\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + " folded: line\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Name : value\r\n\r\n",
      "GET /\x01 HTTP/1.1\r\n" + host + "\r\n",
      "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
      post_head(target.post, "Content-Length: -1"),
      post_head(target.post, "Content-Length: many"),
      post_head(target.post, "Content-Length: 1\r\nContent-Length: 2"),
      post_head(target.post, "Content-Length: 1\r\nTransfer-Encoding: chunked"),
      post_head(target.post, "Transfer-Encoding: gzip"),
      post_head(target.post, "Transfer-Encoding: chunked") + "zz\r\n",
      post_head(target.post, "Transfer-Encoding: chunked") + "ffffffffffffffffff\r\n",
      post_head(target.post, "Expect: miracles\r\nContent-Length: 1") + "x",
  };
}

Attack idle(std::size_t connections) {
  return {.name = "idle connections",
          .what = fmt::format("{} connections that send nothing", connections),
          .connections = connections,
          .opened_per_second = kInAHurry,
          .expectation = {.all_are_held = true}};
}

Attack slow_heads(std::size_t connections) {
  return {
      .name = "slow heads",
      .what = fmt::format("{} connections that send four bytes of a head a second", connections),
      .connections = connections,
      .opening = always(kHeadWithoutEnd),
      .stream = "a",
      .byte_every = milliseconds(250),
      .expectation = {{408}, true}};
}

Attack slow_bodies(const Target& target, std::size_t connections) {
  const std::string body = R"({"messages": [{"ttl": 60, "body": ")" + std::string(128 * 1024, 'b');
  return {.name = "slow bodies",
          .what = fmt::format("{} connections that send half of a body of 250 KB, then four "
                              "bytes a second",
                              connections),
          .connections = connections,
          .opened_per_second = 500,
          .opening = always(post_head(target.post, "Content-Length: 250000") + body),
          .stream = "b",
          .byte_every = milliseconds(250),
          .expectation = {{408, 503}, true}};
}

Attack unread_lists(const Target& target) {
  return {.name = "unread lists",
          .what = "200 connections that ask for lists of 4 MB and read nothing",
          .connections = 200,
          .opened_per_second = 50,
          .opening = always(get(target.large_list) + get(target.large_list)),
          .reading = Reading::none};
}

Attack slow_readers(const Target& target) {
  return {.name = "slow readers",
          .what = "200 connections that ask for lists of 4 MB and read forty bytes a second",
          .connections = 200,
          .opened_per_second = 50,
          .opening = always(get(target.large_list) + get(target.large_list)),
          .reading = Reading::a_little};
}

Attack unread_flood(const Target& target) {
  return {.name = "pipeline, unread",
          .what =
              "one client with 50 connections that send list requests without end and read "
              "nothing",
          .connections = 50,
          .clients = 1,
          .stream = repeated(get(target.small_list)),
          .reading = Reading::none};
}

Attack read_flood(const Target& target) {
  return {.name = "pipeline, read",
          .what =
              "one client with 50 connections that send list requests without end and read "
              "all answers",
          .connections = 50,
          .clients = 1,
          .stream = repeated(get(target.small_list)),
          .expectation = {{200}, true}};
}

Attack flood_of_many(const Target& target) {
  Attack attack = read_flood(target);
  attack.name = "pipeline of many";
  attack.what = "50 clients that do the same, each over a connection";
  attack.clients = 50;
  return attack;
}

Attack hurry(const Target& target) {
  return {.name = "requests in a hurry",
          .what =
              "one client with 500 connections that ask for a list as soon as they have been "
              "answered",
          .connections = 500,
          .clients = 1,
          .opening = always(get(target.small_list)),
          .asks_again = true,
          .expectation = {{200}, true}};
}

Attack half_closed(const Target& target) {
  return {.name = "half-closed",
          .what = "100 connections that ask, close their sending half and read the answer",
          .connections = 100,
          .opened_per_second = 1000,
          .opening = always(get(target.small_list)),
          .then = Then::close_half,
          .expectation = {{200}, true}};
}

Attack gone_early(const Target& target) {
  return {.name = "gone before the answer",
          .what = "500 connections a second that post a message and close at once",
          .connections = 100,
          .opened_per_second = 500,
          .opening = always(post(target.post)),
          .then = Then::close};
}

Attack over_limit(std::size_t connections) {
  return {.name = "above the limit",
          .what = fmt::format("one client that holds {} connections, more than there may be, and "
                              "replaces those that it loses",
                              connections),
          .connections = connections,
          .clients = 1,
          .opened_per_second = kInAHurry,
          .expectation = {{503}, false}};
}

Attack slow_over_limit(std::size_t connections) {
  Attack attack = over_limit(connections);
  attack.name = "slow heads above the limit";
  attack.what = "the same, sending a byte of a head every second";
  attack.opening = always(kHeadWithoutEnd);
  attack.stream = "a";
  attack.byte_every = milliseconds(1000);
  attack.expectation.statuses = {408, 503};
  return attack;
}

Attack churn(std::string name, std::string what, Then then) {
  return {.name = std::move(name),
          .what = std::move(what),
          .connections = 100,
          .opened_per_second = 5000,
          .then = then};
}

Attack huge_heads() {
  return {.name = "huge heads",
          .what = "50 connections that send header fields without end",
          .connections = 50,
          .opened_per_second = 1000,
          .opening = always("GET /v2/queues HTTP/1.1\r\nHost: siege\r\n"),
          .stream = repeated("X-Filler: " + std::string(200, 'f') + "\r\n"),
          .expectation = {{431}, true}};
}

Attack endless_chunks(const Target& target, std::string name, std::string what,
                      const std::string& chunk) {
  return {.name = std::move(name),
          .what = std::move(what),
          .connections = 50,
          .opened_per_second = 500,
          .opening = always(post_head(target.post, "Transfer-Encoding: chunked")),
          .stream = repeated(chunk),
          .expectation = {{400}, true}};
}

Attack bad(const Target& target) {
  return {.name = "bad requests",
          .what = "2,000 connections a second, each with a request that is bad in another way",
          .connections = 200,
          .opening = [requests = bad_requests(target)](
                         std::size_t number) { return requests[number % requests.size()]; },
          .expectation = {{400, 411, 413, 414, 417, 431, 501, 505}, true}};
}

}  // namespace

std::string usual_headers() {
  return "Host: siege\r\nClient-ID: 7e55b4f6-2a3c-4d0a-9a6b-0d8f6f6e1c11\r\n"
         "X-Project-Id: siege\r\n";
}

std::vector<Attack> attacks(const Target& target, std::size_t max_connections) {
  const std::size_t many = max_connections - kRoomForOthers;
  const std::size_t too_many = max_connections + 1000;
  return {idle(many),
          slow_heads(std::min<std::size_t>(2000, many)),
          slow_bodies(target, std::min<std::size_t>(1000, many)),
          unread_lists(target),
          slow_readers(target),
          unread_flood(target),
          read_flood(target),
          flood_of_many(target),
          hurry(target),
          half_closed(target),
          gone_early(target),
          over_limit(too_many),
          slow_over_limit(too_many),
          churn("connect and close", "5,000 connections a second, closed at once", Then::close),
          churn("connect and reset", "5,000 connections a second, reset at once", Then::reset),
          huge_heads(),
          endless_chunks(target, "endless chunks", "50 connections with chunked bodies without end",
                         "400\r\n" + std::string(1024, 'c') + "\r\n"),
          endless_chunks(target, "tiny chunks", "the same in chunks of one byte", "1\r\nc\r\n"),
          bad(target)};
}

}  // namespace marconi::siege
