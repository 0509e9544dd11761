#include "net/event_loop.h"

#include <pthread.h>

namespace marconi::net {

EventLoop::EventLoop() : work_(context_.get_executor()) {}

EventLoop::~EventLoop() { finish(); }

void EventLoop::start(const std::string& name) {
  thread_ = std::thread([this] { context_.run(); });
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void EventLoop::finish() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
}

}  // namespace marconi::net
