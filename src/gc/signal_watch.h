// Ending the program when an administrator wants it.
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

#include "program/signals.h"

namespace marconi::gc {

/// Waits for signals on a thread of its own. The first one, SIGHUP included, requests a stop; a
/// second one, or none and no end of the program for some seconds, ends the process where it
/// stands, with success: a pass can be cut off anywhere.
class SignalWatch {
 public:
  /// `on_stop` is called at the first signal, before the stop is requested, from the thread of the
  /// watch. The signals must outlive the watch.
  SignalWatch(const program::Signals& signals, std::function<void()> on_stop);
  /// The program has come to its end.
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  [[nodiscard]] std::stop_token stop() const { return stop_.get_token(); }

 private:
  void run();

  const program::Signals& signals_;
  const std::function<void()> on_stop_;
  std::stop_source stop_;
  std::atomic<bool> over_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace marconi::gc
