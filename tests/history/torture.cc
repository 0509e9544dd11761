// marconi-torture: drives servers under faults and has their histories judged by the promise.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
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

void show_cycle(unsigned number, unsigned cycles, const CycleResult& result) {
  const Coverage& coverage = result.coverage;
  say(fmt::format(
      "cycle {}/{} seed {}: {} in {:.1f} s; {} messages, {} claims, {} deletions, "
      "{} lost answers, {} kills, {} stops, {} cuts, {} full disks\n",
      number, cycles, result.seed, result.problems.empty() ? "ok" : "FAILED", result.seconds,
      coverage.messages_stored, coverage.claims, coverage.deletions, coverage.lost_answers,
      result.faults.kills, result.faults.stops, result.faults.cuts, result.faults.full_disks));
  for (const std::string& problem : result.problems) {
    say("  " + problem + "\n");
  }
  if (!result.evidence.empty()) {
    say(fmt::format("  history, store and log: {}\n", result.evidence));
  }
}

void show_sum(std::size_t events, const Coverage& sum, const FaultCounts& faults) {
  std::vector<std::size_t> seen = sum.seen_by_scan;
  std::ranges::sort(seen);
  if (!seen.empty()) {
    say(fmt::format("scans: {}, each with {} to {} messages, half of them with {} or more\n",
                    seen.size(), seen.front(), seen.back(), seen[seen.size() / 2]));
  }
  say(fmt::format("requests: {}; answers lost: {}\n", events, sum.lost_answers));
  say(fmt::format("posts acknowledged: {}; without an answer: {}, of which {} were stored\n",
                  sum.posts, sum.lost_posts, sum.lost_posts_stored));
  say(fmt::format("messages stored: {}; deleted: {}\n", sum.messages_stored, sum.deletions));
  say(fmt::format(
      "claims: {}, renewed {}, released {}; ended by the clock: {}, after which {} "
      "messages were claimed again\n",
      sum.claims, sum.renewals, sum.releases, sum.claims_ended_by_clock, sum.taken_after_clock));
  say(fmt::format("workers refused after the end of their claim: {}\n", sum.late_refusals));
  say(fmt::format("faults: {} kills, {} stops, {} cut connections, {} full disks\n", faults.kills,
                  faults.stops, faults.cuts, faults.full_disks));
}

int run(const TortureOptions& options) {
  Coverage sum;
  FaultCounts faults;
  std::size_t events = 0;
  std::vector<std::uint64_t> failed;
  for (unsigned number = 1; number <= options.cycles; ++number) {
    const CycleResult result = run_cycle(options, options.seed + number - 1);
    show_cycle(number, options.cycles, result);
    if (!options.ledger.empty() && !append_to_ledger(options, result)) {
      say(fmt::format("cannot write to {}\n", options.ledger));
      return 2;
    }
    sum.add(result.coverage);
    events += result.events;
    faults.add(result.faults);
    if (!result.problems.empty()) {
      failed.push_back(result.seed);
    }
  }
  show_sum(events, sum, faults);
  const std::vector<std::string> missing = shortcomings(options, sum, faults);
  for (const std::string& what : missing) {
    say(fmt::format("FAILED: exercised too little: {}\n", what));
  }
  for (const std::uint64_t seed : failed) {
    say(fmt::format("FAILED: the cycle with seed {}\n", seed));
  }
  if (failed.empty() && missing.empty()) {
    say(fmt::format("{} cycles, no violation\n", options.cycles));
  }
  return failed.empty() && missing.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  TortureOptions options;
  options.seed = std::random_device{}();
  std::string sum;
  CLI::App app(
      "Runs servers under faults while producers, observers, consumers and deleters are at work, "
      "and checks the history of each cycle against the promise.");
  app.add_option("--server", options.server, "The marconi-server to run; default: beside this one");
  app.add_option("--cycles", options.cycles, "Each with a server and a store of its own")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Work and faults in each cycle")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 86400.0));
  app.add_option("--faults", options.faults,
                 "kill: kill -9 and restart; stop: SIGSTOP for a while; cut: connections cut by "
                 "clients; full: a full disk for a while (mounts a tmpfs); none")
      ->delimiter(',')
      ->check(CLI::IsMember({"kill", "stop", "cut", "full", "none"}))
      ->capture_default_str();
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
  app.add_option("--sum", sum, "Only add up this ledger");
  CLI11_PARSE(app, argc, argv);
  if (!sum.empty()) {
    say(sum_of_ledger(sum));
    return 0;
  }
  if (options.server.empty()) {
    std::string self = argv[0];
    options.server = self.substr(0, self.rfind('/') + 1) + "marconi-server";
  }
  return run(options);
}
