#include "net/listener.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <sstream>
#include <utility>

namespace marconi::net {

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::unexpected<base::Error> cannot_listen(const Tcp::endpoint& endpoint, const ErrorCode& error) {
  std::ostringstream where;
  where << endpoint;
  return base::fail(base::ErrorKind::unavailable,
                    fmt::format("Cannot listen on {}: {}.", where.str(), error.message()));
}

}  // namespace

base::Result<Tcp::endpoint> listening_endpoint(const std::string& host, std::uint16_t port) {
  ErrorCode error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return Tcp::endpoint(address, port);

  asio::io_context context;
  Tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, std::to_string(port), Tcp::resolver::passive, error);
  if (error || found.empty()) {
    return base::fail(
        base::ErrorKind::invalid,
        fmt::format("Cannot listen on \"{}\": it is neither an address nor a known name.", host));
  }
  return found.begin()->endpoint();
}

base::Result<void> check_not_in_use(const Tcp::endpoint& endpoint) {
  if (endpoint.port() == 0) return {};
  asio::io_context context;
  Acceptor probe(context);
  ErrorCode error;
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(Acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (error) return cannot_listen(endpoint, error);
  return {};
}

base::Result<Acceptor> listen_on(asio::io_context& context, const Tcp::endpoint& endpoint) {
  Acceptor acceptor(context);
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(endpoint, error);
  return acceptor;
}

}  // namespace marconi::net
