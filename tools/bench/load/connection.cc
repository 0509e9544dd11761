#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace marconi::load {

namespace {

constexpr std::size_t kFirstBuffer = 64UL * 1024;

}  // namespace

std::expected<std::unique_ptr<Connection>, std::string> Connection::open(
    std::uint16_t port, std::unique_ptr<Conversation> conversation) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return std::unexpected(std::string("no socket: ") + std::strerror(errno));
  }
  std::unique_ptr<Connection> connection(new Connection(descriptor, std::move(conversation)));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return std::unexpected(std::string("cannot connect: ") + std::strerror(errno));
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connection;
}

Connection::Connection(int descriptor, std::unique_ptr<Conversation> conversation)
    : descriptor_(descriptor), conversation_(std::move(conversation)), buffer_(kFirstBuffer) {}

Connection::~Connection() { ::close(descriptor_); }

Connection::State Connection::send(Clock::time_point due) {
  due_ = due;
  request_ = conversation_->request();
  sent_ = 0;
  return flush();
}

Connection::State Connection::flush() {
  while (has_unsent()) {
    const auto count = ::send(descriptor_, request_.data() + sent_, request_.size() - sent_,
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      return errno == EAGAIN ? State::waiting : State::closed;
    }
    sent_ += static_cast<std::size_t>(count);
  }
  return State::waiting;
}

std::expected<Answer, Connection::State> Connection::receive() {
  if (filled_ == buffer_.size()) {
    buffer_.resize(2 * buffer_.size());
  }
  const auto count =
      ::recv(descriptor_, buffer_.data() + filled_, buffer_.size() - filled_, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN)) {
    return std::unexpected(State::closed);
  }
  if (count < 0) {
    return Answer{};
  }
  filled_ += static_cast<std::size_t>(count);
  const auto answer = conversation_->answer({buffer_.data(), filled_});
  if (answer.size > 0) {
    filled_ = 0;  // nothing can follow: the next request has not been sent
  }
  return answer;
}

}  // namespace marconi::load
