// What a deadline is for stays bounded by it, whatever happens meanwhile. The session is run by
// hand, on one end of a socket pair, so that things happen in the order that the test wants.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "net/worker_pool.h"
#include "transport/http/loop.h"
#include "transport/http/session.h"
#include "transport/http/testing.h"

namespace marconi::transport::http {
namespace {

using namespace std::chrono_literals;

/// Of the largest body, bytes: more than is read at once.
constexpr std::size_t kLength = 5 * ReadBuffer::kUsualCapacity;

/// Later than any deadline that is set now.
constexpr std::chrono::hours kTooLong(1);

class Deadlines : public ::testing::Test {
 protected:
  Deadlines() {
    handler_.limit = kLength;
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) != 0) {
      throw std::runtime_error("no socket pair");
    }
    client_ = ends[0];
    server_ = dup(ends[1]);
    net::Socket socket(loop_.context());
    socket.assign(net::Tcp::v4(), ends[1]);
    EXPECT_EQ(admission_.enter("peer"), Admission::Verdict::admitted);
    auto session = std::make_unique<Session>(loop_, std::move(socket), "peer");
    session_ = session.get();
    net::asio::co_spawn(loop_.context(), serve(std::move(session)), net::asio::detached);
    run();
  }
  ~Deadlines() override {
    loop_.abort();
    run();
    close(client_);
    close(server_);
  }

  void run() { loop_.context().poll(); }
  /// One thing of all that is ready; false if nothing is.
  bool step() { return loop_.context().poll_one() > 0; }

  void send(std::string_view text) {
    ASSERT_EQ(::send(client_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  /// Leaves the server no room to send in, as answers do that the client has not taken.
  void fill_clients_buffer() {
    const std::string taken(4096, '.');
    while (::send(server_, taken.data(), taken.size(), MSG_NOSIGNAL) > 0) {
    }
  }

  /// All that the server sends, without what its buffer was filled with.
  std::string receive() {
    run();
    std::string received;
    std::array<char, 64 * 1024> bytes;
    for (ssize_t count = 1; count > 0; run()) {
      count = recv(client_, bytes.data(), bytes.size(), 0);
      if (count > 0) received.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return received.substr(std::min(received.size(), received.find_first_not_of('.')));
  }

  /// The loop looks at the session's deadline as if so much time had passed.
  void look_after(std::chrono::steady_clock::duration time) {
    if (session_ != nullptr) session_->check_deadline(std::chrono::steady_clock::now() + time);
  }

  [[nodiscard]] std::uint64_t count(Count what) { return loop_.counters().value(what); }
  [[nodiscard]] bool is_ended() const { return session_ == nullptr; }

  ServerOptions options_{.header_timeout = 20s, .body_timeout = 30s, .write_timeout = 60s};

 private:
  net::Awaitable<void> serve(std::unique_ptr<Session> session) {
    co_await session->run();
    session.reset();
    session_ = nullptr;
  }

  testing::ScriptedHandler handler_;
  base::SystemRandom random_;
  net::WorkerPool workers_{1, 1};
  Admission admission_{10, 0};
  MemoryBudget memory_{8 * 1024 * 1024};
  Loop loop_{Shared{options_, handler_, workers_, admission_, memory_, nullptr, random_}};
  int client_ = -1;
  int server_ = -1;
  Session* session_ = nullptr;
};

/// Bodies with a length, and in chunks.
class BodyDeadline : public Deadlines, public ::testing::WithParamInterface<const char*> {
 protected:
  void ask_to_continue() {
    send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" + std::string(GetParam()) +
         "\r\n\r\n");
    run();
  }
};

INSTANTIATE_TEST_SUITE_P(Framings, BodyDeadline,
                         ::testing::Values("Content-Length: 5", "Transfer-Encoding: chunked"));

TEST_P(BodyDeadline, holds_although_the_client_took_its_time_to_be_told_to_continue) {
  fill_clients_buffer();
  ask_to_continue();
  EXPECT_EQ(receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  look_after(options_.body_timeout - 10s);
  EXPECT_EQ(receive(), "");
  look_after(options_.body_timeout);
  EXPECT_EQ(receive().substr(0, 13), "HTTP/1.1 408 ");
  EXPECT_EQ(count(Count::timeouts_body), 1);
}

TEST_P(BodyDeadline, does_not_cut_short_the_time_to_be_told_to_continue) {
  fill_clients_buffer();
  ask_to_continue();
  look_after(options_.body_timeout);
  run();
  EXPECT_FALSE(is_ended());
  look_after(options_.write_timeout);
  run();
  EXPECT_TRUE(is_ended());
  EXPECT_EQ(count(Count::timeouts_write), 1);
}

TEST_F(Deadlines, hold_for_the_wait_after_what_had_arrived_when_they_passed) {
  // A second part is there already when the deadline passes, and the rest never comes.
  send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kLength) + "\r\n\r\n" +
       std::string(kLength / 2, 'x'));
  while (step()) look_after(kTooLong);
  EXPECT_EQ(receive().substr(0, 13), "HTTP/1.1 408 ");
  EXPECT_EQ(count(Count::timeouts_body), 1);
  EXPECT_GT(count(Count::bytes_received), kLength / 2);
}

}  // namespace
}  // namespace marconi::transport::http
