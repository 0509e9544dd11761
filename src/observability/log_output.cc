#include "observability/log_output.h"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <utility>

#include "observability/line_writer.h"
#include "observability/log_format.h"
#include "observability/repeat_limit.h"

namespace marconi::observability {
namespace {

constexpr std::size_t kRepeatBurst = 20;
constexpr std::chrono::seconds kRepeatWindow{10};

constexpr auto kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

using Writer = std::unique_ptr<LineWriter>;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// A file that may not be read counts as one that ends with a line.
LineWriter::Place end_of(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return LineWriter::Place::line_start;
  std::ifstream file(path, std::ios::binary);
  file.seekg(-1, std::ios::end);
  const int last = file.get();
  return file && last != '\n' ? LineWriter::Place::inside_line : LineWriter::Place::line_start;
}

/// Makes the directories that the file needs, too.
base::Result<Writer> open_file(const std::string& path) {
  std::error_code ignored;  // opening the file then says what is wrong
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return base::fail(base::ErrorKind::invalid, "log file " + path + ": " + std::strerror(errno));
  }
  return std::make_unique<LineWriter>(descriptor, LineWriter::Ownership::owned,
                                      LogOutput::kMaxWaitingBytes, end_of(path));
}

}  // namespace

struct LogOutput::State {
  State(LogOptions log_options, Writer file_writer, const base::Clock& clock)
      : options(std::move(log_options)),
        repeats(clock, kRepeatBurst, kRepeatWindow),
        formatter(options.json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc),
        file(std::move(file_writer)) {
    if (options.file.empty() || options.to_stderr) {
      standard_error.emplace(STDERR_FILENO, LineWriter::Ownership::borrowed, kMaxWaitingBytes);
    }
  }

  void write(const Record& record, std::uint64_t suppressed) {
    const std::lock_guard lock(mutex);
    for (LineWriter* const writer : {standard_error ? &*standard_error : nullptr, file.get()}) {
      if (writer == nullptr) continue;
      if (const std::uint64_t lost = writer->take_lost(); lost > 0) {
        const Field field("lines", lost);
        append(*writer, {Level::warning, "log", "lines were lost", {}, {&field, 1}}, 0, lost);
      }
      append(*writer, record, suppressed, 1);
    }
  }

  const LogOptions options;
  RepeatLimit repeats;
  std::mutex mutex;
  spdlog::pattern_formatter formatter;       // guarded by mutex
  std::optional<LineWriter> standard_error;  // guarded by mutex
  Writer file;                               // guarded by mutex; null: none

 private:
  /// `lines`: how many are lost if this one is.
  void append(LineWriter& writer, const Record& record, std::uint64_t suppressed,
              std::uint64_t lines) {
    const std::string text =
        options.json ? format_json_members(record, suppressed) : format_text(record, suppressed);
    spdlog::memory_buf_t line;
    formatter.format(spdlog::details::log_msg({}, to_spdlog(record.level), text), line);
    writer.append({line.data(), line.size()}, lines);
  }
};

base::Result<std::unique_ptr<LogOutput>> LogOutput::open(LogOptions options,
                                                         const base::Clock& clock) {
  Writer file;
  if (!options.file.empty()) {
    auto opened = open_file(options.file);
    if (!opened) return std::unexpected(std::move(opened.error()));
    file = std::move(*opened);
  }
  auto state = std::make_unique<State>(std::move(options), std::move(file), clock);
  return std::unique_ptr<LogOutput>(new LogOutput(std::move(state)));
}

LogOutput::LogOutput(std::unique_ptr<State> state) : state_(std::move(state)) {}

LogOutput::~LogOutput() = default;

bool LogOutput::enabled(Level level) const {
  return level != Level::debug || state_->options.debug;
}

void LogOutput::write(const Record& record) noexcept {
  try {
    std::uint64_t suppressed = 0;
    if (record.level >= Level::warning) {
      const auto admitted = state_->repeats.admit(record);
      if (!admitted) return;
      suppressed = *admitted;
    }
    state_->write(record, suppressed);
  } catch (...) {
    // Out of memory: losing a line beats taking the server down for it.
  }
}

base::Result<void> LogOutput::reopen() {
  if (state_->options.file.empty()) return {};
  auto opened = open_file(state_->options.file);
  if (!opened) return std::unexpected(std::move(opened.error()));
  {
    const std::lock_guard lock(state_->mutex);
    state_->file.swap(*opened);
  }
  return {};  // the old one ends here, once all its lines are written
}

}  // namespace marconi::observability
