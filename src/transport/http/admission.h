// Counts open connections, in total and by client address, and says when there are too many.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace marconi::transport::http {

/// Shared by all event loops; asked only when a connection begins or ends. Thread-safe.
class Admission {
 public:
  enum class Verdict { admitted, too_many, too_many_of_peer };

  /// `max_per_peer` 0: no limit per client address.
  Admission(std::size_t max_total, std::size_t max_per_peer);

  /// Counts a connection in. One that is admitted must be counted out with `leave`.
  [[nodiscard]] Verdict enter(const std::string& peer);

  /// The same for one that takes the place of a connection that has been closed and not been
  /// counted out yet. Nobody else can get that place in between.
  [[nodiscard]] Verdict enter_instead(const std::string& peer);

  void leave(const std::string& peer, bool gave_up_place);

  /// Waits until no connection is open. False if some still are at the deadline.
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline);
  void wait_until_empty();

 private:
  [[nodiscard]] Verdict enter_locked(const std::string& peer);

  const std::size_t max_total_;
  const std::size_t max_per_peer_;
  std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t total_ = 0;                               // guarded by mutex_
  std::size_t places_given_up_ = 0;                     // guarded by mutex_; of those in total_
  std::unordered_map<std::string, std::size_t> peers_;  // guarded by mutex_; empty if unlimited
};

}  // namespace marconi::transport::http
