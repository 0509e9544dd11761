#include <charconv>

#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr std::string_view kIntervalPrefix = "interval:";
constexpr int kLongestIntervalMillis = 3'600'000;

std::optional<std::string> check_sync(std::string_view text) {
  if (text == "always" || text == "never") return std::nullopt;
  int millis = 0;
  if (text.starts_with(kIntervalPrefix)) {
    text.remove_prefix(kIntervalPrefix.size());
    const auto* end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, millis);
    if (code == std::errc{} && stop == end && millis >= 1 && millis <= kLongestIntervalMillis) {
      return std::nullopt;
    }
  }
  return "always, never, or interval:<milliseconds> from 1 to 3600000";
}

std::optional<std::string> check_path(std::string_view text) {
  if (!text.empty()) return std::nullopt;
  return "a directory";
}

}  // namespace

std::vector<Option> own_store_options() {
  constexpr auto kGroup = "drivers:message_store:embedded";
  constexpr auto kOtherGroup = "drivers:management_store:embedded";
  return {
      option(Type::text, kGroup, "path", "/var/lib/marconi",
             "The directory of the store, made with mode 0700 if it is not there. One process at a "
             "time.")
          .shared_with(kOtherGroup)
          .checked_by(check_path),
      option(Type::text, kGroup, "sync", "always",
             "When an answer may be sent. always: once the change is synced to disk. "
             "interval:<milliseconds>: once it is written; it is synced that often, and what came "
             "since may be lost with the machine's power. never: once it is written; the operating "
             "system decides when it reaches the disk.")
          .shared_with(kOtherGroup)
          .checked_by(check_sync),
      integer(kGroup, "min_free_bytes", std::int64_t{256} << 20,
              "With less free space than this on the disk, posts are refused with 503 while "
              "everything else goes on.")
          .shared_with(kOtherGroup)
          .at_least(0),
  };
}

}  // namespace marconi::config
