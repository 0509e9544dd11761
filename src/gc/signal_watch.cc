#include "gc/signal_watch.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace marconi::gc {
namespace {

/// How long a pass may take to come to an end by itself.
constexpr std::chrono::seconds kGrace{5};

}  // namespace

SignalWatch::SignalWatch(const program::Signals& signals, std::function<void()> on_stop)
    : signals_(signals), on_stop_(std::move(on_stop)), thread_([this] { run(); }) {}

SignalWatch::~SignalWatch() {
  over_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);  // to wake it
  thread_.join();
}

void SignalWatch::run() {
  (void)signals_.wait();
  if (over_) return;
  on_stop_();
  stop_.request_stop();
  (void)signals_.wait_for(kGrace);
  if (!over_) _exit(EXIT_SUCCESS);
}

}  // namespace marconi::gc
