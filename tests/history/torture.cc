// marconi-torture: drives servers under faults and has their histories judged by the promise.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "history/cycle.h"
#include "history/ledger.h"
#include "history/torture_options.h"

namespace {

using namespace marconi::history;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// The faults that happened, in words.
std::string words_for(const FaultCounts& faults) {
  std::string text;
  const auto add = [&](std::uint64_t number, std::string_view what) {
    if (number != 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, what);
    }
  };
  add(faults.kills, "kills");
  add(faults.power_losses, "power losses");
  add(faults.losses.bytes, "bytes lost");
  add(faults.losses.torn, "files torn");
  add(faults.losses.names, "names undone");
  add(faults.stops, "stops");
  add(faults.clock_steps, "clock steps");
  add(faults.cuts, "cut connections");
  add(faults.full_disks, "full disks");
  add(faults.refused_for_room, "calls refused for lack of room");
  add(faults.short_writes, "short writes");
  add(faults.error_spells, "spells of errors");
  add(faults.failed_writes, "failed writes");
  add(faults.failed_syncs, "failed syncs");
  add(faults.failed_reads, "failed reads");
  add(faults.recoveries, "reopenings");
  add(faults.database_kills, "kills of the database");
  add(faults.long_stops, "long stops");
  add(faults.collector_kills, "kills of collectors");
  add(faults.collector_stops, "stops of collectors");
  return text.empty() ? "none" : text;
}

void show_cycle(unsigned number, const TortureOptions& options, const CycleResult& result) {
  const Coverage& coverage = result.coverage;
  say(fmt::format(
      "cycle {}/{} seed {} with {}: {} in {:.1f} s; {} messages, {} claims, {} deletions, "
      "{} lost answers ({} of them 503); faults: {}\n",
      number, options.cycles, result.seed, fmt::join(options.faults, ","),
      to_string(result.verdict), result.seconds, coverage.messages_stored, coverage.claims,
      coverage.deletions, coverage.lost_answers, coverage.unavailable, words_for(result.faults)));
  if (result.verdict == Verdict::caught) {
    say(fmt::format("  {} violations, such as: {}\n", result.violations,
                    result.problems.front().substr(0, result.problems.front().find('\n'))));
    return;
  }
  for (const std::string& problem : result.problems) {
    say("  " + problem + "\n");
  }
  if (!result.evidence.empty()) {
    say(fmt::format("  history, store and log: {}\n", result.evidence));
  }
}

/// What came of all cycles of a run.
struct Totals {
  Coverage coverage;
  FaultCounts faults;
  Collections collections;
  std::size_t events = 0;
  std::size_t posts_before = 0;
  std::size_t posts_after = 0;
  std::vector<std::uint64_t> failed;  ///< seeds

  void add(const CycleResult& result) {
    coverage.add(result.coverage);
    faults.add(result.faults);
    collections.add(result.collections);
    events += result.events;
    posts_before += result.posts_before;
    posts_after += result.posts_after;
    if (is_failure(result.verdict)) {
      failed.push_back(result.seed);
    }
  }
};

