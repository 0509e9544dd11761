#include "transport/http/memory_budget.h"

namespace marconi::transport::http {

namespace {

std::size_t counted_of(std::size_t bytes) { return bytes <= Reservation::kFreeBytes ? 0 : bytes; }

}  // namespace

bool MemoryBudget::try_take(std::size_t bytes) {
  std::size_t used = this->used();
  do {
    if (used > max_bytes_ || bytes > max_bytes_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

bool Reservation::try_hold(std::size_t bytes) {
  const std::size_t wanted = counted_of(bytes);
  if (wanted > counted_) {
    if (!budget_.try_take(wanted - counted_)) return false;
    counted_ = wanted;
  } else {
    hold(bytes);
  }
  return true;
}

void Reservation::hold(std::size_t bytes) {
  const std::size_t wanted = counted_of(bytes);
  if (wanted > counted_) budget_.take(wanted - counted_);
  if (wanted < counted_) budget_.give_back(counted_ - wanted);
  counted_ = wanted;
}

}  // namespace marconi::transport::http
