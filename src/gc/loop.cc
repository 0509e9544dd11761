#include "gc/loop.h"

#include <utility>

namespace marconi::gc {

Loop::Loop(storage::Collector& collector, Schedule schedule, Surroundings surroundings,
           std::vector<PassListener*> listeners, observability::Logger logger)
    : collector_(collector),
      schedule_(schedule),
      surroundings_(std::move(surroundings)),
      listeners_(std::move(listeners)),
      logger_(logger) {}

base::Result<void> Loop::run(const std::stop_token& stop) {
  if (schedule_.once) return make_pass(stop);
  const std::chrono::nanoseconds interval = schedule_.interval;
  const auto offset = base::random_fraction(surroundings_.random) * interval;
  auto pause = std::chrono::duration_cast<std::chrono::nanoseconds>(offset);
  while (surroundings_.wait(pause, stop)) {
    (void)make_pass(stop);
    pause = interval;
  }
  return {};
}

base::Result<void> Loop::make_pass(const std::stop_token& stop) {
  const auto start = surroundings_.clock.monotonic_now();
  Pass pass;
  const auto done = collector_.collect([&](const storage::Collected& so_far) {
    pass.collected = so_far;
    for (auto* listener : listeners_) listener->on_progress(so_far);
    return !stop.stop_requested();
  });
  if (!done) pass.failure = done.error().description;
  pass.ended = surroundings_.clock.utc_now();
  pass.duration = surroundings_.clock.monotonic_now() - start;
  for (auto* listener : listeners_) listener->on_end(pass);
  log(pass);
  return done;
}

void Loop::log(const Pass& pass) const {
  const auto& did = pass.collected;
  logger_.info("a pass has ended",
               {{"queues", did.queues},
                {"expired_messages", did.expired_messages},
                {"orphaned_messages", did.orphaned_messages},
                {"completed_posts", did.completed_posts},
                {"raised_counters", did.raised_counters},
                {"seconds", std::chrono::duration<double>(pass.duration).count()}});
  if (!pass.failure) return;
  logger_.warning("a pass could not do everything; the next one tries again",
                  {{"failures", did.failures}, {"reason", *pass.failure}});
}

}  // namespace marconi::gc