void show_totals(const Totals& totals) {
  const Coverage& sum = totals.coverage;
  std::vector<std::size_t> seen = sum.seen_by_scan;
  std::ranges::sort(seen);
  if (!seen.empty()) {
    say(fmt::format("scans: {}, each with {} to {} messages, half of them with {} or more\n",
                    seen.size(), seen.front(), seen.back(), seen[seen.size() / 2]));
  }
  say(fmt::format("requests: {}; answers lost: {}, {} of them 503\n", totals.events,
                  sum.lost_answers, sum.unavailable));
  say(fmt::format("posts acknowledged: {}; without an answer: {}, of which {} were stored\n",
                  sum.posts, sum.lost_posts, sum.lost_posts_stored));
  say(fmt::format("posts acknowledged before the first fault: {}; after the last: {}\n",
                  totals.posts_before, totals.posts_after));
  say(fmt::format("messages stored: {}; deleted: {}\n", sum.messages_stored, sum.deletions));
  say(fmt::format(
      "claims: {}, renewed {}, released {}; ended by the clock: {}, after which {} "
      "messages were claimed again\n",
      sum.claims, sum.renewals, sum.releases, sum.claims_ended_by_clock, sum.taken_after_clock));
  say(fmt::format("workers refused after the end of their claim: {}\n", sum.late_refusals));
  say(fmt::format("pops: {}, of {} messages; messages taken after their delay: {}\n", sum.pops,
                  sum.popped, sum.taken_after_delay));
  say(fmt::format("purges: {}, of {} messages\n", sum.purges, sum.purged));
  say(fmt::format("gets by ids: {}, of {} messages; named though deleted: {}\n", sum.gets, sum.got,
                  sum.gone_when_asked));
  say(fmt::format(
      "deletions of queues: {}, of {} messages; messages posted into queues made anew: {}\n",
      sum.removals, sum.removed, sum.posted_anew));
  say(fmt::format("messages that moved to the dead-letter queue: {}\n", sum.letters));
  say(fmt::format("deletions by ids and claim: {}, refused {}\n", sum.claimed_deletions,
                  sum.claimed_refusals));
  say(fmt::format(
      "messages that ended by themselves: {}, of which {} were seen late in their life\n",
      sum.expired, sum.seen_late_in_life));
  if (const Collections& did = totals.collections; did.passes > 0) {
    say(fmt::format("passes of collectors: {}; messages removed: {}; posts completed: {}\n",
                    did.passes, did.expired_messages, did.completed_posts));
  }
  say(fmt::format("faults: {}\n", words_for(totals.faults)));
}

/// Says what is wrong with the run as a whole; whether all is well.
bool conclude(const TortureOptions& options, const Totals& totals) {
  if (options.expect_violations) {
    const bool all_missed = totals.failed.size() == options.cycles;
    say(all_missed ? "FAILED: no violation was found, and there must be some\n"
                   : "violations were found, as they must be\n");
    return !all_missed;
  }
  const std::vector<std::string> missing =
      shortcomings(options, totals.coverage, totals.faults, totals.collections, totals.posts_after);
  for (const std::string& what : missing) {
    say(fmt::format("FAILED: exercised too little: {}\n", what));
  }
  for (const std::uint64_t seed : totals.failed) {
    say(fmt::format("FAILED: the cycle with seed {}\n", seed));
  }
  const bool good = totals.failed.empty() && missing.empty();
  if (good) {
    say(fmt::format("{} cycles, no violation\n", options.cycles));
  }
  return good;
}

int run(const TortureOptions& options) {
  Totals totals;
  for (unsigned number = 1; number <= options.cycles; ++number) {
    TortureOptions cycle = options;
    cycle.faults = faults_of(options, options.seed + number - 1);
    const CycleResult result = run_cycle(cycle, options.seed + number - 1);
    show_cycle(number, cycle, result);
    if (!options.ledger.empty() && !append_to_ledger(cycle, result)) {
      say(fmt::format("cannot write to {}\n", options.ledger));
      return 2;
    }
    totals.add(result);
  }
  show_totals(totals);
  return conclude(options, totals) ? 0 : 1;
}

