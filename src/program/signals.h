// The signals an administrator sends, received one after the other by whoever waits.
#pragma once

#include <signal.h>

#include <chrono>
#include <initializer_list>
#include <optional>

namespace marconi::program {

enum class Request {
  stop,        ///< SIGTERM, SIGINT, or another one that is to mean the same
  reopen_log,  ///< SIGHUP
};

/// Blocks the signals for the calling thread and all threads started later, so that they come
/// through `wait` alone; to be made before there are other threads. SIGPIPE is ignored for good:
/// a peer that hangs up is an ordinary error of a write. One instance a process.
class Signals {
 public:
  /// `further_stops`: signals besides SIGTERM and SIGINT that mean a stop.
  Signals(std::initializer_list<int> further_stops = {});
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Waits for the next request.
  [[nodiscard]] Request wait() const;

  /// The same, but no longer than that.
  [[nodiscard]] std::optional<Request> wait_for(std::chrono::milliseconds longest) const;

  /// Lets the next stop signal end the process at once, for an administrator who will not wait
  /// for a drain.
  void let_stop_signals_kill() const;

 private:
  sigset_t stops_;
  sigset_t awaited_;
};

}  // namespace marconi::program
