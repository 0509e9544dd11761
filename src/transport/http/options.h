// What an administrator may decide about the HTTP server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace marconi::transport::http {

struct ServerOptions {
  /// An IPv4 or IPv6 literal (no brackets) or a name to listen on.
  std::string host = "127.0.0.1";
  /// 0: the system chooses; Server::port() tells which.
  std::uint16_t port = 8888;

  /// Threads that serve connections. 0: one per processor that the process may use, at most 8.
  std::size_t event_loops = 0;
  /// Threads for requests that have to wait for a disk or a network.
  std::size_t worker_threads = 8;
  /// Requests that may wait for such a thread, of one client address no more than half of those
  /// that the others leave room for; one more is answered 503.
  std::size_t worker_queue_length = 1024;

  /// Bytes of request line and header fields; more is answered 431.
  std::size_t max_header_bytes = 16 * 1024;
  /// Bytes of the request target; more is answered 414.
  std::size_t max_target_bytes = 8 * 1024;
  /// Header fields of one request; more is answered 431.
  std::size_t max_header_fields = 100;

  /// Open connections in total. One more takes the place of the one that has waited longest for
  /// its client; if none of its event loop waits, it is answered 503 and closed.
  std::size_t max_connections = 10'000;
  /// Open connections of one client address; one more is answered 503 and closed. 0: no limit.
  std::size_t max_connections_per_peer = 0;

  /// Bytes that the requests being received and the answers not yet taken of all connections may
  /// occupy, those up to 16 KiB not counted; what would exceed it is answered 503.
  std::size_t max_buffered_bytes = std::size_t{512} * 1024 * 1024;

  // How long a connection may take. Deadlines are checked a few times a second, so they may be
  // exceeded by a quarter of a second.

  /// From the first byte of a request to the end of its head; then 408.
  std::chrono::milliseconds header_timeout{10'000};
  /// From the end of the head to the end of the body; then 408.
  std::chrono::milliseconds body_timeout{30'000};
  /// Without any request; then the connection is closed.
  std::chrono::milliseconds idle_timeout{75'000};
  /// For the client to take one answer; then the connection is reset.
  std::chrono::milliseconds write_timeout{30'000};
  /// For the client to take note of the end of the connection; then it is closed regardless.
  std::chrono::milliseconds linger_timeout{2'000};
  /// For everything under way to end when the server stops.
  std::chrono::milliseconds drain_timeout{30'000};

  /// What `Retry-After` of a 503 says.
  std::chrono::seconds retry_after{5};

  friend bool operator==(const ServerOptions&, const ServerOptions&) = default;
};

}  // namespace marconi::transport::http
