// The time the store lives by: the database server's, so that hosts agree whatever their own
// clocks say.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>

#include "base/clock.h"
#include "storage/mongodb/client.h"
#include "storage/mongodb/moment.h"

namespace marconi::storage::mongodb {

/// A clock that never goes back. Thread-safe.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  [[nodiscard]] virtual Moment now() = 0;
};

/// Asks the server every few seconds and goes on with the monotonic clock in between. While the
/// server cannot be asked it goes on all the same.
class ServerTime final : public TimeSource {
 public:
  /// Both must outlive it.
  ServerTime(Client& client, const base::Clock& clock) : client_(client), clock_(clock) {}

  /// Asks the server, to begin with, as often as it takes to find out an answer that was held up.
  /// An error if it does not answer.
  Result<void> start();

  /// May wait for the network.
  [[nodiscard]] Moment now() override;

 private:
  Result<void> ask();

  static constexpr std::size_t kAnswers = 5;
  static constexpr std::chrono::seconds kAskEvery{10};

  Client& client_;
  const base::Clock& clock_;
  std::mutex asking_;
  std::array<std::chrono::nanoseconds, kAnswers> offsets_{};  ///< the last answers; by asking_
  std::size_t answers_ = 0;                                   ///< by asking_
  std::atomic<std::chrono::nanoseconds> offset_{};            ///< server time less monotonic time
  std::atomic<std::chrono::nanoseconds> asked_at_{};          ///< monotonic
  std::atomic<base::UtcMillis> latest_ = 0;                   ///< never shown less than this
};

}  // namespace marconi::storage::mongodb
