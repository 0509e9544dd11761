#include "siege/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <iterator>

namespace marconi::siege {
namespace {

constexpr std::uint64_t kMebibyte = 1024 * 1024;

std::uint64_t mebibytes(std::uint64_t bytes) { return (bytes + kMebibyte / 2) / kMebibyte; }

/// What came of the attackers' connections, in words; the counters are the server's.
std::string fate(const TrialResult& result) {
  std::vector<std::string> parts;
  for (const auto& [status, count] : result.crowd.answers) {
    parts.push_back(fmt::format("{} answered {}", count, status));
  }
  const auto add = [&](const char* counter, std::string_view what) {
    const std::uint64_t count = result.during.at(counter);
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add("requests_in_line", "requests in line");
  add("connections_ended_for_room", "made room");
  add("connections_ended_by_timeout", "timed out");
  add("connections_refused_total_limit", "refused at the limit");
  return fmt::format("{} opened, {} held{}{}", result.crowd.opened, result.held,
                     parts.empty() ? "" : "; ", fmt::join(parts, ", "));
}

std::string json_of(const Finding& finding) {
  const TrialResult& result = finding.result;
  std::string counters;
  for (const auto& [name, value] : result.during) {
    fmt::format_to(std::back_inserter(counters), "{}\"{}\": {}", counters.empty() ? "" : ", ", name,
                   static_cast<std::int64_t>(value));
  }
  std::string answers;
  for (const auto& [status, count] : result.crowd.answers) {
    fmt::format_to(std::back_inserter(answers), "{}\"{}\": {}", answers.empty() ? "" : ", ", status,
                   count);
  }
  return fmt::format(
      "  {{\"attack\": \"{}\", \"connections\": {}, \"opened\": {}, \"answers\": {{{}}},\n"
      "   \"quiet_ms\": {{\"requests\": {}, \"p50\": {:.3f}, \"p99\": {:.3f}}},\n"
      "   \"attacked_ms\": {{\"requests\": {}, \"p50\": {:.3f}, \"p99\": {:.3f}}},\n"
      "   \"memory_bytes\": {{\"before\": {}, \"peak\": {}, \"bound\": {}}},\n"
      "   \"counters\": {{{}}},\n   \"wrong\": {}, \"held\": {}, \"passed\": {}}}",
      finding.attack->name, finding.attack->connections, result.crowd.opened, answers,
      finding.quiet.milliseconds.size(), finding.quiet.percentile(0.5),
      finding.quiet.percentile(0.99), result.victims.milliseconds.size(),
      result.victims.percentile(0.5), result.victims.percentile(0.99), result.memory_before,
      result.memory_peak, result.memory_bound, counters, result.victims.wrong, result.held,
      result.problems.empty());
}

}  // namespace

double slowdown(const Finding& finding) {
  const double quiet = finding.quiet.percentile(0.99);
  return quiet > 0 ? finding.result.victims.percentile(0.99) / quiet : 0;
}

std::string heading() {
  return fmt::format("{:<27}{:>9}{:>9}{:>9}{:>9}{:>7}{:>7}{:>7}  {}\n", "", "quiet", "", "attack",
                     "", "", "memory", "", "") +
         fmt::format("{:<27}{:>9}{:>9}{:>9}{:>9}{:>7}{:>7}{:>7}  {}\n", "attack", "p50 ms",
                     "p99 ms", "p50 ms", "p99 ms", "ratio", "MiB", "bound", "connections");
}

std::string line_of(const Finding& finding) {
  const TrialResult& result = finding.result;
  return fmt::format("{:<27}{:>9.2f}{:>9.2f}{:>9.2f}{:>9.2f}{:>7.2f}{:>7}{:>7}  {}\n",
                     finding.attack->name, finding.quiet.percentile(0.5),
                     finding.quiet.percentile(0.99), result.victims.percentile(0.5),
                     result.victims.percentile(0.99), slowdown(finding),
                     mebibytes(result.memory_peak), mebibytes(result.memory_bound), fate(result));
}

std::string as_json(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) lines.push_back(json_of(finding));
  return fmt::format("[\n{}\n]\n", fmt::join(lines, ",\n"));
}

std::string as_page(const std::vector<Finding>& findings, std::string_view command) {
  std::string page = fmt::format(
      "# Hostile load\n\n"
      "What hostile clients do to others, on a machine with {} processors. Written by\n"
      "`{}`;\n"
      "[testing](testing.md#siege) says what is measured and how,\n"
      "[architecture](architecture.md#turns) how clients take turns.\n\n"
      "Victims' latencies are 99th percentiles in ms. Memory is what the server's process had in\n"
      "use before and at most during the attack, in MiB, and the bound for the latter. An answer "
      "is\n"
      "wrong, too, if it is missing.\n\n"
      "| Attack | Quiet | Attacked | Ratio | Memory | Bound | Wrong answers | What came of it |\n"
      "|---|---|---|---|---|---|---|---|\n",
      ::sysconf(_SC_NPROCESSORS_ONLN), command);
  for (const Finding& finding : findings) {
    const TrialResult& result = finding.result;
    fmt::format_to(std::back_inserter(page),
                   "| **{}**: {} | {:.1f} | {:.1f} | {:.2f} | {} → {} | {} | {} | {} |\n",
                   finding.attack->name, finding.attack->what, finding.quiet.percentile(0.99),
                   result.victims.percentile(0.99), slowdown(finding),
                   mebibytes(result.memory_before), mebibytes(result.memory_peak),
                   mebibytes(result.memory_bound), result.victims.wrong, fate(result));
  }
  return page;
}

}  // namespace marconi::siege
