#include "history/cycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <utility>

#include "history/database_process.h"
#include "history/power_loss.h"
#include "history/server_process.h"
#include "history/small_disk.h"
#include "history/words.h"

namespace marconi::history {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kCutShare = 0.01;  // of all exchanges
constexpr std::size_t kPostsAfterFaults = 30;
constexpr auto kPostsWithin = std::chrono::seconds(10);
/// While a host sleeps, clients do not wait for it for long.
constexpr auto kPatienceWithSleepers = std::chrono::seconds(4);
constexpr double kLongestSleep = 70;  // seconds, and some
constexpr std::size_t kViolationsShown = 5;
constexpr std::size_t kEventsShown = 60;

bool has(const TortureOptions& options, std::string_view fault) {
  return std::ranges::find(options.faults, fault) != options.faults.end();
}

fs::path make_directory(const std::string& scratch) {
  const fs::path base = scratch.empty() ? fs::temp_directory_path() : fs::path(scratch);
  fs::create_directories(base);
  std::string name = fs::canonical(base) / "marconi-torture-XXXXXX";
  return ::mkdtemp(name.data()) == nullptr ? fs::path() : fs::path(name);
}

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
  result.violations = violations.size();
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

bool has_any(const TortureOptions& options, std::initializer_list<std::string_view> faults) {
  return std::ranges::any_of(faults, [&](std::string_view fault) { return has(options, fault); });
}

/// Whether the server takes deletions by ids only together with a claim: in every other cycle.
bool deletes_with_claims(std::uint64_t seed) { return seed % 2 == 1; }

/// The posts acknowledged before the first fault and after the last.
void count_posts(const History& history, const FaultDriver& faults, CycleResult& result) {
  for (const Event& event : history.events) {
    if (event.action == Action::post && event.outcome == Outcome::done) {
      result.posts_before += event.end < faults.first_fault();
      result.posts_after += event.start > faults.well_again();
    }
  }
}

/// All that one cycle consists of, in a directory of its own.
class Cycle {
 public:
  Cycle(const fs::path& directory, SmallDisk& disk, const TortureOptions& options,
        std::uint64_t seed)
      : directory_(directory), disk_(disk), options_(options), seed_(seed) {}

  void run(CycleResult& result) {
    if (const auto started = start(); !started) {
      result.problems.push_back(started.error());
      return;
    }
    Workload workload(workload_options());
    if (!workload.start()) {
      result.problems.emplace_back("the queues could not be created");
      return;
    }
    FaultDriver faults(options_,
                       {hosts_, power_loss_ ? &*power_loss_ : nullptr, &disk_,
                        database_ ? &*database_ : nullptr, collectors_},
                       seed_);
    if (const auto done = faults.run(); !done) {
      result.problems.push_back(done.error());
      if (const auto again = start_what_ended(); !again) {
        result.problems.push_back(again.error());
      }
    }
    // Work goes on for a moment when all is well again, to show that it is.
    (void)workload.wait_for_posts(kPostsAfterFaults, kPostsWithin);
    Recording recording = workload.finish();
    for (Host& host : hosts_) {
      if (const auto ended = host.server.terminate(std::chrono::seconds(60)); !ended) {
        result.problems.push_back(ended.error());
      }
      if (host.page->journal_failures != 0) {
        result.problems.emplace_back("the file journal could not be written");
      }
    }
    for (CollectorProcess& collector : collectors_) {
      if (const auto ended = collector.process().terminate(std::chrono::seconds(60)); !ended) {
        result.problems.push_back(ended.error());
      }
      result.collections.add(collector.collections());
    }
    recording.history.clock_steps = faults.clock_steps();
    finish(recording, faults, result);
  }

 private:
  using Result = std::expected<void, std::string>;

