// A sink that keeps its lines, for tests.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "observability/log.h"
#include "observability/log_format.h"

namespace marconi::observability {

/// Takes every level. Thread-safe.
class MemoryLog final : public LogSink {
 public:
  [[nodiscard]] bool enabled(Level) const override { return true; }

  void write(const Record& record) noexcept override {
    auto line =
        std::string(kLevels[static_cast<std::size_t>(record.level)]) + " " + format_text(record);
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
  }

  /// All lines so far, e.g. `info room: message key=value`.
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  static constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};

  mutable std::mutex mutex_;
  std::vector<std::string> lines_;  // guarded by mutex_
};

}  // namespace marconi::observability
