#include "history/store_time.h"

#include <algorithm>

namespace marconi::history {
namespace {

/// The time is written down once a second; the machine may be busy.
constexpr Time kKeepsEvery = kSecond + kSecond / 2;

}  // namespace

void StoreTime::moved(Time when, Time offset) {
  changed_ = std::min(changed_, when);
  wall_ = offset;
  highest_wall_ = std::max(highest_wall_, offset);
}

void StoreTime::disturbed(Time from, Time to) {
  if (from > disturbed_to_ + kKeepsEvery) {
    disturbed_from_ = from;
  }
  disturbed_to_ = std::max(disturbed_to_, to);
}

void StoreTime::died(Time when) {
  const Time calm = when > disturbed_to_ + kKeepsEvery ? when : disturbed_from_;
  kept_by_ = std::min(kept_by_, calm - kKeepsEvery);
  changed_ = std::min(changed_, when);
}

void StoreTime::seen(Time when) {
  if (changed_ == kNever) {
    return;
  }
  // What a restart may take from a clock that is ahead of the wall clock.
  const Time lost = kept_by_ == kNever ? 0 : when - kept_by_;
  const Time least = std::max(-lost, wall_ - most_ahead_);
  const Time most = std::max(Time{0}, highest_wall_ - least_ahead_);
  if (most > 0 || std::min(Time{0}, least) < 0) {
    steps_.push_back({changed_, when, least, most});
  }
  least_ahead_ = std::max(least_ahead_ - lost, wall_);
  most_ahead_ = std::max(most_ahead_, highest_wall_);
  highest_wall_ = wall_;
  changed_ = kNever;
  kept_by_ = kNever;
}

}  // namespace marconi::history
