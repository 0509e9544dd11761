// Feeds arbitrary text to the INI reader: it must answer, and what it accepts must be well-formed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/ini.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = marconi::config::parse_ini(text, "fuzz.conf");
  if (!document) {
    if (!document.error().description.starts_with("fuzz.conf:")) std::abort();
    return 0;
  }
  for (const auto& assignment : document->assignments) {
    if (assignment.group.empty() || assignment.name.empty()) std::abort();
    if (assignment.origin.line < 1) std::abort();
  }
  return 0;
}
