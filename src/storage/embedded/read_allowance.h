// How much one call may read on an event loop, even if all of it is in memory.
#pragma once

#include <cstddef>

#include "base/call.h"
#include "base/error.h"

namespace marconi::storage::embedded {

/// Counts what a call reads. One without patience keeps its event loop from everything else
/// meanwhile, by the number of records and by their bytes, so it gives up when it has had its share
/// and leaves the whole to a thread that may wait.
class ReadAllowance {
 public:
  static constexpr std::size_t kRecords = 4096;
  static constexpr std::size_t kBytes = 1024 * 1024;

  /// `most_records`: without patience.
  explicit ReadAllowance(base::Patience patience, std::size_t most_records = kRecords)
      : is_bounded_(patience == base::Patience::immediate), records_left_(most_records) {}

  /// Counts a record that was read; `would_block` if that was too much.
  [[nodiscard]] base::Result<void> take(std::size_t bytes) {
    if (!is_bounded_) return {};
    if (records_left_ == 0 || bytes > bytes_left_) {
      return base::fail(base::ErrorKind::would_block);
    }
    --records_left_;
    bytes_left_ -= bytes;
    return {};
  }

 private:
  const bool is_bounded_;
  std::size_t records_left_;
  std::size_t bytes_left_ = kBytes;
};

}  // namespace marconi::storage::embedded
