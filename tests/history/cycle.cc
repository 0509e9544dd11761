#include "history/cycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <utility>

#include "history/server_process.h"
#include "history/small_disk.h"

namespace marconi::history {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kCutShare = 0.01;  // of all exchanges
constexpr std::size_t kViolationsShown = 5;
constexpr std::size_t kEventsShown = 60;

bool has(const TortureOptions& options, std::string_view fault) {
  return std::ranges::find(options.faults, fault) != options.faults.end();
}

fs::path make_directory(const std::string& scratch) {
  const fs::path base = scratch.empty() ? fs::temp_directory_path() : fs::path(scratch);
  fs::create_directories(base);
  std::string name = base / "marconi-torture-XXXXXX";
  return ::mkdtemp(name.data()) == nullptr ? fs::path() : fs::path(name);
}

/// Does what the options say to a server until the time is up.
class Faults {
 public:
  Faults(const TortureOptions& options, ServerProcess& server, SmallDisk& disk, std::uint64_t seed)
      : options_(options), server_(server), disk_(disk), dice_(seed) {
    for (const std::string& fault : options.faults) {
      if (fault != "cut" && fault != "none") {  // cutting is up to the clients
        faults_.push_back(fault);
      }
    }
  }

  std::expected<FaultCounts, std::string> run() {
    const auto until = steady_clock::now() + Seconds(options_.seconds);
    std::expected<void, std::string> state;
    while (state && steady_clock::now() < until) {
      // The first comes early, so that a short cycle has one.
      sleep(std::min(between(0.1, 1.5), Seconds(until - steady_clock::now()).count()));
      state = server_.check_alive();
      if (state) {
        state = do_one();
      }
    }
    if (!state) {
      return std::unexpected(state.error());
    }
    return counts_;
  }

 private:
  std::expected<void, std::string> do_one() {
    if (faults_.empty()) {
      return {};
    }
    const std::string& fault = faults_[dice_() % faults_.size()];
    if (fault == "kill") {
      return kill();
    }
    if (fault == "stop") {
      stop();
    } else {
      fill_disk();
    }
    return {};
  }

  void stop() {
    server_.pause();
    sleep(between(0.05, options_.longest_stop));
    server_.resume();
    ++counts_.stops;
  }

  void fill_disk() {
    disk_.fill();
    sleep(between(0.05, 1.5));
    disk_.clear();
    ++counts_.full_disks;
  }

  std::expected<void, std::string> kill() {
    server_.kill();
    ++counts_.kills;
    if (between(0, 1) < 0.3) {  // again while it starts, or right after
      auto started = server_.start();
      if (!started) {
        return started;
      }
      sleep(between(0, 0.05));
      server_.kill();
      ++counts_.kills;
    }
    return server_.start();
  }

  static void sleep(double seconds) { std::this_thread::sleep_for(Seconds(seconds)); }

  double between(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(dice_);
  }

  const TortureOptions& options_;
  ServerProcess& server_;
  SmallDisk& disk_;
  std::vector<std::string> faults_;
  std::mt19937_64 dice_;
  FaultCounts counts_;
};

Time origin_of(const History& history) {
  Time origin = kNever;
  for (const Event& event : history.events) {
    origin = std::min(origin, event.start);
  }
  return origin;
}

void write_history(const History& history, const fs::path& path) {
  std::vector<const Event*> events;
  for (const Event& event : history.events) {
    events.push_back(&event);
  }
  std::ranges::sort(events, {}, &Event::start);
  const Time origin = origin_of(history);
  std::ofstream file(path);
  for (const Event* event : events) {
    file << to_string(*event, origin) << '\n';
  }
}

std::string describe(const Violation& violation, const History& history) {
  std::string text = fmt::format("violation of {} in queue {}: {}", to_string(violation.rule),
                                 violation.queue, violation.what);
  if (violation.about) {
    const Time origin = origin_of(history);
    const auto story = events_about(history, *violation.about);
    for (std::size_t i = 0; i < std::min(story.size(), kEventsShown); ++i) {
      text += "\n    " + to_string(*story[i], origin);
    }
  }
  return text;
}

void judge(const Recording& recording, const Tolerance& tolerance, CycleResult& result) {
  Judgement judgement = check(recording.history, tolerance);
  result.coverage = std::move(judgement.coverage);
  const auto& violations = judgement.violations;
  for (std::size_t i = 0; i < std::min(violations.size(), kViolationsShown); ++i) {
    result.problems.push_back(describe(violations[i], recording.history));
  }
  if (violations.size() > kViolationsShown) {
    result.problems.push_back(fmt::format("{} violations in all", violations.size()));
  }
  for (const std::string& surprise : recording.surprises) {
    result.problems.push_back("unexpected answer: " + surprise);
  }
}

void run_in(const fs::path& directory, SmallDisk& disk, const TortureOptions& options,
            CycleResult& result) {
  ServerProcess server(options.server, directory);
  WorkloadOptions wanted = options.workload;
  wanted.seed = result.seed;
  wanted.client.port = server.port();
  wanted.client.cuts = has(options, "cut") ? kCutShare : 0;
  Workload workload(wanted);
  if (const auto started = server.start(); !started) {
    result.problems.push_back(started.error());
    return;
  }
  if (!workload.start()) {
    result.problems.emplace_back("the queues could not be created");
    return;
  }
  const auto faults = Faults(options, server, disk, result.seed).run();
  if (faults) {
    result.faults = *faults;
  } else {
    result.problems.push_back(faults.error());
    if (const auto again = server.start(); !again) {
      result.problems.push_back(again.error());
    }
  }
  const Recording recording = workload.finish();
  if (const auto ended = server.terminate(std::chrono::seconds(60)); !ended) {
    result.problems.push_back(ended.error());
  }
  Tolerance tolerance;
  // A request that waits in a stopped server has its effect when that goes on.
  tolerance.settles += static_cast<Time>(options.longest_stop * kSecond);
  judge(recording, tolerance, result);
  result.events = recording.history.events.size();
  result.faults.cuts = recording.cuts;
  if (!result.problems.empty()) {
    write_history(recording.history, directory / "history");
  }
}

}  // namespace

