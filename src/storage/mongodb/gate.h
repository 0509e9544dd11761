// Keeps callers from queueing up for a database that is away.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "base/error.h"
#include "observability/log.h"

namespace marconi::storage::mongodb {

/// Open as long as servers can be reached. Once a caller has waited for one in vain, while nobody
/// else was answered, a single caller at a time may try, and the others are turned away at once.
/// The log says when that begins and when it is over. All clients of a deployment share one, so
/// that its trouble is found out and told once. Thread-safe.
class Gate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// After a try in vain the next one has to wait this long.
  static constexpr std::chrono::seconds kPause{1};

  /// `store` is what the log calls the database, or the names of several that it holds. The sink
  /// must outlive the gate; null for none.
  Gate(observability::LogSink* log, std::string store) : log_(log), store_(std::move(store)) {}

  /// A caller's stay inside. What it came to must be told before it ends.
  class Visit {
   public:
    Visit(Visit&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)),
          alone_(other.alone_),
          answers_before_(other.answers_before_) {}
    Visit& operator=(Visit&&) = delete;
    ~Visit() {
      if (gate_ != nullptr && alone_) gate_->leave();
    }

    /// A server answered, with an error perhaps.
    void reached() { gate_->open(); }
    /// None could be found. Says nothing if others were answered meanwhile.
    void in_vain(std::string_view reason, Time now) {
      if (gate_->answers_ == answers_before_) gate_->close(reason, now);
    }

   private:
    friend class Gate;
    Visit(Gate& gate, bool alone)
        : gate_(&gate), alone_(alone), answers_before_(gate.answers_.load()) {}

    Gate* gate_;
    bool alone_;
    std::uint64_t answers_before_;
  };

  /// `unavailable` if the caller is turned away.
  base::Result<Visit> enter(Time now);

  [[nodiscard]] bool is_open() const { return open_; }

 private:
  void open();
  void close(std::string_view reason, Time now);
  void leave();

  observability::LogSink* const log_;
  const std::string store_;
  std::atomic<std::uint64_t> answers_ = 0;  ///< how many visitors were answered
  std::atomic<bool> open_ = true;           ///< changed with mutex_ held
  std::mutex mutex_;
  std::string reason_;                      ///< by mutex_
  Time next_try_;                           ///< by mutex_
  bool trying_ = false;                     ///< by mutex_: somebody is inside alone
  std::atomic<bool> ever_reached_ = false;  ///< before that, errors are the start-up's to tell
};

}  // namespace marconi::storage::mongodb
