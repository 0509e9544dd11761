// The connections of an attack, served by one thread of their own.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>

#include "siege/attack.h"

namespace marconi::siege {

/// What happened to the connections.
struct CrowdCounts {
  std::uint64_t opened = 0;           ///< as the system said
  std::uint64_t not_opened = 0;       ///< the system said no, or said nothing until the end
  std::uint64_t ended_by_server = 0;  ///< orderly
  std::uint64_t reset_by_server = 0;
  std::uint64_t unanswered = 0;     ///< of these two, those without a single answer
  std::uint64_t cut_off = 0;        ///< of these two, those in the middle of an answer
  std::uint64_t bare_refusals = 0;  ///< 4xx and 5xx without a body
  std::uint64_t not_http = 0;
  std::map<int, std::uint64_t> answers;  ///< by status
};

/// Attacks 127.0.0.1 from other addresses of 127.0.0.0/8.
class Crowd {
 public:
  /// Starts the attack at once. `attack` must outlive the crowd.
  Crowd(const Attack& attack, std::uint16_t port);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();

  /// From now on the thread runs only while no other wants its processor: what an attacker computes
  /// is not part of the attack.
  void give_way();

  /// How many connections are open now.
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

  /// Ends the attack and closes all connections.
  [[nodiscard]] CrowdCounts stop();

 private:
  class Thread;

  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> size_ = 0;
  CrowdCounts counts_;
  std::thread thread_;
};

}  // namespace marconi::siege
