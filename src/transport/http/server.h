// The HTTP/1.1 server: takes requests off the wire, has a handler answer them, and sends the
// answers once what they rest on is durable. It knows nothing of what the requests mean.
#pragma once

#include <cstdint>
#include <memory>

#include "api/handler.h"
#include "base/commit_feed.h"
#include "base/error.h"
#include "transport/http/access_log.h"
#include "transport/http/counters.h"
#include "transport/http/options.h"

namespace marconi::transport::http {

/// Runs on threads of its own: event loops, each with its own listening socket and connections,
/// and workers for requests that have to wait.
///
/// One connection has one request at a time: the next one is handled once the answer to the
/// previous one has been written, so answers come in order, and a client that does not read its
/// answers is not read from either. While an answer waits for its commit the loop serves others.
class Server {
 public:
  /// Starts to listen and serve. `handler`, `feed` and `access_log` (null: no log) are not owned
  /// and must outlive the server. Errors: a host that is none, an address that cannot be bound.
  static base::Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                     api::Handler& handler, base::CommitFeed& feed,
                                                     AccessLog* access_log = nullptr);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops without waiting for clients, if that has not been done.
  ~Server();

  /// The port the server listens on.
  [[nodiscard]] std::uint16_t port() const;

  /// Accepts no more connections, closes those without a request, answers the requests under way
  /// with `Connection: close`, and returns when all is done. What has not ended within the drain
  /// timeout is cut off, and false returned. A handler call that is under way is always waited
  /// for. To be called by one thread, none of the server's own.
  bool drain_and_stop();

  /// All counts, added up over the event loops, and the bytes buffered now. Thread-safe.
  [[nodiscard]] CounterSnapshot counters() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace marconi::transport::http
