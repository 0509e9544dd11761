// Taking a mutex without making an event loop wait for whoever waits for the disk.
#pragma once

#include <mutex>
#include <thread>

#include "base/call.h"
#include "base/error.h"

namespace marconi::storage::embedded {

/// Takes a mutex; `would_block` rather than wait long without patience.
inline base::Result<std::unique_lock<std::mutex>> lock_patiently(base::Patience patience,
                                                                 std::mutex& mutex) {
  if (patience == base::Patience::may_wait) return std::unique_lock(mutex);
  // Holders without patience are done in microseconds; one that reads the disk is not waited for.
  constexpr int kTries = 20;
  std::unique_lock lock(mutex, std::try_to_lock);
  for (int i = 0; i < kTries && !lock.owns_lock(); ++i) {
    std::this_thread::yield();
    lock = std::unique_lock(mutex, std::try_to_lock);
  }
  if (!lock.owns_lock()) return base::fail(base::ErrorKind::would_block);
  return lock;
}

}  // namespace marconi::storage::embedded
