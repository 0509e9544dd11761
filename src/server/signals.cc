#include "server/signals.h"

#include <pthread.h>
#include <signal.h>

namespace marconi::server {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

sigset_t awaited_signals() {
  auto set = stop_signals();
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Signals::Signals() {
  const auto awaited = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Request Signals::wait() const {
  const auto awaited = awaited_signals();
  int number = 0;
  // Fails only for a set that is none.
  sigwait(&awaited, &number);
  return number == SIGHUP ? Request::reopen_log : Request::stop;
}

void Signals::let_stop_signals_kill() const {
  const auto stopping = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &stopping, nullptr);
}

}  // namespace marconi::server
