// Listening sockets that several event loops may share a port with.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "net/asio.h"

namespace marconi::net {

/// Finds the address to listen on. `host` is an IPv4 or IPv6 literal (without brackets) or a
/// name; of a name the first address counts. `port` 0 leaves the choice to the system.
/// Errors: `invalid` with a sentence for the administrator. Blocks while resolving a name.
base::Result<Tcp::endpoint> listening_endpoint(const std::string& host, std::uint16_t port);

/// Checks that nobody else listens on the endpoint. Sockets with SO_REUSEPORT would silently share
/// it even with another process of the same user. Nothing to check if the port is 0.
/// Errors: `unavailable` with a sentence for the administrator.
base::Result<void> check_not_in_use(const Tcp::endpoint& endpoint);

/// Opens a listening socket with SO_REUSEPORT, so that each loop can have its own on one port and
/// the system spreads new connections over them. An IPv6 wildcard takes IPv4 as well where the
/// system is set up so. Errors: `unavailable` with a sentence for the administrator.
base::Result<Acceptor> listen_on(asio::io_context& context, const Tcp::endpoint& endpoint);

}  // namespace marconi::net
