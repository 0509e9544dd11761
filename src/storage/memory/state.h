// What a memory store holds, and how its parts get at it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "storage/memory/queue.h"

namespace marconi::storage::memory {

/// The queues of one project, in byte order of their names.
using Project = std::map<std::string, Queue, std::less<>>;

/// Everything of one store. Only for use through Access.
struct State {
  State(const base::Clock& the_clock, base::Random& the_random)
      : clock(the_clock), random(the_random) {}

  std::mutex mutex;
  StoreClock clock;
  base::Random& random;
  std::map<ProjectId, Project> projects;

  /// At or above every marker of every removed queue. New queues start here, so that an observer
  /// who holds a marker of a removed queue misses nothing of the one that takes its name.
  Marker marker_floor;
};

/// One operation's turn at the state: holds the lock and stops the clock.
class Access {
 public:
  explicit Access(State& state) : lock_(state.mutex), state_(state), now_(state.clock.now()) {}

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] base::Random& random() { return state_.random; }

  /// The queue, with nothing in it that has ended; null if there is none.
  [[nodiscard]] Queue* find(const QueueAddress& address);

  /// Makes an empty queue. False if it exists, which changes nothing.
  bool create(const QueueAddress& address, domain::SharedQueueMetadata metadata);

  void remove(const QueueAddress& address);

  /// A project's queues, some perhaps with things in them that have ended.
  [[nodiscard]] const Project& project(const ProjectId& id) const;

  /// Drops all that has ended; returns how many messages and claims that were.
  std::uint64_t forget_ended();

 private:
  std::lock_guard<std::mutex> lock_;
  State& state_;
  Instant now_;
};

}  // namespace marconi::storage::memory
