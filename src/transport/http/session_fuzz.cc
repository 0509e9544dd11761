// A whole session on one end of a socket pair, and at the other a client that sends arbitrary
// bytes. However its bytes are cut into pieces, the same requests must reach the handler and the
// same bytes must come back. No threads and no waiting: the loop is run by hand.
//
// The first byte of an input chooses what the handler answers and what becomes of its commits, the
// second how the rest is cut.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/http/characters.h"
#include "transport/http/loop.h"
#include "transport/http/session.h"

namespace {

using namespace marconi;
using namespace marconi::transport::http;

constexpr std::uint64_t kBodyLimit = 200;
constexpr std::size_t kEnoughMemory = 8 * 1024 * 1024;
constexpr std::size_t kLittleMemory = 100 * 1024;  // for the largest answer it is not enough
/// How far a session reads on to get past a body that nobody wants.
constexpr std::uint64_t kMaxDiscarded = 1024 * 1024;

void require(bool condition) {
  if (!condition) std::abort();
}

/// The same in every run.
class NoRandom final : public base::Random {
 public:
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{7}); }
};

/// Notes all of a request that it is given, and answers as the input wants it.
class NotingHandler final : public api::Handler {
 public:
  explicit NotingHandler(std::uint8_t kind) : kind_(kind) {}

  [[nodiscard]] std::uint64_t body_limit(std::string_view, std::string_view) const override {
    return kBodyLimit;
  }

  api::Response handle(const api::Request& request, base::Patience) override {
    api::Response response;
    response.status = kind_ % 4 == 0 ? 204 : 200;
    response.omit_content_length = response.status == 204;
    if (response.status == 200) response.body.assign(body_size(), 'b');
    response.headers.emplace_back("X-Echo", request.target);
    if (kind_ & 4) response.ticket = base::CommitTicket{++tickets};
    if (kind_ & 32) response.announced_length = 123;
    note(request);
    return response;
  }

  [[nodiscard]] api::Response on_commit_failure(const api::Request&) const override {
    return unavailable();
  }
  [[nodiscard]] api::Response on_overload() const override { return unavailable(); }

  std::string noted;
  std::uint64_t tickets = 0;   ///< so many answers wait for their commits, or did
  bool may_end_early = false;  ///< how much had arrived decides whether the connection goes on

 private:
  static api::Response unavailable() {
    api::Response response;
    response.status = 503;
    return response;
  }

  /// Small, larger than what is copied, or once larger than what a socket takes.
  [[nodiscard]] std::size_t body_size() const {
    if (kind_ % 4 == 1 || !noted.empty()) return 10;
    return kind_ % 4 == 2 ? 40'000 : 400'000;
  }

  void note(const api::Request& request) {
    for (std::size_t i = 0; i < api::Request::kBodyPadding; ++i) {
      [[maybe_unused]] const volatile char readable = request.body.data()[request.body.size() + i];
    }
    require(request.body.size() <= kBodyLimit);
    require(request.content_length.value_or(0) == request.body.size() || request.body.empty());
    const std::uint64_t length = request.content_length.value_or(0);
    may_end_early = may_end_early || length > kMaxDiscarded;
    for (const auto text : {request.method, request.target, request.body}) {
      noted.append(text).append("\n");
    }
    for (const auto& [name, value] : request.headers) {
      may_end_early = may_end_early || equals_ignoring_case(name, "expect");
      noted.append(name).append(": ").append(value).append("\n");
    }
    noted += std::to_string(length);
  }

  const std::uint8_t kind_;
};

/// Reads everything it is shown.
class ReadingLog final : public AccessLog {
 public:
  void record(const AccessEntry& entry) noexcept override {
    for (const auto text : {entry.request_id, entry.peer, entry.method, entry.target}) {
      require(std::ranges::count(text, '\n') == 0);
    }
  }
};

/// A connection from its beginning to its end.
class Connection {
 public:
  explicit Connection(std::uint8_t kind)
      : handler_(kind),
        outcome_(kind & 16 ? base::CommitOutcome::failed : base::CommitOutcome::durable),
        memory_(kind & 8 ? kLittleMemory : kEnoughMemory) {
    std::array<int, 2> ends{};
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    client_ = ends[0];
    net::Socket socket(loop_.context());
    socket.assign(net::Tcp::v4(), ends[1]);
    require(admission_.enter("peer") == Admission::Verdict::admitted);
    auto session = std::make_unique<Session>(loop_, std::move(socket), "peer");
    net::asio::co_spawn(loop_.context(), serve(std::move(session)), net::asio::detached);
    run();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(client_); }

  void send(std::string_view piece) {
    // Fails once the session has ended; what it has not read fits into the socket's buffer.
    (void)::send(client_, piece.data(), piece.size(), MSG_NOSIGNAL);
    run();
  }

  /// Ends the client's half; the session must end too, and give back all that it took.
  void finish() {
    shutdown(client_, SHUT_WR);
    run();
    require(ended_);
    require(memory_.used() == 0);
  }

  [[nodiscard]] const NotingHandler& handler() const { return handler_; }
  [[nodiscard]] const std::string& received() const { return received_; }

 private:
  net::Awaitable<void> serve(std::unique_ptr<Session> session) {
    co_await session->run();
    session.reset();
    ended_ = true;
  }

  /// Until there is nothing left to do on either side.
  void run() {
    do {
      loop_.context().poll();
    } while (settle() || receive());
  }

  /// Announces the commits that answers wait for.
  bool settle() {
    if (settled_ == handler_.tickets) return false;
    settled_ = handler_.tickets;
    loop_.settled(base::CommitTicket{settled_}, outcome_);
    return true;
  }

  bool receive() {
    std::array<char, 64 * 1024> buffer;
    const ssize_t count = recv(client_, buffer.data(), buffer.size(), 0);
    if (count > 0) received_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  /// Never asked for anything, and too dear to start for each connection.
  static net::WorkerPool& workers() {
    static net::WorkerPool pool(1, 1);
    return pool;
  }

  NotingHandler handler_;
  const base::CommitOutcome outcome_;
  NoRandom random_;
  ReadingLog log_;
  ServerOptions options_{
      .max_header_bytes = 1000, .max_target_bytes = 300, .max_header_fields = 10};
  Admission admission_{10, 0};
  MemoryBudget memory_;
  Loop loop_{Shared{options_, handler_, workers(), admission_, memory_, &log_, random_}};
  int client_ = -1;
  bool ended_ = false;
  std::uint64_t settled_ = 0;
  std::string received_;
};

/// What depends on when the bytes arrive is not compared: whether a body had to be asked for, and
/// ids, which blank lines may use up.
std::string comparable(std::string text) {
  static constexpr std::string_view kInterim = "HTTP/1.1 100 Continue\r\n\r\n";
  for (auto at = text.find(kInterim); at != std::string::npos; at = text.find(kInterim, at)) {
    text.erase(at, kInterim.size());
  }
  for (auto at = text.find("req-"); at != std::string::npos; at = text.find("req-", at)) {
    text.erase(at, RequestIds::kLength);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);

  Connection whole(data[0]);
  whole.send(text);
  whole.finish();

  Connection cut(data[0]);
  const std::size_t step = 1 + data[1] % 64;  // further and further apart: few pieces of any text
  std::size_t length = step;
  for (std::size_t at = 0; at < text.size(); at += length, length += step / 2) {
    cut.send(text.substr(at, length));
  }
  cut.finish();

  if (whole.handler().may_end_early || cut.handler().may_end_early) return 0;
  require(whole.handler().noted == cut.handler().noted);
  require(comparable(whole.received()) == comparable(cut.received()));
  return 0;
}
