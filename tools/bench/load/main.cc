// marconi-load: sends one kind of request to a server on this machine and prints what it measured
// as a line of JSON.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "run.h"

namespace {

using marconi::load::Measured;
using marconi::load::Plan;

std::string contents(const std::string& path) {
  std::ifstream source(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(source), {}};
}

std::string json(const Measured& measured) {
  constexpr std::array<std::pair<const char*, double>, 6> kPercentiles{
      {{"p50", .5}, {"p90", .9}, {"p95", .95}, {"p99", .99}, {"p99.9", .999}, {"p99.99", .9999}}};
  constexpr double kMicrosecond = 1e3;
  const auto& latencies = measured.latencies;
  auto text = fmt::format(
      R"({{"requests": {}, "all_requests": {}, "failed": {}, "dry": {}, "seconds": {:.4f}, "rate": {:.2f})",
      latencies.count(), measured.all_requests, measured.failed, measured.dry, measured.seconds,
      measured.seconds > 0 ? static_cast<double>(latencies.count()) / measured.seconds : 0.0);
  text += fmt::format(R"(, "latency_us": {{"mean": {:.1f})", latencies.mean() / kMicrosecond);
  for (const auto& [name, share] : kPercentiles) {
    text += fmt::format(R"(, "{}": {:.1f})", name,
                        static_cast<double>(latencies.percentile(share)) / kMicrosecond);
  }
  return text +
         fmt::format(R"(, "max": {:.1f}}}}})", static_cast<double>(latencies.max()) / kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  std::vector<std::string> requests;
  std::string follow_up;
  double warm_up = 0;
  double seconds = 1;
  CLI::App app(
      "Sends one kind of request to a server on 127.0.0.1 from one thread and prints, as "
      "a line of JSON, how many it answered and how long each took.");
  app.add_option("--protocol", plan.protocol, "http, redis or beanstalk")->required();
  app.add_option("--port", plan.port, "where the server listens")->required();
  app.add_option("--request", requests, "file with the bytes of a request; several take turns")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option(
         "--follow-up", follow_up,
         "file with a second request, sent after each answer to the first, with {id}, {ids} "
         "or {href} for what that answer named")
      ->check(CLI::ExistingFile);
  app.add_option("--connections", plan.connections, "how many")->check(CLI::PositiveNumber);
  app.add_option("--warm-up", warm_up, "seconds that are not counted")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seconds", seconds, "seconds that are counted")->check(CLI::PositiveNumber);
  app.add_option("--rate", plan.rate,
                 "requests a second, evenly spaced, latencies from when each was due; without it "
                 "each connection sends as soon as it has been answered")
      ->check(CLI::PositiveNumber);
  app.add_option("--requests", plan.requests, "end after that many instead of --seconds");
  CLI11_PARSE(app, argc, argv);

  for (const auto& path : requests) {
    plan.script.requests.push_back(contents(path));
  }
  plan.script.follow_up = follow_up.empty() ? "" : contents(follow_up);
  plan.warm_up = std::chrono::duration<double>(warm_up);
  plan.length = std::chrono::duration<double>(seconds);
  const auto measured = marconi::load::run(plan);
  if (!measured) {
    fmt::print(stderr, "marconi-load: {}\n", measured.error());
    return 1;
  }
  fmt::print("{}\n", json(*measured));
  return 0;
}
