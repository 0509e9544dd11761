// marconi-siege: attacks a server and measures what that does to its other clients.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "history/http_client.h"
#include "history/server_process.h"
#include "siege/attack.h"
#include "siege/processors.h"
#include "siege/report.h"
#include "siege/trial.h"

namespace {

using namespace marconi::siege;
namespace history = marconi::history;
namespace fs = std::filesystem;

constexpr std::uint64_t kBufferedBytes = 64 * 1024 * 1024;
constexpr double kMaxSlowdown = 2;
const Target kTarget{.small_list = "/v2/queues/small/messages?echo=true",
                     .large_list = "/v2/queues/large/messages?echo=true",
                     .post = "/v2/queues/posts/messages"};

struct Options {
  fs::path server;
  fs::path scratch;
  bool is_short = false;
  bool strict = false;
  double seconds = 6;
  double quiet_seconds = 3;
  std::vector<std::string> only;
  fs::path json;
  fs::path page;

  [[nodiscard]] std::size_t max_connections() const { return is_short ? 2000 : 10'100; }
};

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// Room for the connections of an attack. An error if there is not enough.
std::expected<void, std::string> raise_open_files_limit(std::size_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t needed = connections + 1500;
  if (limit.rlim_max < needed) {
    return std::unexpected(fmt::format(
        "needs {} open files, for this program and for the server; the hard limit is {}", needed,
        limit.rlim_max));
  }
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return {};
}

std::vector<std::string> server_options(const Options& options) {
  return {"DEFAULT.admin_mode=true",
          fmt::format("server.max_connections={}", options.max_connections()),
          fmt::format("server.max_buffered_bytes={}", kBufferedBytes),
          fmt::format("server.header_timeout={}", options.is_short ? 1 : 2),
          fmt::format("server.body_timeout={}", options.is_short ? 1 : 3),
          fmt::format("server.write_timeout={}", options.is_short ? 1 : 3),
          "server.idle_timeout=60"};
}

/// The messages that attacks ask for.
std::expected<void, std::string> fill_queues(std::uint16_t port) {
  history::HttpClient client(port, std::chrono::seconds(10));
  const auto post = [&](const std::string& queue, std::size_t bytes) {
    const auto answer = client.exchange(
        {"POST",
         fmt::format("/v2/queues/{}/messages", queue),
         {{"Client-ID", "7e55b4f6-2a3c-4d0a-9a6b-0d8f6f6e1c11"}, {"X-Project-Id", "siege"}},
         fmt::format(R"({{"messages": [{{"ttl": 3600, "body": "{}"}}]}})",
                     std::string(bytes, 'm'))});
    return answer && answer->status == 201;
  };
  for (int i = 0; i < 20; ++i) {
    if (!post("small", 10) || !post("large", 200'000)) {
      return std::unexpected("the server did not take the messages for the attacks");
    }
  }
  return {};
}

std::vector<Attack> chosen(const Options& options) {
  std::vector<Attack> all = attacks(kTarget, options.max_connections());
  if (!options.only.empty()) {
    std::erase_if(all, [&](const Attack& attack) {
      return std::ranges::find(options.only, attack.name) == options.only.end();
    });
  }
  return all;
}

/// Alternates quiet and attacks. Shows each as soon as the quiet after it has been measured.
std::expected<std::vector<Finding>, std::string> run(const Options& options, const Siege& siege,
                                                     const std::vector<Attack>& attacks) {
  Victims victims(siege.port);
  CountersReader counters(siege.port);
  // What happens only at the beginning is not measured.
  const VictimsReport warm_up = victims.work(std::chrono::milliseconds(500));
  if (warm_up.wrong > 0) return std::unexpected(warm_up.problems.front());
  if (auto first = counters.read(); !first) return std::unexpected(first.error());
  const auto be_quiet = [&] { return victims.work(milliseconds_of(options.quiet_seconds)); };
  std::vector<Finding> findings;
  VictimsReport quiet = be_quiet();
  say(heading());
  for (const Attack& attack : attacks) {
    auto result = try_attack(siege, attack, victims, counters);
    if (!result) return std::unexpected(fmt::format("{}: {}", attack.name, result.error()));
    const VictimsReport after = be_quiet();
    quiet.add(after);
    findings.push_back({&attack, std::move(*result), quiet});
    quiet = after;
    say(line_of(findings.back()));
    for (const auto& problem : findings.back().result.problems) say("  " + problem + "\n");
  }
  return findings;
}

bool write(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file)
    std::fputs(fmt::format("marconi-siege: cannot write {}\n", path.string()).c_str(), stderr);
  return !file.fail();
}

/// The exit code.
int conclude(const Options& options, const std::vector<Finding>& findings) {
  const auto failed = std::ranges::count_if(
      findings, [](const Finding& finding) { return !finding.result.problems.empty(); });
  const auto slow = std::ranges::count_if(
      findings, [](const Finding& finding) { return slowdown(finding) > kMaxSlowdown; });
  say(
      fmt::format("{} attacks: {} passed, {} failed; under {} the 99th percentile was more than "
                  "{} times that of the quiet\n",
                  findings.size(), static_cast<std::ptrdiff_t>(findings.size()) - failed, failed,
                  slow, kMaxSlowdown));
  bool written = options.json.empty() || write(options.json, as_json(findings));
  if (!options.page.empty()) {
    written = write(options.page,
                    as_page(findings, fmt::format("./dev siege --seconds {} --quiet-seconds {} "
                                                  "--write-docs docs/hostile-load.md",
                                                  options.seconds, options.quiet_seconds))) &&
              written;
  }
  return failed == 0 && written && !(options.strict && slow > 0) ? 0 : 1;
}

std::expected<int, std::string> besiege(const Options& options) {
  const std::vector<Attack> attacks = chosen(options);
  if (attacks.empty()) return std::unexpected("no such attack; --list shows them");
  if (auto raised = raise_open_files_limit(options.max_connections() + 1000); !raised) {
    return std::unexpected(raised.error());
  }
  history::ServerProcess server({.program = options.server,
                                 .directory = options.scratch,
                                 .options = server_options(options),
                                 .preload = {},
                                 .fault_page = {}});
  move_to(Side::server);
  if (auto started = server.start(); !started) return std::unexpected(started.error());
  move_to(Side::clients);
  if (auto filled = fill_queues(server.port()); !filled) return std::unexpected(filled.error());
  const auto findings = run(options,
                            {.port = server.port(),
                             .server = child_process(),
                             .duration = milliseconds_of(options.seconds),
                             .buffered_bytes = kBufferedBytes},
                            attacks);
  if (auto alive = server.check_alive(); !alive) return std::unexpected(alive.error());
  if (!findings) return std::unexpected(findings.error());
  if (auto ended = server.terminate(std::chrono::seconds(40)); !ended) {
    return std::unexpected(ended.error());
  }
  return conclude(options, *findings);
}

void declare(CLI::App& app, Options& options) {
  app.add_option("--server", options.server, "the marconi-server to attack")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_flag("--short", options.is_short,
               "fewer connections and about a second for each attack: for what needs no measuring");
  app.add_option("--seconds", options.seconds, "time to measure under each attack")
      ->check(CLI::Range(0.5, 3600.0))
      ->capture_default_str();
  app.add_option("--quiet-seconds", options.quiet_seconds, "time to measure between attacks")
      ->check(CLI::Range(0.5, 3600.0))
      ->capture_default_str();
  app.add_option("--only", options.only, "run this attack only; may be repeated");
  app.add_flag("--strict", options.strict,
               fmt::format("fail if the victims' 99th percentile exceeds {} times its quiet value",
                           kMaxSlowdown));
  app.add_option("--json", options.json, "write the results to this file");
  app.add_option("--write-docs", options.page, "write the page of the documentation to this file");
  app.add_flag_callback(
      "--list",
      [&options] {
        for (const Attack& attack : attacks(kTarget, options.max_connections())) {
          say(fmt::format("{:<28}{}\n", attack.name, attack.what));
        }
        throw CLI::Success();
      },
      "show the attacks");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.server = fs::canonical("/proc/self/exe").parent_path() / "marconi-server";
  CLI::App app(
      "Starts a marconi-server over a store of its own, attacks it in many ways, and checks that\n"
      "its other clients get right answers in time, that its memory stays bounded, and that its\n"
      "counters account for every connection. Exit code 1 if not; of the times, only with "
      "--strict.");
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  if (options.is_short) {
    options.seconds = 1.3;
    options.quiet_seconds = 0.3;
  }
  std::string scratch = fs::temp_directory_path() / "marconi-siege-XXXXXX";
  if (::mkdtemp(scratch.data()) == nullptr) {
    std::fputs("marconi-siege: cannot make a temporary directory\n", stderr);
    return 1;
  }
  options.scratch = scratch;
  const auto code = besiege(options);
  fs::remove_all(options.scratch);
  if (!code) std::fputs(fmt::format("marconi-siege: {}\n", code.error()).c_str(), stderr);
  return code.value_or(1);
}
