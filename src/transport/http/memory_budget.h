// Bounds the memory that requests being received and answers not yet taken occupy together.
#pragma once

#include <atomic>
#include <cstddef>

namespace marconi::transport::http {

/// The bytes that all connections hold in buffers, against the most they may. Shared by all event
/// loops. Thread-safe and lock-free.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

  /// Whether more is in use than the budget has, since something had to be kept regardless.
  [[nodiscard]] bool is_exceeded() const { return used() > max_bytes_; }

 private:
  friend class Reservation;

  [[nodiscard]] bool try_take(std::size_t bytes);
  void take(std::size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  const std::size_t max_bytes_;
  alignas(64) std::atomic<std::size_t> used_ = 0;
};

/// One buffer's part of a budget, given back when the reservation ends. Used by one thread at a
/// time; the budget must outlive it.
///
/// Up to kFreeBytes nothing is counted: that much belongs to every connection, and loops that
/// serve small requests need not share a counter.
class Reservation {
 public:
  static constexpr std::size_t kFreeBytes = 16 * 1024;

  explicit Reservation(MemoryBudget& budget) : budget_(budget) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { hold(0); }

  /// Makes this a reservation of `bytes` in all. False, and nothing changes, if that is more than
  /// it was and more than the budget has left.
  [[nodiscard]] bool try_hold(std::size_t bytes);

  /// The same for what has to be kept, even if it exceeds the budget.
  void hold(std::size_t bytes);

 private:
  MemoryBudget& budget_;
  std::size_t counted_ = 0;
};

}  // namespace marconi::transport::http
