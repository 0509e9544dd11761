#include "storage/embedded/options.h"

#include <charconv>

namespace marconi::storage::embedded {

std::optional<SyncMode> SyncMode::from(std::string_view text) {
  if (text == "always") return SyncMode{Kind::always, {}};
  if (text == "never") return SyncMode{Kind::never, {}};
  constexpr std::string_view kInterval = "interval:";
  if (!text.starts_with(kInterval)) return std::nullopt;
  text.remove_prefix(kInterval.size());
  int milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (milliseconds < 1 || milliseconds > 3'600'000) return std::nullopt;
  return SyncMode{Kind::interval, std::chrono::milliseconds(milliseconds)};
}

}  // namespace marconi::storage::embedded
