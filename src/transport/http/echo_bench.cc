// Serves a constant answer, to measure what the transport alone costs:
//   taskset -c 0 http_echo_bench 8080 1 &
//   taskset -c 1 wrk -t1 -c64 -d10 http://127.0.0.1:8080/
// Prints the CPU time per request when its standard input ends.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "transport/http/server.h"

namespace {

using marconi::api::Request;
using marconi::api::Response;

class ConstantHandler final : public marconi::api::Handler {
 public:
  [[nodiscard]] std::uint64_t body_limit(std::string_view, std::string_view) const override {
    return 1024 * 1024;
  }
  Response handle(const Request&, marconi::base::Patience) override {
    Response response;
    response.status = 201;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = R"({"resources": ["/v2/queues/orders/messages/1"]})";
    return response;
  }
  [[nodiscard]] Response on_commit_failure(const Request&) const override { return unavailable(); }
  [[nodiscard]] Response on_overload() const override { return unavailable(); }

 private:
  static Response unavailable() {
    Response response;
    response.status = 503;
    return response;
  }
};

class SilentFeed final : public marconi::base::CommitFeed {
 public:
  void subscribe(marconi::base::CommitListener&) override {}
  void unsubscribe(marconi::base::CommitListener&) override {}
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  marconi::transport::http::ServerOptions options;
  options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  options.event_loops = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 1);
  ConstantHandler handler;
  SilentFeed feed;
  auto server = marconi::transport::http::Server::start(options, handler, feed);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().description.c_str());
    return 1;
  }
  std::printf("port %u\n", (*server)->port());
  std::fflush(stdout);
  const double before = cpu_seconds();
  while (std::getchar() != EOF) {
  }
  const double spent = cpu_seconds() - before;
  for (const auto& [name, value] : (*server)->counters()) {
    if (name == "requests" && value > 0) {
      std::printf("%llu requests, %.2f us CPU each\n", static_cast<unsigned long long>(value),
                  spent * 1e6 / static_cast<double>(value));
    }
  }
  (*server)->drain_and_stop();
}
