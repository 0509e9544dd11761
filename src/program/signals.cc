#include "program/signals.h"

#include <pthread.h>
#include <signal.h>

namespace marconi::program {
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

Request request_of(int number) { return number == SIGHUP ? Request::reopen_log : Request::stop; }

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
  return request_of(number);
}

std::optional<Request> Signals::wait_for(std::chrono::milliseconds longest) const {
  const auto awaited = awaited_signals();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(longest);
  const timespec limit{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds(longest - seconds).count()};
  const int number = sigtimedwait(&awaited, nullptr, &limit);
  if (number < 0) return std::nullopt;
  return request_of(number);
}

void Signals::let_stop_signals_kill() const {
  const auto stopping = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &stopping, nullptr);
}

}  // namespace marconi::program
