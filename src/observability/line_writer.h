// Writes lines to a file or a pipe from a thread of its own, so that whoever logs never waits for
// a disk or for a reader that has stalled.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace marconi::observability {

/// Lines are written in the order in which they came. What does not fit into the bounded memory, or
/// cannot be written, is lost and counted. Thread-safe.
class LineWriter {
 public:
  enum class Ownership { owned, borrowed };

  /// Where what is written now goes on.
  enum class Place { line_start, inside_line };

  /// `descriptor` is closed at the end if it is owned. Of what has not been written yet at most
  /// `max_bytes` are kept. `begin`: a line that was begun and never ended is ended first.
  LineWriter(int descriptor, Ownership ownership, std::size_t max_bytes,
             Place begin = Place::line_start);
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  /// Writes what is left, but does not wait for a reader that takes nothing for a second, or does
  /// not take all of it in a few.
  ~LineWriter();

  /// Takes text that ends a line. If it is lost, so many lines are.
  void append(std::string_view text, std::uint64_t lines = 1);

  /// How many lines have been lost since this was last asked.
  [[nodiscard]] std::uint64_t take_lost();

 private:
  void run();
  [[nodiscard]] std::string_view write(std::string_view text);
  [[nodiscard]] bool end_torn_line();
  [[nodiscard]] std::size_t write_some(std::string_view text);
  [[nodiscard]] bool wait_for_reader();
  [[nodiscard]] bool is_stopping();
  [[nodiscard]] bool is_out_of_time();

  const int descriptor_;
  const Ownership ownership_;
  const std::size_t max_bytes_;
  Place place_;  // of the thread alone
  std::mutex mutex_;
  std::condition_variable text_or_stop_;
  std::string waiting_;      // guarded by mutex_
  std::size_t writing_ = 0;  // guarded by mutex_: bytes that the thread has taken
  std::uint64_t lost_ = 0;   // guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  std::chrono::steady_clock::time_point stop_by_;  // guarded by mutex_: once stopping
  std::thread thread_;
};

}  // namespace marconi::observability