void FaultCounts::add(const FaultCounts& other) {
  kills += other.kills;
  stops += other.stops;
  cuts += other.cuts;
  full_disks += other.full_disks;
}

CycleResult run_cycle(const TortureOptions& options, std::uint64_t seed) {
  CycleResult result;
  result.seed = seed;
  const auto begun = steady_clock::now();
  const fs::path directory = make_directory(options.scratch);
  if (directory.empty()) {
    result.problems.emplace_back("no directory can be made for the store");
    return result;
  }
  {
    SmallDisk disk;  // gone before the directory is
    const auto mounted =
        has(options, "full") ? disk.mount(directory / "data") : std::expected<void, std::string>();
    if (mounted) {
      run_in(directory, disk, options, result);
    } else {
      result.problems.push_back(mounted.error());
    }
  }
  if (result.problems.empty()) {
    fs::remove_all(directory);
  } else {
    result.evidence = directory;
  }
  result.seconds = Seconds(steady_clock::now() - begun).count();
  return result;
}

std::vector<std::string> shortcomings(const TortureOptions& options, const Coverage& coverage,
                                      const FaultCounts& faults) {
  std::vector<std::string> missing;
  const auto need = [&](std::size_t have, double want, std::string_view what) {
    const auto least = static_cast<std::size_t>(std::max(1.0, std::floor(want)));
    if (have < least) {
      missing.push_back(fmt::format("{} {}, at least {} wanted", have, what, least));
    }
  };
  const double cycles = options.cycles;
  const double work = cycles * options.seconds;  // seconds
  const WorkloadOptions& clients = options.workload;
  const auto sighted = static_cast<std::size_t>(
      std::ranges::count_if(coverage.seen_by_scan, [](std::size_t seen) { return seen >= 10; }));
  need(sighted, cycles * (clients.observers + clients.queues), "scans with ten messages or more");
  if (clients.producers > 0) {
    need(coverage.messages_stored, 10 * work, "messages stored");
  }
  if (clients.consumers > 0) {
    need(coverage.claims, 2 * work, "claims");
    need(coverage.renewals, work / 10, "renewals");
    need(coverage.releases, work / 10, "releases");
    need(coverage.deletions, work, "deletions");
    need(coverage.late_refusals, work / 20, "workers refused after their claim");
  }
  if (clients.consumers > 0 && clients.claims_end) {
    need(coverage.claims_ended_by_clock, cycles, "claims ended by the clock");
    need(coverage.taken_after_clock, cycles, "messages claimed again after that");
  }
  if (has(options, "kill")) {
    need(faults.kills, cycles / 2, "kills");
    need(coverage.lost_answers, cycles, "lost answers");
  }
  if (has(options, "stop")) {
    need(faults.stops, cycles / 2, "stops");
  }
  if (has(options, "full")) {
    need(faults.full_disks, cycles / 2, "full disks");
    need(coverage.unavailable, cycles / 2, "answers 503 from full disks");
  }
  if (has(options, "cut")) {
    need(faults.cuts, cycles, "cut connections");
  }
  return missing;
}

}  // namespace marconi::history
