#include "probe.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "http_client.h"

namespace marconi::scale {

namespace {

using Clock = std::chrono::steady_clock;

// Between two passes over a script that starts over, so that the client leaves room for the server.
constexpr std::chrono::milliseconds kPause{1};

struct Step {
  bool timed = false;
  bool shown = false;
  std::string method;
  std::string target;
  std::string client;
  std::string body;
};

std::string cut(std::string& line) {
  const auto tab = line.find('\t');
  auto field = line.substr(0, tab);
  line.erase(0, tab == line.npos ? tab : tab + 1);
  return field;
}

std::vector<Step> read_script(std::istream& in) {
  std::vector<Step> steps;
  for (std::string line; std::getline(in, line);) {
    auto& step = steps.emplace_back();
    const auto kind = cut(line);
    step.shown = kind == "shown";
    step.timed = step.shown || kind == "timed";
    step.method = cut(line);
    step.target = cut(line);
    step.client = cut(line);
    step.body = line;
  }
  return steps;
}

struct Result {
  double at = 0;  // seconds since the epoch
  int status = 0;
  std::int64_t nanoseconds = 0;
  std::size_t size = 0;
  std::string shown;
};

class Prober {
 public:
  explicit Prober(std::uint16_t port) : client_(port) {}

  void run(const Step& step) {
    const bool follows = step.target == "{location}";
    if (follows && location_.empty()) return;
    request_.clear();
    render({.method = step.method,
            .target = follows ? location_ : step.target,
            .client = step.client,
            .body = step.body},
           request_);
    const auto start = Clock::now();
    client_.send(request_);
    const auto answer = client_.receive();
    const auto end = Clock::now();
    location_ = answer.location();
    if (!step.timed) return;
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    results_.push_back({.at = now.count(),
                        .status = answer.status,
                        .nanoseconds = std::chrono::nanoseconds(end - start).count(),
                        .size = answer.body.size(),
                        .shown = step.shown ? std::string(answer.body) : std::string()});
  }

  [[nodiscard]] const std::vector<Result>& results() const { return results_; }

 private:
  HttpClient client_;
  std::string request_;
  std::string location_;
  std::vector<Result> results_;
};

}  // namespace

void probe(std::uint16_t port, std::istream& script, double seconds) {
  const auto steps = read_script(script);
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  Prober prober(port);
  do {
    for (const auto& step : steps) prober.run(step);
    if (seconds > 0) std::this_thread::sleep_for(kPause);
  } while (Clock::now() < end);
  for (const auto& result : prober.results()) {
    if (seconds > 0) fmt::print("{:.6f} ", result.at);
    fmt::print("{} {} {} {}\n", result.status, result.nanoseconds, result.size, result.shown);
  }
}

}  // namespace marconi::scale
