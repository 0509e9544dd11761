#include "history/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "encoding/json_document.h"
#include "encoding/json_text.h"

namespace marconi::history {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

/// The numbers of a cycle, by the names they have in the ledger.
std::vector<std::pair<std::string_view, std::size_t>> numbers_of(const CycleResult& result) {
  const Coverage& coverage = result.coverage;
  const std::size_t seen =
      std::accumulate(coverage.seen_by_scan.begin(), coverage.seen_by_scan.end(), std::size_t{0});
  return {{"kills", result.faults.kills},
          {"power_losses", result.faults.power_losses},
          {"bytes_lost", result.faults.losses.bytes},
          {"files_torn", result.faults.losses.torn},
          {"names_undone", result.faults.losses.names},
          {"stops", result.faults.stops},
          {"clock_steps", result.faults.clock_steps},
          {"cuts", result.faults.cuts},
          {"full_disks", result.faults.full_disks},
          {"refused_for_room", result.faults.refused_for_room},
          {"short_writes", result.faults.short_writes},
          {"error_spells", result.faults.error_spells},
          {"failed_writes", result.faults.failed_writes},
          {"failed_syncs", result.faults.failed_syncs},
          {"failed_reads", result.faults.failed_reads},
          {"reopenings", result.faults.recoveries},
          {"posts_before", result.posts_before},
          {"posts_after", result.posts_after},
          {"events", result.events},
          {"lost_answers", coverage.lost_answers},
          {"unavailable", coverage.unavailable},
          {"posts", coverage.posts},
          {"lost_posts", coverage.lost_posts},
          {"lost_posts_stored", coverage.lost_posts_stored},
          {"messages", coverage.messages_stored},
          {"scans", coverage.seen_by_scan.size()},
          {"seen", seen},
          {"claims", coverage.claims},
          {"renewals", coverage.renewals},
          {"releases", coverage.releases},
          {"deletions", coverage.deletions},
          {"late_refusals", coverage.late_refusals},
          {"claims_ended_by_clock", coverage.claims_ended_by_clock},
          {"taken_after_clock", coverage.taken_after_clock}};
}

}  // namespace

bool append_to_ledger(const TortureOptions& options, const CycleResult& result) {
  const WorkloadOptions& clients = options.workload;
  const auto utc = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::string line = fmt::format(
      R"({{"utc": {}, "seed": {}, "verdict": "{}", "seconds": {:.1f}, "work": {}, "faults": "{}", )"
      R"("producers": {}, "observers": {}, "consumers": {}, "deleters": {}, "queues": {}, )"
      R"("claims_end": {})",
      utc.count(), result.seed, to_string(result.verdict), result.seconds, options.seconds,
      joined(options.faults), clients.producers, clients.observers, clients.consumers,
      clients.deleters, clients.queues, clients.claims_end);
  for (const auto& [name, number] : numbers_of(result)) {
    line += fmt::format(R"(, "{}": {})", name, number);
  }
  if (!result.problems.empty()) {
    line += R"(, "problem": )" + encoding::json_string(result.problems.front());
  }
  std::ofstream file(options.ledger, std::ios::app);
  file << line << "}\n" << std::flush;
  return file.good();
}

std::string sum_of_ledger(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return "cannot read " + path;
  }
  std::map<std::string, std::int64_t> sums;
  std::int64_t cycles = 0;
  std::int64_t failed = 0;
  const auto names = numbers_of({});
  for (std::string line; std::getline(file, line);) {
    const auto document = encoding::parse_json(line);
    if (!document) {
      return "no ledger: " + path;
    }
    ++cycles;
    for (const encoding::JsonMember& member : document->members()) {
      failed += member.name == "verdict" && member.value.raw == R"("failed")";
      if (std::ranges::find(names, member.name, [](auto& pair) { return pair.first; }) !=
          names.end()) {
        sums[member.name] += member.value.as_integer().value_or(0);
      }
    }
  }
  std::string text = fmt::format("{:>12} cycles\n{:>12} failed\n", cycles, failed);
  for (const auto& [name, number] : names) {
    text += fmt::format("{:>12} {}\n", sums[std::string(name)], name);
  }
  return text;
}

}  // namespace marconi::history
