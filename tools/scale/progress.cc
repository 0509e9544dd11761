#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

namespace marconi::scale {

using Clock = std::chrono::steady_clock;

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)), total_(total), terminal_(::isatty(STDERR_FILENO) == 1) {
  thread_ = std::thread([this] { report(); });
}

Progress::~Progress() {
  ended_ = true;
  ended_.notify_all();
  thread_.join();
}

void Progress::report() {
  const auto start = Clock::now();
  const auto seconds = [start] {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const double pause = terminal_ ? 1 : 10;
  double next = pause;
  while (!ended_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (seconds() < next) continue;
    write(seconds(), done_);
    next += pause;
  }
  write(seconds(), done_);
  if (terminal_) std::fputc('\n', stderr);
}

void Progress::write(double seconds, std::uint64_t done) const {
  fmt::print(stderr, "{}  {}: {:.0f}k of {:.0f}k, {:.0f} s, {:.0f}k/s{}", terminal_ ? "\r" : "",
             what_, static_cast<double>(done) / 1e3, static_cast<double>(total_) / 1e3, seconds,
             static_cast<double>(done) / 1e3 / seconds, terminal_ ? "   " : "\n");
  std::fflush(stderr);
}

}  // namespace marconi::scale
