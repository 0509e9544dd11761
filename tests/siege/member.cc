#include "siege/member.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace marconi::siege {
namespace {

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

template <class Value>
void set_option(int socket, int level, int option, const Value& value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

const sockaddr* plain(const sockaddr_in& address) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's way
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Member::Member(const Attack& attack, CrowdCounts& counts, std::size_t number, std::uint16_t port)
    : attack_(attack), counts_(counts), opening_(attack.opening(number)) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  set_option(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (attack_.reading != Reading::all) set_option(socket_, SOL_SOCKET, SO_RCVBUF, 4096);
  const auto from =
      address_of(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(number % attack.clients), 0);
  const auto to = address_of(INADDR_LOOPBACK, port);
  if (socket_ < 0 || ::bind(socket_, plain(from), sizeof from) != 0 ||
      (::connect(socket_, plain(to), sizeof to) != 0 && errno != EINPROGRESS)) {
    ++counts_.not_opened;
    end();
  }
}

Member::~Member() {
  if (state_ == State::connecting) ++counts_.not_opened;
  end();
}

void Member::end() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::ended;
}

bool Member::wants_to_write() const {
  if (state_ == State::connecting) return true;
  if (sends_no_more_) return false;
  const bool streams = !attack_.stream.empty() && attack_.byte_every.count() == 0;
  return opening_sent_ < opening_.size() || streams;
}

bool Member::wants_to_read() const { return attack_.reading == Reading::all; }

void Member::on_writable() {
  if (state_ == State::connecting) finish_connecting();
  if (state_ != State::open) return;
  if (opening_sent_ < opening_.size()) {
    send_opening();
  } else if (wants_to_write()) {
    send_stream();
  }
}

void Member::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    ++counts_.not_opened;
    end();
    return;
  }
  ++counts_.opened;
  state_ = State::open;
  if (opening_.empty()) opening_sent();
}

void Member::send_opening() {
  opening_sent_ += send(std::string_view(opening_).substr(opening_sent_));
  if (opening_sent_ == opening_.size() && !sends_no_more_) opening_sent();
}

void Member::opening_sent() {
  switch (attack_.then) {
    case Then::stay:
      return;
    case Then::close_half:
      ::shutdown(socket_, SHUT_WR);
      sends_no_more_ = true;
      return;
    case Then::reset:
      set_option(socket_, SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});
      end();
      return;
    case Then::close:
      end();
      return;
  }
}

void Member::send_stream() {
  stream_sent_ += send(std::string_view(attack_.stream).substr(stream_sent_));
  if (stream_sent_ == attack_.stream.size()) stream_sent_ = 0;
}

std::size_t Member::send(std::string_view bytes) {
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN) return 0;
  // What the server has said before may still be there to be read.
  sends_no_more_ = true;
  if (!wants_to_read()) end_by_server(false);
  return 0;
}

void Member::on_readable() {
  std::array<char, 64 * 1024> buffer;
  const std::size_t wanted = attack_.reading == Reading::all ? buffer.size() : 10;
  const ssize_t count = ::recv(socket_, buffer.data(), wanted, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    end_by_server(count == 0);
    return;
  }
  const bool is_http =
      reader_.feed({buffer.data(), static_cast<std::size_t>(count)}, [this](const auto& answer) {
        answered_ = true;
        if (attack_.asks_again) opening_sent_ = 0;
        ++counts_.answers[answer.status];
        if (answer.status >= 400 && answer.body_bytes == 0) ++counts_.bare_refusals;
      });
  if (is_http) return;
  ++counts_.not_http;
  end();
}

void Member::on_tick(TimePoint now) {
  if (state_ != State::open || now < next_byte_) return;
  if (attack_.reading == Reading::a_little) {
    next_byte_ = now + std::chrono::milliseconds(250);
    on_readable();
  }
  if (attack_.byte_every.count() > 0 && !sends_no_more_ && opening_sent_ == opening_.size()) {
    next_byte_ = now + attack_.byte_every;
    send(std::string_view(attack_.stream).substr(0, 1));
  }
}

void Member::end_by_server(bool orderly) {
  ++(orderly ? counts_.ended_by_server : counts_.reset_by_server);
  if (reader_.is_within_answer()) {
    ++counts_.cut_off;
  } else if (!answered_) {
    ++counts_.unanswered;
  }
  end();
}

}  // namespace marconi::siege
