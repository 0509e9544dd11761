#include "observability/log_output.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <exception>
#include <utility>
#include <vector>

#include "observability/log_format.h"
#include "observability/repeat_limit.h"

namespace marconi::observability {
namespace {

constexpr std::size_t kRepeatBurst = 20;
constexpr std::chrono::seconds kRepeatWindow{10};

constexpr auto kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

using Sinks = std::vector<spdlog::sink_ptr>;

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

Sinks make_sinks(const LogOptions& options) {
  Sinks sinks;
  if (!options.file.empty()) {
    sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
  }
  if (options.file.empty() || options.to_stderr) {
    sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  }
  for (const auto& sink : sinks) {
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        options.json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc));
  }
  return sinks;
}

/// The sinks, or the error of the file that cannot be opened.
base::Result<Sinks> open_sinks(const LogOptions& options) {
  try {
    return make_sinks(options);
  } catch (const std::exception& failure) {
    return base::fail(base::ErrorKind::invalid, "log file " + options.file + ": " + failure.what());
  }
}

}  // namespace

struct LogOutput::State {
  State(LogOptions log_options, Sinks sinks, const base::Clock& clock)
      : options(std::move(log_options)),
        fan_out(std::make_shared<spdlog::sinks::dist_sink_mt>(std::move(sinks))),
        logger("marconi", fan_out),
        repeats(clock, kRepeatBurst, kRepeatWindow) {
    logger.set_level(options.debug ? spdlog::level::debug : spdlog::level::info);
    logger.flush_on(spdlog::level::debug);
  }

  const LogOptions options;
  std::shared_ptr<spdlog::sinks::dist_sink_mt> fan_out;  // lets reopen() replace the sinks
  spdlog::logger logger;
  RepeatLimit repeats;
};

base::Result<std::unique_ptr<LogOutput>> LogOutput::open(LogOptions options,
                                                         const base::Clock& clock) {
  auto sinks = open_sinks(options);
  if (!sinks) return std::unexpected(sinks.error());
  auto state = std::make_unique<State>(std::move(options), std::move(*sinks), clock);
  return std::unique_ptr<LogOutput>(new LogOutput(std::move(state)));
}

LogOutput::LogOutput(std::unique_ptr<State> state) : state_(std::move(state)) {}

LogOutput::~LogOutput() = default;

bool LogOutput::enabled(Level level) const { return state_->logger.should_log(to_spdlog(level)); }

void LogOutput::write(const Record& record) noexcept {
  try {
    std::uint64_t suppressed = 0;
    if (record.level >= Level::warning) {
      const auto admitted = state_->repeats.admit(record);
      if (!admitted) return;
      suppressed = *admitted;
    }
    const auto line = state_->options.json ? format_json_members(record, suppressed)
                                           : format_text(record, suppressed);
    state_->logger.log(to_spdlog(record.level), spdlog::string_view_t(line));
  } catch (...) {
    // Out of memory: losing a line beats taking the server down for it.
  }
}

base::Result<void> LogOutput::reopen() {
  auto sinks = open_sinks(state_->options);
  if (!sinks) return std::unexpected(sinks.error());
  state_->fan_out->set_sinks(std::move(*sinks));
  return {};
}

}  // namespace marconi::observability
