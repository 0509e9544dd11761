#include "transport/http/server.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/random.h"
#include "net/listener.h"
#include "net/processors.h"
#include "net/worker_pool.h"
#include "transport/http/admission.h"
#include "transport/http/loop.h"
#include "transport/http/memory_budget.h"

namespace marconi::transport::http {

namespace {

std::size_t loop_count(const ServerOptions& options) {
  if (options.event_loops > 0) return options.event_loops;
  return std::min<std::size_t>(net::usable_processors(), 8);
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, api::Handler& handler, base::CommitFeed& feed,
       AccessLog* access_log)
      : options_(options),
        feed_(feed),
        admission_(options.max_connections, options.max_connections_per_peer),
        memory_(options.max_buffered_bytes),
        workers_(options.worker_threads, options.worker_queue_length) {
    const Shared shared{options_, handler, workers_, admission_, memory_, access_log, random_};
    for (std::size_t i = 0; i < loop_count(options); ++i) {
      loops_.push_back(std::make_unique<Loop>(shared));
    }
  }

  base::Result<void> listen() {
    auto endpoint = net::listening_endpoint(options_.host, options_.port);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    if (auto free = net::check_not_in_use(*endpoint); !free) return free;
    for (const auto& loop : loops_) {
      if (auto listening = loop->listen(*endpoint); !listening) return listening;
      endpoint->port(loop->port());  // the others join the port that the first one got
    }
    port_ = endpoint->port();
    return {};
  }

  void start() {
    running_ = true;
    for (const auto& loop : loops_) {
      feed_.subscribe(*loop);
      loop->start();
    }
  }

  bool stop(std::chrono::milliseconds patience) {
    if (!std::exchange(running_, false)) return true;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (const auto& loop : loops_) loop->drain();
    const bool drained = admission_.wait_until_empty(deadline);
    for (const auto& loop : loops_) loop->abort();
    admission_.wait_until_empty();
    for (const auto& loop : loops_) feed_.unsubscribe(*loop);
    for (const auto& loop : loops_) loop->finish();
    workers_.stop();
    return drained;
  }

  [[nodiscard]] const ServerOptions& options() const { return options_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] CounterSnapshot counters() const {
    CounterSnapshot snapshot;
    for (std::size_t i = 0; i < kCountNames.size(); ++i) {
      std::uint64_t sum = 0;
      for (const auto& loop : loops_) sum += loop->counters().value(static_cast<Count>(i));
      snapshot.emplace_back(kCountNames[i], sum);
    }
    snapshot.emplace_back("buffered_bytes", memory_.used());
    return snapshot;
  }

 private:
  const ServerOptions options_;
  base::CommitFeed& feed_;
  base::SystemRandom random_;
  Admission admission_;
  MemoryBudget memory_;
  net::WorkerPool workers_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::uint16_t port_ = 0;
  bool running_ = false;
};

base::Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options,
                                                    api::Handler& handler, base::CommitFeed& feed,
                                                    AccessLog* access_log) {
  auto impl = std::make_unique<Impl>(options, handler, feed, access_log);
  if (auto listening = impl->listen(); !listening) {
    return std::unexpected(std::move(listening.error()));
  }
  impl->start();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { impl_->stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return impl_->port(); }

bool Server::drain_and_stop() { return impl_->stop(impl_->options().drain_timeout); }

CounterSnapshot Server::counters() const { return impl_->counters(); }

}  // namespace marconi::transport::http
