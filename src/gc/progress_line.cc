#include "gc/progress_line.h"

#include <fmt/format.h>

namespace marconi::gc {
namespace {

constexpr std::chrono::milliseconds kPause{200};
constexpr auto kWipe = "\r\x1b[K";

}  // namespace

void ProgressLine::on_progress(const storage::Collected& so_far) {
  const auto now = clock_.monotonic_now();
  if (now < next_) return;
  next_ = now + kPause;
  terminal_ << kWipe
            << fmt::format("{} queues; removed: {} expired, {} orphaned; repaired: {}",
                           so_far.queues, so_far.expired_messages, so_far.orphaned_messages,
                           so_far.completed_posts + so_far.raised_counters)
            << std::flush;
}

void ProgressLine::on_end(const Pass& /*pass*/) { terminal_ << kWipe << std::flush; }

}  // namespace marconi::gc
