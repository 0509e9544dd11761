// Counts latencies in buckets that grow with the value, as HDR histograms do.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marconi::load {

/// Latencies in nanoseconds, each kept to within one part in 128. Not thread-safe.
class Histogram {
 public:
  Histogram();

  void record(std::uint64_t nanoseconds);

  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// The mean in nanoseconds; 0 if nothing was recorded.
  [[nodiscard]] double mean() const;

  /// The latency in nanoseconds that `share` (0 to 1) of all recorded ones do not exceed; 0 if
  /// nothing was recorded.
  [[nodiscard]] std::uint64_t percentile(double share) const;

  /// The largest latency recorded, exactly.
  [[nodiscard]] std::uint64_t max() const { return max_; }

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace marconi::load
