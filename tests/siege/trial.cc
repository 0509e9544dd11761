#include "siege/trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

namespace marconi::siege {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kMebibyte = 1024 * 1024;

/// What a connection may take, whatever it does: its two buffers and what belongs to it.
constexpr std::uint64_t kBytesPerConnection = 40 * 1024;

/// What the store may fill of its caches meanwhile, and answers that are being made.
constexpr std::uint64_t kAllowance = 128 * kMebibyte;

/// How long after the planned time, or after it got more of them, an attack may take to get all its
/// connections. Some never do.
constexpr milliseconds kGathering(300);

/// How long the server may take to notice that all are gone.
constexpr milliseconds kSettling(15'000);

constexpr std::string_view kEnded = "connections_ended_";

void gather(const Crowd& crowd, const Attack& attack) {
  const milliseconds planned(1000 * attack.connections / attack.opened_per_second);
  auto deadline = steady_clock::now() + planned + kGathering;
  std::size_t most = 0;
  while (crowd.size() < attack.connections && steady_clock::now() < deadline) {
    if (crowd.size() > most) {
      most = crowd.size();
      deadline = std::max(deadline, steady_clock::now() + kGathering);
    }
    std::this_thread::sleep_for(milliseconds(10));
  }
}

/// The counters once at most `active` connections are left and nothing happens any more.
std::expected<ServerCounters, std::string> settled(CountersReader& reader, std::uint64_t active) {
  const auto deadline = steady_clock::now() + kSettling;
  std::uint64_t before = 0;
  for (;;) {
    auto now = reader.read();
    if (!now) return now;
    const std::uint64_t taken =
        now->at("connections_accepted") + now->at("connections_refused_total_limit");
    const bool quiet = std::exchange(before, taken) + 1 == taken;  // this reading
    if (quiet && now->at("connections_active") <= active) return now;
    if (steady_clock::now() > deadline) {
      return std::unexpected(
          fmt::format("{} connections are open long after the attack, {} were before it",
                      now->at("connections_active"), active));
    }
    std::this_thread::sleep_for(milliseconds(100));
  }
}

ServerCounters difference(const ServerCounters& before, const ServerCounters& after) {
  ServerCounters rise;
  for (const auto& [name, value] : after) rise[name] = value - before.at(name);
  return rise;
}

std::uint64_t sum_of(const ServerCounters& counters, std::string_view prefix) {
  std::uint64_t sum = 0;
  for (const auto& [name, value] : counters) sum += name.starts_with(prefix) ? value : 0;
  return sum;
}

class Judge {
 public:
  explicit Judge(TrialResult& result) : result_(result) {}

  void judge(const Attack& attack) {
    const Expectation& expectation = attack.expectation;
    require(
        !expectation.all_are_held || result_.held == attack.connections,
        fmt::format("{} connections were held instead of {}", result_.held, attack.connections));
    judge_connections();
    judge_answers(expectation);
    judge_victims();
    require(result_.memory_peak <= result_.memory_bound,
            fmt::format("{} MiB in use, more than {} MiB", result_.memory_peak / kMebibyte,
                        result_.memory_bound / kMebibyte));
    require(result_.during.at("buffered_bytes") == 0, "memory is still held for buffers");
  }

 private:
  /// Every connection is accounted for.
  void judge_connections() {
    const ServerCounters& rise = result_.during;
    const std::uint64_t opened =
        result_.crowd.opened + result_.victims.connections + result_.readings;
    const std::uint64_t taken =
        rise.at("connections_accepted") + sum_of(rise, "connections_refused_");
    // One that was given up while it was being set up may be known to one side only.
    const std::uint64_t unsure = result_.crowd.not_opened;
    require(taken <= opened + unsure && opened <= taken + unsure,
            fmt::format("{} connections were opened, the server counted {}", opened, taken));
    require(rise.at("connections_accepted") == sum_of(rise, kEnded) + rise.at("connections_active"),
            fmt::format("{} connections were accepted, {} ended and {} more are open",
                        rise.at("connections_accepted"), sum_of(rise, kEnded),
                        static_cast<std::int64_t>(rise.at("connections_active"))));
    require(result_.crowd.opened > 0, "the attack opened no connection");
  }

  void judge_answers(const Expectation& expectation) {
    const CrowdCounts& crowd = result_.crowd;
    for (const auto& [status, count] : crowd.answers) {
      require(expectation.statuses.empty() || expectation.statuses.contains(status),
              fmt::format("{} answers {} instead of {}", count, status,
                          fmt::join(expectation.statuses, ", ")));
    }
    require(crowd.bare_refusals == 0, fmt::format("{} refusals say nothing", crowd.bare_refusals));
    require(crowd.not_http == 0, fmt::format("{} connections got no HTTP", crowd.not_http));
    const std::uint64_t counted = result_.during.at("connections_ended_by_timeout") +
                                  result_.during.at("connections_ended_for_room");
    require(crowd.unanswered + crowd.cut_off <= counted,
            fmt::format("{} connections were ended without an answer and {} within one, but the "
                        "server counted {}",
                        crowd.unanswered, crowd.cut_off, counted));
    if (!expectation.every_connection_is_answered) return;
    require(crowd.unanswered == 0, fmt::format("{} connections got no answer", crowd.unanswered));
    require(!crowd.answers.empty(), "nothing was answered");
  }

  void judge_victims() {
    const VictimsReport& victims = result_.victims;
    const std::uint64_t for_room = result_.during.at("connections_ended_for_room");
    require(victims.reconnections <= for_room,
            fmt::format("{} victims lost their connections, {} had to make room",
                        victims.reconnections, for_room));
    if (victims.wrong == 0) return;
    require(false, fmt::format("{} victims' answers are wrong or missing, as: {}", victims.wrong,
                               fmt::join(victims.problems, "; ")));
  }

  void require(bool holds, std::string problem) {
    if (!holds) result_.problems.push_back(std::move(problem));
  }

  TrialResult& result_;
};

}  // namespace

std::expected<TrialResult, std::string> try_attack(const Siege& siege, const Attack& attack,
                                                   Victims& victims, CountersReader& counters) {
  const auto before = counters.read();
  if (!before) return std::unexpected(before.error());
  const std::uint64_t readings = counters.connections();
  TrialResult result;
  result.memory_before = resident_bytes(siege.server);
  result.memory_bound = result.memory_before + siege.buffered_bytes + kAllowance +
                        attack.connections * kBytesPerConnection;
  MemoryWatch memory(siege.server);
  Crowd crowd(attack, siege.port);
  gather(crowd, attack);
  crowd.give_way();
  result.held = crowd.size();
  result.victims = victims.work(siege.duration);
  result.crowd = crowd.stop();
  result.memory_peak = memory.peak();
  const auto after = settled(counters, before->at("connections_active"));
  if (!after) return std::unexpected(after.error());
  result.readings = counters.connections() - readings;
  result.during = difference(*before, *after);
  Judge(result).judge(attack);
  return result;
}

}  // namespace marconi::siege
