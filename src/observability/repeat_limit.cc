#include "observability/repeat_limit.h"

#include <utility>

namespace marconi::observability {
namespace {

constexpr std::size_t kMaxRuns = 512;

std::string key_of(const Record& record) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(record.level)));
  key += record.room;
  key += '\0';
  key += record.message;
  return key;
}

}  // namespace

std::optional<std::uint64_t> RepeatLimit::admit(const Record& record) {
  const auto key = key_of(record);
  const std::scoped_lock lock(mutex_);
  const auto now = clock_.monotonic_now();
  auto* run = find_run(key, now);
  if (run == nullptr) return 0;
  if (now - run->start >= window_) {
    run->start = now;
    run->passed = 0;
  }
  if (run->passed >= burst_) {
    ++run->suppressed;
    return std::nullopt;
  }
  ++run->passed;
  return std::exchange(run->suppressed, 0);
}

RepeatLimit::Run* RepeatLimit::find_run(const std::string& key, std::chrono::nanoseconds now) {
  if (const auto found = runs_.find(key); found != runs_.end()) return &found->second;
  if (runs_.size() >= kMaxRuns) {
    std::erase_if(runs_, [&](const auto& run) { return now - run.second.start >= window_; });
    if (runs_.size() >= kMaxRuns) return nullptr;
  }
  return &runs_.emplace(key, Run{now, 0, 0}).first->second;
}

}  // namespace marconi::observability
