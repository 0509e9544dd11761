#include "storage/memory/state.h"

#include <algorithm>
#include <utility>

namespace marconi::storage::memory {

Queue* Access::find(const QueueAddress& address) {
  const auto project = state_.projects.find(address.project);
  if (project == state_.projects.end()) return nullptr;
  const auto queue = project->second.find(address.name.text());
  if (queue == project->second.end()) return nullptr;
  queue->second.forget_ended(now_);
  return &queue->second;
}

bool Access::create(const QueueAddress& address, domain::SharedQueueMetadata metadata) {
  return state_.projects[address.project]
      .try_emplace(address.name.text(), std::move(metadata), state_.marker_floor)
      .second;
}

void Access::remove(const QueueAddress& address) {
  const Queue* queue = find(address);
  if (!queue) return;
  state_.marker_floor = std::max(state_.marker_floor, queue->last_marker());
  const auto project = state_.projects.find(address.project);
  project->second.erase(address.name.text());
  if (project->second.empty()) state_.projects.erase(project);
}

const Project& Access::project(const ProjectId& id) const {
  static const Project kNone;
  const auto project = state_.projects.find(id);
  return project == state_.projects.end() ? kNone : project->second;
}

std::uint64_t Access::forget_ended() {
  std::uint64_t forgotten = 0;
  for (auto& [id, project] : state_.projects) {
    for (auto& [name, queue] : project) forgotten += queue.forget_ended(now_);
  }
  return forgotten;
}

}  // namespace marconi::storage::memory
