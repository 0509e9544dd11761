// Counts of passes in the text format of Prometheus, in a file that its node exporter reads.
#pragma once

#include <filesystem>
#include <string>

#include "gc/pass.h"
#include "observability/log.h"

namespace marconi::gc {

/// Writes the file anew after each pass, at one instant, so that no reader sees half of it. Counts
/// begin at zero with the program.
class MetricsFile final : public PassListener {
 public:
  MetricsFile(std::filesystem::path path, observability::Logger logger);

  /// A file that cannot be written is logged.
  void on_end(const Pass& pass) override;

 private:
  [[nodiscard]] std::string text(const Pass& last) const;

  std::filesystem::path path_;
  observability::Logger logger_;
  storage::Collected totals_;
  std::uint64_t passes_ = 0;
  std::uint64_t failed_passes_ = 0;
};

}  // namespace marconi::gc
