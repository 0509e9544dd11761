#include "history/collector_process.h"

#include <charconv>
#include <chrono>
#include <fstream>
#include <string_view>

#include "history/server_process.h"

namespace marconi::history {
namespace {

/// The number of a field `name=number` of a line; zero if there is none.
std::size_t number_in(std::string_view line, std::string_view name) {
  std::size_t number = 0;
  if (const auto at = line.find(name); at != std::string_view::npos) {
    std::from_chars(line.data() + at + name.size(), line.data() + line.size(), number);
  }
  return number;
}

}  // namespace

void Collections::add(const Collections& other) {
  passes += other.passes;
  expired_messages += other.expired_messages;
  completed_posts += other.completed_posts;
}

CollectorProcess::CollectorProcess(const CollectorSetup& setup)
    : log_(setup.directory / "log"),
      page_(setup.directory / "faults", setup.directory / "data"),
      process_({.role = "collector",
                .program = setup.program,
                .arguments = arguments_of(setup.options, setup.directory),
                .log = log_,
                .preload = setup.preload,
                .fault_page = page_.file()}) {}

std::expected<void, std::string> CollectorProcess::keep_running() {
  if (!process_.ended(std::chrono::milliseconds(0))) {
    return {};
  }
  if (process_.crashed()) {
    return std::unexpected("the collector crashed:\n" + process_.end_of_log());
  }
  process_.spawn();
  return {};
}

Collections CollectorProcess::collections() const {
  Collections sum;
  std::ifstream file(log_);
  for (std::string line; std::getline(file, line);) {
    if (line.find("a pass has ended") != std::string::npos) {
      sum.add({1, number_in(line, " expired_messages="), number_in(line, " completed_posts=")});
    }
  }
  return sum;
}

}  // namespace marconi::history
