// The sink of a running server: standard error, a file, or both.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "observability/log.h"

namespace marconi::observability {

struct LogOptions {
  bool debug = false;      ///< level debug instead of info
  bool json = false;       ///< one JSON object a line instead of text
  std::string file{};      ///< empty: standard error
  bool to_stderr = false;  ///< standard error even if there is a file
};

/// Writes lines with time (UTC) and level. Warnings and errors that repeat are limited
/// (repeat_limit.h). Threads of its own do the writing: whoever logs does not wait for a disk or a
/// reader. While that is stalled, kMaxWaitingBytes of lines are kept; those beyond are lost, and
/// a line says how many once it goes on. Thread-safe.
class LogOutput final : public LogSink {
 public:
  /// For each of standard error and the file.
  static constexpr std::size_t kMaxWaitingBytes = std::size_t{8} * 1024 * 1024;

  /// `invalid` if the file cannot be opened. The clock must outlive the output.
  static base::Result<std::unique_ptr<LogOutput>> open(LogOptions options,
                                                       const base::Clock& clock);
  /// Writes what is left, as far as the readers take it.
  ~LogOutput() override;

  [[nodiscard]] bool enabled(Level level) const override;
  void write(const Record& record) noexcept override;

  /// Opens the file anew, after a rotation. If that fails the old one stays in use.
  base::Result<void> reopen();

 private:
  struct State;
  explicit LogOutput(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace marconi::observability
