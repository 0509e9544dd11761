// Says how far a long piece of work has come.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace marconi::scale {

/// While it lives, writes a line to standard error now and then: on a terminal each second over
/// the last one, elsewhere every ten seconds. Thread-safe.
class Progress {
 public:
  Progress(std::string what, std::uint64_t total);

  /// Ends with a line that says how long all of it took.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::uint64_t count) { done_.fetch_add(count, std::memory_order_relaxed); }

 private:
  void report();
  void write(double seconds, std::uint64_t done) const;

  std::string what_;
  std::uint64_t total_;
  bool terminal_;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace marconi::scale
