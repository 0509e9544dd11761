#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace marconi::load {

namespace {

// Values below 2^8 have a bucket each; above, each power of two is cut into 2^7 equal parts.
constexpr unsigned kPartBits = 7;
constexpr std::uint64_t kParts = 1U << kPartBits;

std::size_t bucket_of(std::uint64_t value) {
  if (value < 2 * kParts) {
    return value;
  }
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kPartBits - 1;
  return shift * kParts + (value >> shift);
}

std::uint64_t largest_in(std::size_t bucket) {
  if (bucket < 2 * kParts) {
    return bucket;
  }
  const std::size_t shift = bucket / kParts - 1;
  return ((bucket % kParts + kParts + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(UINT64_MAX) + 1) {}

void Histogram::record(std::uint64_t nanoseconds) {
  ++buckets_[bucket_of(nanoseconds)];
  ++count_;
  sum_ += nanoseconds;
  max_ = std::max(max_, nanoseconds);
}

double Histogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size() && count_ > 0; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) {
      return std::min(largest_in(bucket), max_);
    }
  }
  return max_;
}

}  // namespace marconi::load
