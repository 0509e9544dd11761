// One thread that runs one io_context.
#pragma once

#include <string>
#include <thread>

#include "net/asio.h"

namespace marconi::net {

/// The loop's connections, timers and handlers all run on its one thread and need no locks.
/// Other threads reach it with asio::post to its context.
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  [[nodiscard]] asio::io_context& context() { return context_; }

  /// Starts the thread. `name` shows up in process listings; at most 15 characters of it.
  void start(const std::string& name);

  /// Lets the loop end as soon as nothing is left to wait for, and waits until it has.
  void finish();

 private:
  // One thread has to do with all connections: Asio locks only what `post` reaches.
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;
};

}  // namespace marconi::net
