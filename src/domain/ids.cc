#include "domain/ids.h"

#include <charconv>

namespace marconi::domain {

std::optional<Marker> Marker::from(std::string_view text) {
  Marker marker;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), marker.value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return marker;
}

}  // namespace marconi::domain
