#include "history/ledger.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <sstream>
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
          {"database_kills", result.faults.database_kills},
          {"long_stops", result.faults.long_stops},
          {"collector_kills", result.faults.collector_kills},
          {"collector_stops", result.faults.collector_stops},
          {"collector_passes", result.collections.passes},
          {"collected", result.collections.expired_messages},
          {"completed_posts", result.collections.completed_posts},
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
          {"taken_after_clock", coverage.taken_after_clock},
          {"pops", coverage.pops},
          {"popped", coverage.popped},
          {"taken_after_delay", coverage.taken_after_delay},
          {"purges", coverage.purges},
          {"purged", coverage.purged},
          {"gets", coverage.gets},
          {"got", coverage.got},
          {"gone_when_asked", coverage.gone_when_asked},
          {"removals", coverage.removals},
          {"removed", coverage.removed},
          {"posted_anew", coverage.posted_anew},
          {"letters", coverage.letters},
          {"claimed_deletions", coverage.claimed_deletions},
          {"claimed_refusals", coverage.claimed_refusals},
          {"expired", coverage.expired},
          {"seen_late_in_life", coverage.seen_late_in_life}};
}

/// What all cycles come to.
class Sums {
 public:
  void add(const std::vector<encoding::JsonMember>& cycle) {
    ++cycles_;
    for (const encoding::JsonMember& member : cycle) {
      if (member.name == "verdict") {
        ++verdicts_[member.value.as_string().value_or("?")];
      } else if (member.name == "faults") {
        add_faults(member.value.as_string().value_or("?"));
      } else if (member.name == "seconds") {
        seconds_ += std::strtod(std::string(member.value.raw).c_str(), nullptr);
      } else {
        numbers_[member.name] += member.value.as_integer().value_or(0);
      }
    }
  }

  [[nodiscard]] std::string in_words() const {
    std::string text =
        fmt::format("{:>12} cycles, {:.1f} hours in all\n", cycles_, seconds_ / 3600);
    for (const auto& [verdict, cycles] : verdicts_) {
      text += fmt::format("{:>12} {}\n", cycles, verdict);
    }
    text += "cycles with the fault\n";
    for (const auto& [fault, cycles] : faults_) {
      text += fmt::format("{:>12} {}\n", cycles, fault);
    }
    text += "what happened in them\n";
    for (const auto& [name, unused] : numbers_of({})) {
      const auto number = numbers_.find(name);
      text += fmt::format("{:>12} {}\n", number == numbers_.end() ? 0 : number->second, name);
    }
    return text;
  }

 private:
  void add_faults(const std::string& joined) {
    std::istringstream words(joined);
    for (std::string fault; std::getline(words, fault, ',');) {
      ++faults_[fault];
    }
  }

  std::size_t cycles_ = 0;
  double seconds_ = 0;
  std::map<std::string, std::size_t> verdicts_;
  std::map<std::string, std::size_t> faults_;
  std::map<std::string, std::int64_t, std::less<>> numbers_;
};

}  // namespace

bool append_to_ledger(const TortureOptions& options, const CycleResult& result) {
  const auto utc = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string line = fmt::format(
      R"({{"finished": "{:%FT%TZ}", "commit": {}, "verdict": "{}", "seed": {}, "faults": "{}", )"
      R"("seconds": {:.1f})",
      utc, encoding::json_string(options.commit), to_string(result.verdict), result.seed,
      joined(options.faults), result.seconds);
  if (options.hosts > 1) {
    line += fmt::format(R"(, "hosts": {})", options.hosts);
  }
  if (options.collectors > 0) {
    line += fmt::format(R"(, "collectors": {})", options.collectors);
  }
  if (!options.server_options.empty()) {
    line += R"(, "server_options": )" + encoding::json_string(joined(options.server_options));
  }
  for (const auto& [name, number] : numbers_of(result)) {
    if (number != 0) {
      line += fmt::format(R"(, "{}": {})", name, number);
    }
  }
  if (!result.problems.empty()) {
    const std::string& problem = result.problems.front();
    line += R"(, "problem": )" + encoding::json_string(problem.substr(0, problem.find('\n')));
  }
  std::ofstream file(options.ledger, std::ios::app);
  file << line << "}\n" << std::flush;
  return file.good();
}

std::string sum_of_ledger(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return "cannot read " + path + "\n";
  }
  Sums sums;
  for (std::string line; std::getline(file, line);) {
    const auto document = encoding::parse_json(line);
    if (!document) {
      return "no ledger: " + path + "\n";
    }
    sums.add(document->members());
  }
  return sums.in_words();
}

}  // namespace marconi::history