  Result start() {
    if (!options_.database_command.empty()) {
      fs::create_directories(directory_ / "database");
      database_.emplace(options_.database_command, directory_ / "database");
      if (auto started = database_->start(); !started) {
        return started;
      }
    }
    for (unsigned number = 0; number < options_.hosts; ++number) {
      if (auto started = start_host(number); !started) {
        return started;
      }
    }
    for (unsigned number = 0; number < options_.collectors; ++number) {
      start_collector(number);
    }
    return {};
  }

  void start_collector(unsigned number) {
    const fs::path directory = directory_ / fmt::format("collector-{}", number);
    fs::create_directories(directory);
    CollectorProcess& collector = collectors_.emplace_back(CollectorSetup{
        options_.collector, directory, shared_options(number), options_.faults_library});
    collector.page()->clock_offset = clock_offset(options_.hosts + number);
    collector.process().spawn();
  }

  /// How far a process's wall clock is off.
  [[nodiscard]] std::int64_t clock_offset(unsigned number) const {
    const double off = options_.clock_offsets;
    if (off <= 0) {
      return 0;
    }
    std::mt19937_64 dice(seed_ + number);
    return static_cast<std::int64_t>(std::uniform_real_distribution<double>(-off, off)(dice) *
                                     kSecond);
  }

  /// One host alone has everything in the cycle's directory.
  Result start_host(unsigned number) {
    const fs::path directory =
        options_.hosts > 1 ? directory_ / fmt::format("host-{}", number) : directory_;
    fs::create_directories(directory / "data");
    Host& host = hosts_.emplace_back(ServerSetup{options_.server, directory, server_options(number),
                                                 options_.faults_library, directory / "faults"},
                                     directory / "data");
    host.page->dice = seed_ * 1'000'003 + number;
    host.page->clock_offset = clock_offset(number);
    if (has_any(options_, {"lose", "torn"})) {
      power_loss_.emplace(directory / "data", directory / "power");
      host.page.keep_journal(power_loss_->journal(), power_loss_->removed());
    }
    if (auto started = host.server.start(); !started) {
      return started;
    }
    if (host.page->loads == 0) {
      return std::unexpected("the server does not load " + options_.faults_library);
    }
    return {};
  }

  /// Whatever the faults left, for the clients to come to their end.
  Result start_what_ended() {
    if (database_) {
      database_->kill();
      if (auto started = database_->start(); !started) {
        return started;
      }
    }
    for (Host& host : hosts_) {
      if (!host.server.check_alive()) {
        if (auto started = host.server.start(); !started) {
          return started;
        }
      }
    }
    return {};
  }

  /// The options of the run; of the server or collector with this number.
  [[nodiscard]] std::vector<std::string> shared_options(unsigned number) const {
    std::vector<std::string> wanted = options_.server_options;
    for (std::string& option : wanted) {
      replace_all(option, "{host}", std::to_string(number));
      replace_all(option, "{database}", database_ ? database_->uri() : "");
    }
    return wanted;
  }

  [[nodiscard]] std::vector<std::string> server_options(unsigned number) const {
    std::vector<std::string> wanted = shared_options(number);
    if (deletes_with_claims(seed_)) {
      wanted.emplace_back("transport.message_delete_with_claim_id=true");
    }
    return wanted;
  }

  [[nodiscard]] WorkloadOptions workload_options() const {
    WorkloadOptions wanted = options_.workload;
    wanted.seed = seed_;
    wanted.deletes_with_claims = deletes_with_claims(seed_);
    wanted.clock_steps = !options_.has_shared_store() && has_any(options_, {"clock", "suspend"});
    for (const Host& host : hosts_) {
      wanted.client.ports.push_back(host.server.port());
    }
    wanted.client.cuts = has(options_, "cut") ? kCutShare : 0;
    if (has(options_, "long-stop")) {
      wanted.client.timeout = kPatienceWithSleepers;
    }
    return wanted;
  }

