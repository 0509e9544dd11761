#include "transport/http/testing.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "transport/http/characters.h"

namespace marconi::transport::http::testing {

namespace {

constexpr int kPatienceSeconds = 10;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), to_lower);
  return result;
}

}  // namespace

std::string Reply::header(std::string_view name) const {
  const std::string key = "\r\n" + lower(name) + ": ";
  const std::size_t found = lower(head).find(key);
  if (found == std::string::npos) return "(absent)";
  const std::size_t start = found + key.size();
  return head.substr(start, head.find("\r\n", start) - start);
}

bool Reply::has_header(std::string_view name) const { return header(name) != "(absent)"; }

Client::Client(std::uint16_t port, const std::string& host, const std::string& from) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* address = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &address) != 0) return;
  socket_ = ::socket(address->ai_family, SOCK_STREAM, 0);
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (!from.empty()) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, from.c_str(), &own.sin_addr);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return;
  }
  connected_ = ::connect(socket_, address->ai_addr, address->ai_addrlen) == 0;
  freeaddrinfo(address);
}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

bool Client::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Client::close_sending() { ::shutdown(socket_, SHUT_WR); }

void Client::reset() {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(socket_);
  socket_ = -1;
}

bool Client::fill() {
  char bytes[4096];
  const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string Client::read_bytes(std::size_t count) {
  while (received_.size() < count && fill()) {
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

Reply Client::read_reply(bool to_head) {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  Reply reply;
  reply.head = read_bytes(end + 4);
  reply.status = std::stoi(reply.head.substr(9, 3));
  if (!to_head && reply.has_header("Content-Length")) {
    reply.body = read_bytes(std::stoul(reply.header("Content-Length")));
  }
  return reply;
}

bool Client::is_closed_by_server() {
  if (!received_.empty()) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) == 0;
}

ScriptedHandler::ScriptedHandler()
    : script([](const api::Request& request, base::Patience) {
        return response(200, std::string(request.target));
      }) {}

api::Response ScriptedHandler::handle(const api::Request& request, base::Patience patience) {
  {
    const std::lock_guard lock(mutex_);
    ++calls_;
    called_.notify_all();
  }
  return script(request, patience);
}

api::Response ScriptedHandler::on_commit_failure(const api::Request& request) const {
  return response(503, "not stored: " + std::string(request.target) + std::string(request.body));
}

api::Response ScriptedHandler::on_overload() const { return response(503, "overload"); }

bool ScriptedHandler::wait_for_calls(int count) {
  std::unique_lock lock(mutex_);
  return called_.wait_for(lock, std::chrono::seconds(kPatienceSeconds),
                          [&] { return calls_ >= count; });
}

void ScriptedFeed::subscribe(base::CommitListener& listener) {
  const std::lock_guard lock(mutex_);
  listeners_.push_back(&listener);
}

void ScriptedFeed::unsubscribe(base::CommitListener& listener) {
  const std::lock_guard lock(mutex_);
  std::erase(listeners_, &listener);
}

void ScriptedFeed::announce(std::uint64_t up_to, base::CommitOutcome outcome) {
  const std::lock_guard lock(mutex_);
  for (base::CommitListener* listener : listeners_) listener->settled({up_to}, outcome);
}

Rig::Rig() {
  options.port = 0;
  options.event_loops = 1;
  options.worker_threads = 1;
}

void Rig::start() {
  auto started = Server::start(options, handler, feed, log.get());
  if (!started) throw std::runtime_error(started.error().description);
  server = std::move(*started);
}

std::unique_ptr<Client> Rig::connect(const std::string& from) const {
  return std::make_unique<Client>(server->port(), "127.0.0.1", from);
}

std::uint64_t Rig::count(std::string_view name) const {
  for (const auto& [counted, value] : server->counters()) {
    if (counted == name) return value;
  }
  throw std::invalid_argument("nothing is counted as " + std::string(name));
}

bool Rig::wait_for_count(std::string_view name, std::uint64_t value) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kPatienceSeconds);
  while (count(name) != value) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

api::Response response(int status, std::string body) {
  api::Response result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace marconi::transport::http::testing
