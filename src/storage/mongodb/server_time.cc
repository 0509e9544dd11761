#include "storage/mongodb/server_time.h"

#include <algorithm>

namespace marconi::storage::mongodb {

using std::chrono::nanoseconds;

Result<void> ServerTime::start() {
  const std::lock_guard lock(asking_);
  for (std::size_t i = 0; i < kAnswers; ++i) {
    if (auto asked = ask(); !asked) return asked;
  }
  return {};
}

/// Takes the median of the last answers, so that one that was held up on its way does no harm.
Result<void> ServerTime::ask() {
  const auto sent = clock_.monotonic_now();
  const auto greeting = client_.greet();
  const auto received = clock_.monotonic_now();
  asked_at_ = received;
  if (!greeting) return std::unexpected(greeting.error());
  const nanoseconds server = std::chrono::milliseconds(greeting->local_time.millis);
  offsets_[answers_++ % kAnswers] = server - (sent + (received - sent) / 2);
  auto known = offsets_;
  const auto end = known.begin() + static_cast<std::ptrdiff_t>(std::min(answers_, kAnswers));
  const auto middle = known.begin() + (end - known.begin()) / 2;
  std::nth_element(known.begin(), middle, end);
  offset_ = *middle;
  return {};
}

Moment ServerTime::now() {
  if (clock_.monotonic_now() - asked_at_.load() > kAskEvery) {
    const std::unique_lock lock(asking_, std::try_to_lock);
    if (lock) (void)ask();
  }
  const auto time =
      std::chrono::floor<std::chrono::milliseconds>(clock_.monotonic_now() + offset_.load());
  auto latest = latest_.load();
  while (time.count() > latest && !latest_.compare_exchange_weak(latest, time.count())) {
  }
  return Moment(std::max(latest, time.count()));
}

}  // namespace marconi::storage::mongodb
