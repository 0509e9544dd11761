// Taking a mutex without making an event loop wait for whoever waits for the disk, and without
// making anybody wait for long work in the background.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/call.h"
#include "base/error.h"

namespace marconi::storage::embedded {

/// A mutex that whoever takes it over and over can share with others. Whoever is woken to take a
/// plain one mostly comes too late for that: its last holder has it again.
class SharingMutex {
 public:
  void lock() {
    if (mutex_.try_lock()) return;
    ++waiting_;
    mutex_.lock();
    ++turns_;
    --waiting_;
  }
  bool try_lock() { return mutex_.try_lock(); }
  void unlock() { mutex_.unlock(); }

  /// Whether somebody waits in `lock`. Of use only as long as that cannot change.
  [[nodiscard]] bool is_awaited() const { return waiting_ > 0; }

  /// Lets as many of those who wait have their turn as there are now. Not to be called by the
  /// holder. Costs nothing if nobody waits.
  void give_way() const {
    constexpr std::chrono::microseconds kPause{20};
    const auto last_turn = waiting_.load() + turns_.load();
    while (waiting_ > 0 && turns_ < last_turn) std::this_thread::sleep_for(kPause);
  }

 private:
  std::mutex mutex_;
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> turns_{0};  ///< of those who had to wait
};

/// Takes a mutex; `would_block` rather than wait long without patience.
template <class Mutex>
base::Result<std::unique_lock<Mutex>> lock_patiently(base::Patience patience, Mutex& mutex) {
  if (patience == base::Patience::may_wait) return std::unique_lock(mutex);
  std::unique_lock lock(mutex, std::try_to_lock);
  if (lock.owns_lock()) return lock;
  // Holders without patience are done in microseconds; one that reads the disk is not waited for.
  // The processor is not given away meanwhile: where others are busy it comes back much later.
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds kLongest{20};
  for (const auto end = Clock::now() + kLongest; Clock::now() < end;) {
    if (lock.try_lock()) return lock;
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
  }
  return base::fail(base::ErrorKind::would_block);
}

}  // namespace marconi::storage::embedded
