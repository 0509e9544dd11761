#include "http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace marconi::scale {

namespace {

constexpr std::string_view kProject = "scale";

std::string_view header(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return head.substr(begin, head.find('\r', begin) - begin);
}

std::size_t content_length(std::string_view head) {
  std::size_t length = 0;
  const auto text = header(head, "\r\nContent-Length: ");
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

[[noreturn]] void fail(std::string_view what) {
  throw Failure(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

std::string_view Answer::location() const { return header(head, "\r\nLocation: "); }

void render(const Request& request, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 "{} {} HTTP/1.1\r\nHost: localhost\r\nClient-ID: {}\r\nX-Project-Id: {}\r\n",
                 request.method, request.target, request.client, kProject);
  if (!request.body.empty()) {
    fmt::format_to(std::back_inserter(out),
                   "Content-Type: application/json\r\nContent-Length: {}\r\n", request.body.size());
  }
  out += "\r\n";
  out += request.body;
}

HttpClient::HttpClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    fail("cannot connect to the server");
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  buffer_.resize(std::size_t{1} << 16);
}

HttpClient::~HttpClient() { ::close(socket_); }

void HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t HttpClient::read_more() {
  if (begin_ > 0 && end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  ssize_t got = 0;
  do {
    got = ::recv(socket_, buffer_.data() + end_, buffer_.size() - end_, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) fail("receive");
  if (got == 0) throw Failure("the server closed the connection");
  end_ += static_cast<std::size_t>(got);
  return static_cast<std::size_t>(got);
}

Answer HttpClient::receive() {
  if (begin_ == end_) begin_ = end_ = 0;
  const auto received = [this] { return std::string_view(buffer_).substr(begin_, end_ - begin_); };
  std::size_t head = std::string_view::npos;
  while ((head = received().find("\r\n\r\n")) == std::string_view::npos) read_more();
  head += 4;
  const auto size = head + content_length(received().substr(0, head));
  while (received().size() < size) read_more();

  Answer answer{.status = 0,
                .head = received().substr(0, head),
                .body = received().substr(head, size - head)};
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  begin_ += size;
  return answer;
}

Answer HttpClient::expect(int status) {
  const auto answer = receive();
  if (answer.status != status) {
    throw Failure(fmt::format("the server answered {} instead of {}: {}", answer.status, status,
                              answer.body.substr(0, 200)));
  }
  return answer;
}

}  // namespace marconi::scale