  void finish(const Recording& recording, const FaultDriver& faults, CycleResult& result) const {
    Tolerance tolerance;
    // A request that waits in a stopped server has its effect when that goes on.
    tolerance.settles += static_cast<Time>(options_.longest_stop * kSecond);
    if (has(options_, "long-stop")) {
      tolerance.settles += static_cast<Time>(kLongestSleep * kSecond);
    }
    // A server whose database dies gives out what it has taken, which an error would lose.
    tolerance.cut_pops = has(options_, "database");
    tolerance.slow_claims = options_.has_shared_store();
    tolerance.slow_purges = options_.has_shared_store();
    if (database_) {
      // What was sent to a server may wait for the database to be back.
      constexpr Time kDatabaseIsBackAfter = 10 * kSecond;
      tolerance.settles += kDatabaseIsBackAfter;
    }
    judge(recording, tolerance, result);
    result.events = recording.history.events.size();
    result.faults = faults.counts();
    result.faults.cuts = recording.cuts;
    count_posts(recording.history, faults, result);
    if (!result.problems.empty()) {
      write_history(recording.history, directory_ / "history");
    }
  }

  fs::path directory_;
  SmallDisk& disk_;
  const TortureOptions& options_;
  std::uint64_t seed_;
  std::optional<DatabaseProcess> database_;
  std::optional<PowerLoss> power_loss_;
  std::deque<Host> hosts_;
  std::deque<CollectorProcess> collectors_;
};

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::caught:
      return "caught";
    case Verdict::missed:
      return "missed";
  }
  return "?";
}

std::vector<std::string> faults_of(const TortureOptions& options, std::uint64_t seed) {
  if (!options.mixed) {
    return options.faults;
  }
  std::vector<std::string> others = options.faults;
  const auto first = others.begin() + static_cast<std::ptrdiff_t>(seed % others.size());
  std::vector<std::string> chosen = {*first};
  others.erase(first);
  std::mt19937_64 dice(seed);
  std::ranges::sample(others, std::back_inserter(chosen), static_cast<std::ptrdiff_t>(dice() % 3),
                      dice);
  return chosen;
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
    const auto mounted = has(options, "full-disk") ? disk.mount(directory / "data")
                                                   : std::expected<void, std::string>();
    if (mounted) {
      Cycle(directory, disk, options, seed).run(result);
    } else {
      result.problems.push_back(mounted.error());
    }
  }
  result.verdict = options.expect_violations
                       ? (result.violations > 0 ? Verdict::caught : Verdict::missed)
                       : (result.problems.empty() ? Verdict::passed : Verdict::failed);
  if (result.verdict == Verdict::failed) {
    result.evidence = directory;
  } else {
    fs::remove_all(directory);
  }
  result.seconds = Seconds(steady_clock::now() - begun).count();
  return result;
}

