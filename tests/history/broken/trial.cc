#include "history/broken/trial.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "api/application.h"
#include "base/clock.h"
#include "base/random.h"
#include "service/claim_service.h"
#include "service/health_service.h"
#include "service/message_service.h"
#include "service/queue_service.h"
#include "transport/http/server.h"

namespace marconi::history::broken {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// A minute, the shortest life of anything, passes in a second.
constexpr int kSpeed = 60;

constexpr std::size_t kEnoughMishaps = 8;
constexpr auto kShortestRun = milliseconds(400);
constexpr auto kLongestRun = std::chrono::seconds(6);
/// For what takes time: by then, things that began before have ended.
constexpr auto kUntilEnds = milliseconds(2'500);

/// Runs kSpeed times as fast as the machine's.
class FastClock final : public base::Clock {
 public:
  [[nodiscard]] base::UtcMillis utc_now() const override {
    constexpr base::UtcMillis kStart = 1'700'000'000'000;
    return kStart + std::chrono::duration_cast<milliseconds>(monotonic_now()).count();
  }
  [[nodiscard]] nanoseconds monotonic_now() const override {
    return kSpeed * (steady_clock::now() - begin_);
  }

  /// The time of this clock at a time of the clients' clock.
  [[nodiscard]] Time at(Time clients_time) const {
    return kSpeed * (clients_time - nanoseconds(begin_.time_since_epoch()).count());
  }

 private:
  steady_clock::time_point begin_ = steady_clock::now();
};

/// The rooms of the real server, on top of a store.
class Server {
 public:
  Server(storage::Store& store, const base::Clock& clock, base::Random& random,
         bool deletes_with_claims)
      : queues_(store.queues(), limits_),
        messages_(store.queues(), store.messages(), limits_),
        claims_(store.claims(), limits_),
        health_(store, clock, random),
        application_({queues_, messages_, claims_, health_}, api_options(deletes_with_claims)),
        http_(transport::http::Server::start(options(), application_, store.commits())) {
    if (!http_) throw std::runtime_error(http_.error().description);
  }

  [[nodiscard]] std::uint16_t port() const { return (*http_)->port(); }

 private:
  static api::ApiOptions api_options(bool deletes_with_claims) {
    api::ApiOptions options;
    options.message_delete_with_claim_id = deletes_with_claims;
    return options;
  }

  static transport::http::ServerOptions options() {
    transport::http::ServerOptions options;
    options.port = 0;
    options.event_loops = 2;
    options.worker_threads = 2;
    return options;
  }

  const domain::Limits limits_;
  service::QueueService queues_;
  service::MessageService messages_;
  service::ClaimService claims_;
  service::HealthService health_;
  api::Application application_;
  base::Result<std::unique_ptr<transport::http::Server>> http_;
};

WorkloadOptions workload_options(const Defect& defect, std::uint64_t seed, std::uint16_t port) {
  WorkloadOptions options;
  options.producers = 3;
  options.observers = 4;
  options.consumers = 3;
  options.deletes_with_claims = defect.deletes_with_claims;
  options.deleters = 1;
  options.queues = 2;
  // What takes time shows when workers find nothing that is free, so they must keep up.
  options.pace = defect.takes_time ? 20 : 5;
  options.seed = seed;
  options.client.ports = {port};
  return options;
}

void wait_for(const Defect& defect, const Mishaps& mishaps) {
  const auto begin = steady_clock::now();
  const auto passed = [&] { return steady_clock::now() - begin; };
  const std::size_t enough = defect.chance > 0 ? kEnoughMishaps : 0;
  while (passed() < kShortestRun || (mishaps.count() < enough && passed() < kLongestRun)) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  if (defect.takes_time) std::this_thread::sleep_for(kUntilEnds);
}

}  // namespace

Trial try_server(const Defect& defect, std::uint64_t seed) {
  const FastClock clock;
  base::SystemRandom random;
  Mishaps mishaps(defect.chance, seed);
  const auto store = defect.make(clock, random, mishaps);
  const Server server(*store, clock, random, defect.deletes_with_claims);

  Workload workload(workload_options(defect, seed, server.port()));
  if (!workload.start()) throw std::runtime_error("the queues cannot be made");
  wait_for(defect, mishaps);
  Trial trial;
  trial.recording = workload.finish();
  trial.mishaps = mishaps.count();
  for (Event& event : trial.recording.history.events) {
    event.start = clock.at(event.start);
    event.end = clock.at(event.end);
  }
  trial.judgement = check(trial.recording.history);
  return trial;
}

}  // namespace marconi::history::broken