/// What does not go together among the options, in words; empty if all does.
std::string what_does_not_go(const TortureOptions& options) {
  const auto has = [&](std::string_view fault) {
    return std::ranges::find(options.faults, fault) != options.faults.end();
  };
  if (has("full-disk") && (has("lose") || has("torn"))) {
    return "full-disk does not go with lose or torn; full does";
  }
  for (const std::string_view fault :
       {"lose", "torn", "full", "full-disk", "write-error", "sync-error", "read-error"}) {
    if (options.has_shared_store() && has(fault)) {
      return fmt::format("{} is for a server with files of its own", fault);
    }
  }
  if (has("database") && options.database_command.empty()) {
    return "database needs a --database-command";
  }
  if (options.collectors > 0 && options.database_command.empty()) {
    return "collectors need a --database-command";
  }
  if (has("long-stop") && options.hosts < 2) {
    return "long-stop needs other hosts that go on";
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  TortureOptions options;
  options.seed = std::random_device{}();
  bool sum = false;
  CLI::App app(
      "Runs servers under faults while producers, observers, consumers and deleters are at work, "
      "and checks the history of each cycle against the promise.");
  app.add_option("--server", options.server, "The marconi-server to run; default: beside this one");
  app.add_option(
      "--server-option", options.server_options,
      "An option of the server, as its --option takes it; several may be given. {host} in "
      "it is the number of the host, {database} the connection string of the database");
  app.add_option("--hosts", options.hosts, "Servers in each cycle, on one store that they share")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  app.add_option(
      "--database-command", options.database_command,
      "A command that starts the store which the servers share. It prints its connection "
      "string and runs until its input ends. {port} in it is a free port, {directory} a "
      "directory that outlives kills");
  app.add_option("--collectors", options.collectors,
                 "Collectors that run beside the servers; kill and stop hit them, too. They get "
                 "the options of the servers")
      ->capture_default_str()
      ->check(CLI::Range(0, 16));
  app.add_option("--collector", options.collector,
                 "The marconi-gc to run; default: beside this one");
  app.add_option("--clock-offsets", options.clock_offsets,
                 "Seconds by which the wall clock of each host and collector is off at most")
      ->check(CLI::Range(0.0, 1e6));
  app.add_flag("--expect-violations", options.expect_violations,
               "Fail unless violations are found: for a server known to break the promise");
  app.add_option("--cycles", options.cycles, "Each with a server and a store of its own")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Work and faults in each cycle")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 86400.0));
  app.add_option(
         "--faults", options.faults,
         "kill: kill -9 and restart; lose: the same, and what was not synced is lost; torn: "
         "as lose, but a part survives, the end of it perhaps as garbage; stop: SIGSTOP for "
         "a while; suspend: as stop, and the wall clock goes on by up to an hour; clock: the "
         "wall clock steps forward or back; cut: connections cut by clients; full: no room "
         "on the disk for a while; full-disk: the same, by a tmpfs (needs root, not with "
         "lose or torn); write-error, sync-error, read-error: such calls fail for a while; "
         "database: kill -9 of the database and restart; long-stop: SIGSTOP of one of several "
         "hosts for longer than a claim lasts, while the other faults go on; none; all: all but "
         "full-disk, database and long-stop")
      ->delimiter(',')
      ->check(CLI::IsMember({"kill", "lose", "torn", "stop", "suspend", "clock", "cut", "full",
                             "full-disk", "write-error", "sync-error", "read-error", "database",
                             "long-stop", "none", "all"}))
      ->capture_default_str();
  app.add_flag("--mixed", options.mixed,
               "Each cycle has only one to three of the faults, by its seed; all get their turn");
  app.add_option("--longest-stop", options.longest_stop, "Seconds that a stop may last")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 600.0));
  app.add_flag("--claims-end", options.workload.claims_end,
               "After the work, wait until all claims have ended by the clock (68 s), try what "
               "workers may do no more, and claim everything again");
  app.add_option("--producers", options.workload.producers)->capture_default_str();
  app.add_option("--observers", options.workload.observers)->capture_default_str();
  app.add_option("--consumers", options.workload.consumers)->capture_default_str();
  app.add_option("--deleters", options.workload.deleters)->capture_default_str();
  app.add_option("--queues", options.workload.queues)
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--pace", options.workload.pace, "Milliseconds between two posts of a producer")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the first cycle; each next one has the next number");
  app.add_option("--ledger", options.ledger, "File to which each cycle appends a line of JSON");
  app.add_option("--scratch", options.scratch, "Where stores are made and evidence is left");
  app.add_option("--commit", options.commit, "What is tested, for the ledger");
  app.add_flag("--sum", sum, "Only add up the ledger");
  CLI11_PARSE(app, argc, argv);
  if (options.faults == std::vector<std::string>{"all"}) {
    options.faults = {"kill", "lose", "torn",        "stop",       "suspend",   "clock",
                      "cut",  "full", "write-error", "sync-error", "read-error"};
  }
  if (const std::string problem = what_does_not_go(options); !problem.empty()) {
    say(problem + "\n");
    return 2;
  }
  if (sum) {
    say(sum_of_ledger(options.ledger));
    return 0;
  }
  const std::string self = argv[0];
  const std::string beside = self.substr(0, self.rfind('/') + 1);
  if (options.server.empty()) {
    options.server = beside + "marconi-server";
  }
  if (options.collector.empty()) {
    options.collector = beside + "marconi-gc";
  }
  options.faults_library = std::filesystem::canonical(beside + "marconi-faults.so");
  return run(options);
}
