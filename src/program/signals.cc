#include "program/signals.h"

#include <pthread.h>
#include <signal.h>

namespace marconi::program {
namespace {

Request request_of(int number) { return number == SIGHUP ? Request::reopen_log : Request::stop; }

}  // namespace

Signals::Signals(std::initializer_list<int> further_stops) {
  sigemptyset(&stops_);
  for (const int stop : {SIGTERM, SIGINT}) sigaddset(&stops_, stop);
  for (const int stop : further_stops) sigaddset(&stops_, stop);
  awaited_ = stops_;
  sigaddset(&awaited_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Request Signals::wait() const {
  int number = 0;
  // Fails only for a set that is none.
  sigwait(&awaited_, &number);
  return request_of(number);
}

std::optional<Request> Signals::wait_for(std::chrono::milliseconds longest) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(longest);
  const timespec limit{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds(longest - seconds).count()};
  const int number = sigtimedwait(&awaited_, nullptr, &limit);
  if (number < 0) return std::nullopt;
  return request_of(number);
}

void Signals::let_stop_signals_kill() const { pthread_sigmask(SIG_UNBLOCK, &stops_, nullptr); }

}  // namespace marconi::program
