// A terminal that does not show what is typed, while a program writes to it.
#pragma once

#include <mutex>

namespace marconi::gc {

/// Turns echo off, and back on at the latest with its end. Does nothing if the file is no terminal,
/// if its echo is off already, or if another process has the terminal for itself. Thread-safe.
class QuietTerminal {
 public:
  explicit QuietTerminal(int file);
  ~QuietTerminal() { restore(); }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  void restore();

 private:
  const int file_;
  std::mutex mutex_;
  bool quiet_ = false;  ///< by mutex_
};

}  // namespace marconi::gc