namespace {

/// The number of cycles in which deletions by ids need a claim.
unsigned strict_cycles(const TortureOptions& options) {
  unsigned cycles = 0;
  for (unsigned i = 0; i < options.cycles; ++i) {
    cycles += deletes_with_claims(options.seed + i);
  }
  return cycles;
}

/// `need(have, want, what)` takes note of what is missing.
void need_faults(const TortureOptions& options, const Coverage& coverage, const FaultCounts& faults,
                 const auto& need) {
  // How often each can be expected to come up, as they share the time.
  const double often = std::max(
      1.0, options.cycles * options.seconds / 5 / static_cast<double>(options.faults.size()));
  if (has_any(options, {"kill", "lose", "torn"})) {
    need(faults.kills, often / 2, "kills");
    need(coverage.lost_answers, often, "lost answers");
  }
  if (has_any(options, {"lose", "torn"})) {
    need(faults.power_losses, often / 2, "power losses");
    need(faults.losses.bytes, 1, "bytes lost at a power loss");
  }
  if (has(options, "torn") && often >= 4) {  // not every power loss finds a file to tear
    need(faults.losses.torn, 1, "files torn at a power loss");
  }
  if (has_any(options, {"stop", "suspend"})) {
    need(faults.stops, often / 2, "stops");
  }
  if (has_any(options, {"full", "full-disk"})) {
    need(faults.full_disks, often / 2, "full disks");
    need(coverage.unavailable, 1, "answers 503");
  }
  if (has(options, "full")) {
    need(faults.refused_for_room, 1, "calls refused for lack of room");
  }
  if (has(options, "write-error")) {
    need(faults.failed_writes, 1, "failed writes");
  }
  if (has(options, "sync-error")) {
    need(faults.failed_syncs, 1, "failed syncs");
  }
  if (has(options, "read-error")) {
    need(faults.failed_reads, 1, "failed reads");
  }
  if (has_any(options, {"write-error", "sync-error"})) {
    need(coverage.unavailable, 1, "answers 503");
    need(faults.recoveries, 1, "reopenings");
  }
  if (has(options, "long-stop")) {
    need(faults.long_stops, options.cycles, "long stops");
  }
  if (options.collectors > 0 && has(options, "kill")) {
    need(faults.collector_kills, often / 6, "kills of collectors");
  }
  if (has(options, "database")) {
    need(faults.database_kills, often / 2, "kills of the database");
  }
  if (has_any(options, {"clock", "suspend"})) {
    need(faults.clock_steps, often / 2, "steps of the clock");
  }
  if (has_any(options, {"clock", "suspend"}) && !options.has_shared_store()) {
    need(coverage.claims_ended_by_clock, 1, "claims ended by the clock");
    need(coverage.expired, often, "messages that ended by themselves");
  }
  if (has(options, "cut")) {
    need(faults.cuts, options.cycles, "cut connections");
  }
}

}  // namespace

std::vector<std::string> shortcomings(const TortureOptions& options, const Coverage& coverage,
                                      const FaultCounts& faults, const Collections& collections,
                                      std::size_t posts_after) {
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
    need(posts_after, cycles, "posts acknowledged after the last fault");
  }
  if (clients.consumers > 0) {
    need(coverage.claims, 2 * work, "claims");
    need(coverage.renewals, work / 10, "renewals");
    need(coverage.releases, work / 10, "releases");
    need(coverage.deletions, work, "deletions");
    need(coverage.late_refusals, work / 20, "workers refused after their claim");
    need(coverage.pops, work, "pops");
    need(coverage.purges, work / 10, "purges");
    if (!has(options, "long-stop")) {  // for minutes, a lost purge may have taken what was there
      need(coverage.purged, work, "messages purged");
    }
    if (clients.producers > 0) {
      const double least_messages = cycles * kLeastRounds * kLeastParts;
      need(coverage.got, least_messages, "messages got by their ids");
      need(coverage.gone_when_asked, least_messages, "messages asked for when deleted");
      need(coverage.removals, cycles * kLeastRounds, "deletions of queues");
      need(coverage.removed, least_messages, "messages deleted with their queue");
      need(coverage.posted_anew, least_messages, "messages in queues made anew");
      need(coverage.letters, cycles * kLeastRounds, "messages in the dead-letter queue");
    }
    need(coverage.taken_after_delay, work / 4, "messages taken after their delay");
    if (const unsigned strict = strict_cycles(options); strict > 0) {
      need(coverage.claimed_deletions, strict * options.seconds / 10, "deletions by ids and claim");
      need(coverage.claimed_refusals, strict * options.seconds / 10, "such deletions refused");
    }
  }
  if (clients.consumers > 0 && clients.claims_end) {
    need(coverage.claims_ended_by_clock, cycles, "claims ended by the clock");
    need(coverage.taken_after_clock, cycles, "messages claimed again after that");
  }
  if (clients.producers > 0 && clients.claims_end) {
    need(coverage.expired, work, "messages that ended by themselves");
    need(coverage.seen_late_in_life, work / 2, "messages seen late in their life");
  }
  need_faults(options, coverage, faults, need);
  if (options.collectors > 0) {
    need(collections.passes, cycles, "passes of collectors");
  }
  return missing;
}

}  // namespace marconi::history
