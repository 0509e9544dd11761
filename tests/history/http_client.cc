#include "history/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <iterator>

namespace marconi::history {
namespace {

std::string bytes_of(const HttpRequest& request) {
  std::string bytes =
      fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", request.method, request.target);
  for (const auto& [name, value] : request.headers) {
    fmt::format_to(std::back_inserter(bytes), "{}: {}\r\n", name, value);
  }
  const bool has_body = !request.body.empty() || request.method.starts_with('P');
  if (has_body) {
    fmt::format_to(std::back_inserter(bytes),
                   "Content-Type: application/json\r\nContent-Length: {}\r\n", request.body.size());
  }
  bytes += "\r\n";
  bytes += request.body;
  return bytes;
}

bool is_name(std::string_view field, std::string_view lower_case) {
  return std::ranges::equal(field, lower_case, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

/// The fields of a head that matter here; nothing if it is no head.
struct Head {
  int status = 0;
  std::size_t length = 0;
  bool closes = false;
  std::string location;
};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Head> parse_head(std::string_view text) {
  Head head;
  if (!text.starts_with("HTTP/1.1 ") || text.size() < 12 ||
      !read_number(text.substr(9, 3), head.status)) {
    return std::nullopt;
  }
  for (std::size_t at = text.find("\r\n"); at != std::string_view::npos;) {
    const std::size_t begin = at + 2;
    at = text.find("\r\n", begin);
    const std::string_view line = text.substr(begin, at - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      continue;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(std::min(colon + 2, line.size()));
    if (is_name(name, "content-length") && !read_number(value, head.length)) {
      return std::nullopt;
    }
    if (is_name(name, "connection") && is_name(value, "close")) {
      head.closes = true;
    }
    if (is_name(name, "location")) {
      head.location = value;
    }
  }
  return head;
}

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

const sockaddr* plain(const sockaddr_in& address) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's way
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

std::optional<HttpResponse> HttpClient::exchange(const HttpRequest& request,
                                                 std::optional<Cut> cut) {
  sent_ = false;
  if (socket_ < 0 && !connect()) {
    return std::nullopt;
  }
  sent_ = true;
  std::string bytes = bytes_of(request);
  if (cut && cut->where == Cut::Where::request) {
    bytes.resize(static_cast<std::size_t>(cut->fraction * static_cast<double>(bytes.size())));
  }
  std::optional<HttpResponse> response;
  if (send(bytes)) {
    if (!cut) {
      response = read_response();
    } else if (cut->where == Cut::Where::response) {
      take_up_to(static_cast<std::size_t>(cut->fraction * 512));
    }
  }
  if (!response) {
    disconnect();
  }
  return response;
}

void HttpClient::disconnect() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
  socket_ = -1;
  buffer_.clear();
}

bool HttpClient::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) {
    return false;
  }
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(timeout_.count() / 1000);
  limit.tv_usec = static_cast<suseconds_t>(timeout_.count() % 1000 * 1000);
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const sockaddr_in own = address_of(own_address_, 0);
  const sockaddr_in server = address_of(INADDR_LOOPBACK, port_);
  ::setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if ((own_address_ != 0 && ::bind(socket_, plain(own), sizeof own) != 0) ||
      ::connect(socket_, plain(server), sizeof server) != 0) {
    disconnect();
    return false;
  }
  return true;
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::receive() {
  std::array<char, 16384> chunk;
  const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (got <= 0) {
    return false;
  }
  buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

void HttpClient::take_up_to(std::size_t bytes) {
  while (buffer_.size() < bytes && receive()) {
    // A response that is shorter than that ends in the timeout's silence; do not wait for it.
    if (buffer_.find("\r\n\r\n") != std::string::npos) {
      return;
    }
  }
}

std::optional<HttpResponse> HttpClient::read_response() {
  std::size_t end_of_head = std::string::npos;
  while ((end_of_head = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) {
      return std::nullopt;
    }
  }
  const auto head = parse_head(std::string_view(buffer_).substr(0, end_of_head));
  if (!head) {
    return std::nullopt;
  }
  const std::size_t begin = end_of_head + 4;
  while (buffer_.size() < begin + head->length) {
    if (!receive()) {
      return std::nullopt;
    }
  }
  HttpResponse response{head->status, head->location, buffer_.substr(begin, head->length)};
  buffer_.erase(0, begin + head->length);
  if (head->closes) {
    disconnect();
  }
  return response;
}

}  // namespace marconi::history
