#include "gc/metrics_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace marconi::gc {
namespace {

namespace fs = std::filesystem;
using storage::Collected;

struct Count {
  const char* name;
  const char* help;
  std::uint64_t Collected::* field;
};

constexpr Count kCounts[] = {
    {"expired_messages_removed", "Expired messages removed.", &Collected::expired_messages},
    {"orphaned_messages_removed", "Messages removed that came to removed queues.",
     &Collected::orphaned_messages},
    {"posts_completed", "Posts of dead posters made visible in full.", &Collected::completed_posts},
    {"counters_raised", "Counters of queues that a dead poster had stalled.",
     &Collected::raised_counters},
    {"failures", "Steps that failed.", &Collected::failures},
};

void append(std::string& text, std::string_view name, std::string_view type, std::string_view help,
            const std::string& value) {
  text += fmt::format("# HELP marconi_gc_{0} {1}\n# TYPE marconi_gc_{0} {2}\nmarconi_gc_{0} {3}\n",
                      name, help, type, value);
}

void append_counter(std::string& text, std::string_view name, std::string_view help,
                    std::uint64_t value) {
  append(text, fmt::format("{}_total", name), "counter", help, std::to_string(value));
}

/// Why the file was not written, or nothing.
std::error_code replace_file(const fs::path& path, const std::string& text) {
  auto fresh = path;
  fresh += ".new";
  errno = 0;
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return {errno != 0 ? errno : EIO, std::generic_category()};
  std::error_code error;
  fs::rename(fresh, path, error);
  return error;
}

}  // namespace

MetricsFile::MetricsFile(fs::path path, observability::Logger logger)
    : path_(std::move(path)), logger_(logger) {}

void MetricsFile::on_end(const Pass& pass) {
  ++passes_;
  if (pass.failure) ++failed_passes_;
  for (const auto& count : kCounts) totals_.*count.field += pass.collected.*count.field;
  if (const auto error = replace_file(path_, text(pass))) {
    logger_.warning("the metrics file cannot be written",
                    {{"file", path_.string()}, {"reason", error.message()}});
  }
}

std::string MetricsFile::text(const Pass& last) const {
  std::string text;
  append_counter(text, "passes", "Passes made.", passes_);
  append_counter(text, "failed_passes", "Passes that could not do everything.", failed_passes_);
  for (const auto& [name, help, field] : kCounts) append_counter(text, name, help, totals_.*field);
  append(text, "last_pass_queues", "gauge", "Queues that the last pass looked at.",
         std::to_string(last.collected.queues));
  append(text, "last_pass_end_timestamp_seconds", "gauge", "When the last pass ended.",
         fmt::format("{:.3f}", static_cast<double>(last.ended) / 1000));
  append(text, "last_pass_duration_seconds", "gauge", "How long the last pass took.",
         fmt::format("{:.3f}", std::chrono::duration<double>(last.duration).count()));
  return text;
}

}  // namespace marconi::gc
